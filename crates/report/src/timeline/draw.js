// Draws a part of the recording into the pictures that show all of it.
const figure = document.getElementById("view");
const SVG = figure.querySelector("svg").namespaceURI;
const ANSWER = 56, LANE = 20, SIGNAL = 72, ATTENTION = 30;
const at = (number) => Math.round(number * 10) / 10;
const block = (left, top, right, bottom) => `M${at(left)} ${at(top)}H${at(right)}V${at(bottom)}H${at(left)}z`;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

// An empty picture with a path for each class.
function canvas(svg, classes) {
  svg.replaceChildren();
  return classes.map((name) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    svg.append(path);
    return path;
  });
}

const pictures = (() => {
  const svg = (name) => figure.querySelector(`.${name} svg`);
  const activityClasses = data.activities.map((_, i) => `c${i}`);
  const drawn = { answer: { svg: svg("answer"), paths: canvas(svg("answer"), activityClasses) } };
  if (answers && svg("probabilities")) {
    const classes = ["lane", ...activityClasses.slice(0, answers.lanes)];
    drawn.probabilities = { svg: svg("probabilities"), paths: canvas(svg("probabilities"), classes) };
  }
  if (answers?.attention && svg("attention")) {
    drawn.attention = { svg: svg("attention"), paths: canvas(svg("attention"), ["looked", "even"]) };
  }
  const classes = ["not-worn", "filled", "gap-stretch", "grid", "lane", "band s1", "band s2", "band s3"];
  drawn.signals = [...figure.querySelectorAll(".lanes")].slice(0, signals.length).map((box) => {
    const svg = box.querySelector("svg");
    return { box, svg, paths: canvas(svg, classes) };
  });
  return drawn;
})();

// Which activity took most of each column, and how sure it was; then a block for each run of columns.
function drawAnswer(view, width) {
  const kinds = data.activities.length, scale = width / (view.to - view.from);
  const share = new Float64Array(width * kinds), sure = new Float64Array(width * kinds);
  for (let i = above(segments.end, view.from); i < segments.count && segments.start[i] < view.to; i++) {
    const left = Math.max(0, (segments.start[i] - view.from) * scale);
    const right = Math.min(width, (segments.end[i] - view.from) * scale);
    for (let column = Math.floor(left); column < right; column++) {
      const part = Math.min(right, column + 1) - Math.max(left, column);
      share[column * kinds + segments.activity[i]] += part;
      sure[column * kinds + segments.activity[i]] += part * (segments.confidence[i] || 0);
    }
  }
  const paths = data.activities.map(() => ""), words = [];
  let open = null, word = null;
  for (let column = 0; column <= width; column++) {
    let most = -1, best = 0;
    for (let kind = 0; column < width && kind < kinds; kind++) {
      if (share[column * kinds + kind] > best) best = share[column * kinds + (most = kind)];
    }
    const top = most < 0 ? 0 : Math.round(ANSWER * (1 - Math.max(0.08, sure[column * kinds + most] / best)));
    if (open && (open.kind !== most || open.top !== top)) {
      paths[open.kind] += block(open.left, open.top, column, ANSWER);
      open = null;
    }
    if (word && word.kind !== most) {
      words.push({ ...word, right: column });
      word = null;
    }
    if (most >= 0) {
      open ??= { kind: most, left: column, top };
      word ??= { kind: most, left: column };
    }
  }
  paths.forEach((path, kind) => pictures.answer.paths[kind].setAttribute("d", path));
  const spans = words.flatMap(({ kind, left, right }) => {
    const { name, short } = data.activities[kind], room = right - left - 12;
    const text = [name, short].find((text) => text.length * 8.2 < room);
    if (!text) return [];
    const span = document.createElement("span");
    span.className = `k${kind}`;
    span.style.left = `${100 * left / width}%`;
    span.style.width = `${100 * (right - left) / width}%`;
    span.append(element("b", "", text));
    return [span];
  });
  figure.querySelector(".words").replaceChildren(...spans);
}

// For each column the steps in it, as first and end; the step that covers it where none begins in it; none in a gap.
function columnsOfSteps(view, width) {
  const columns = [];
  let first = answers.from(view.from);
  for (let column = 0; column < width; column++) {
    const end = answers.from(view.from + (column + 1) / width * (view.to - view.from));
    if (end > first) columns.push([first, end]);
    else {
      const step = answers.at(view.from + (column + 0.5) / width * (view.to - view.from));
      columns.push(step < 0 ? null : [step, step + 1]);
    }
    first = end;
  }
  return columns;
}

// Blocks of one height each; `tops` has NaN where there is nothing.
function skyline(tops, bottom) {
  let path = "", from = 0;
  for (let column = 1; column <= tops.length; column++) {
    if (column < tops.length && tops[column] === tops[from]) continue;
    if (tops[from] < bottom) path += block(from, tops[from], column, bottom);
    from = column;
  }
  return path;
}

function drawSteps(view, width) {
  const columns = columnsOfSteps(view, width);
  if (pictures.probabilities) {
    const [lines, ...paths] = pictures.probabilities.paths;
    const runs = columns.map((steps) => steps && [answers.run(steps[0]), answers.run(steps[1] - 1)]);
    lines.setAttribute("d", paths.map((_, lane) => `M0 ${(lane + 1) * LANE}H${width}`).join(""));
    paths.forEach((path, lane) => {
      const bottom = (lane + 1) * LANE;
      const tops = columns.map((steps, column) => {
        if (!steps) return NaN;
        const [first, last] = runs[column], [from, to] = steps;
        const mean = first === last ? answers.value(first, lane)
          : (answers.before(last, to, lane) - answers.before(first, from, lane)) / (to - from);
        return mean < 0.005 ? NaN : at(bottom - (LANE - 2) * mean);
      });
      path.setAttribute("d", skyline(tops, bottom));
    });
  }
  if (pictures.attention) {
    const { group, of } = answers.attention;
    const tops = columns.map((steps) => {
      let sum = 0, count = 0;
      for (let i = steps?.[0]; steps && i < steps[1]; i += group) {
        const weight = of(i);
        if (weight === weight) { sum += weight; count++; }
      }
      const share = count ? Math.min(1, Math.max(0, (Math.log2(sum / count) + 2) / 4)) : NaN;
      return at(ATTENTION * (1 - share));
    });
    pictures.attention.paths[0].setAttribute("d", skyline(tops, ATTENTION));
    pictures.attention.paths[1].setAttribute("d", `M0 ${ATTENTION / 2}H${width}`);
  }
}

// Round values within a range, about so many of them.
function niceTicks(low, high, target) {
  const rough = (high - low) / target, power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => rough / power <= factor * (1 + 1e-9)) ?? 10) * power;
  const digits = Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))), ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step && ticks.length < 40; i++) {
    ticks.push([i * step, (i * step).toFixed(digits).replace(/^-(0\.?0*$)/, "$1").replace("-", "−")]);
  }
  return ticks;
}

function drawSignal(signal, picture, view, width, ticks, fit) {
  const { start, values, count } = signal, scale = width / (view.to - view.from);
  const first = Math.max(0, above(start, view.from) - 2), end = Math.min(count, above(start, view.to) + 1);
  let low = Math.min(0, signal.low), high = Math.max(0, signal.high);
  // The span that all three axes share when each is drawn around its own middle.
  const middles = [0, 0, 0];
  if (fit) {
    let span = 0;
    for (let axis = 0; axis < 3; axis++) {
      let least = Infinity, most = -Infinity;
      for (let i = first; i < end; i++) {
        if (values[6 * i + axis] < least) least = values[6 * i + axis];
        if (values[6 * i + 3 + axis] > most) most = values[6 * i + 3 + axis];
      }
      if (most < least) continue;
      middles[axis] = (least + most) / 2;
      span = Math.max(span, most - least);
    }
    high = Math.max(span, 1e-3 * (signal.high - signal.low), 1e-9) / 2;
    low = -high;
  }
  const edge = 0.04 * (high - low) || 1;
  low -= edge;
  high += edge;
  const place = (value, axis) => at(SIGNAL * (axis + 1) - Math.min(1, Math.max(0, (value - middles[axis] - low) / (high - low))) * SIGNAL);
  for (const path of picture.paths.slice(0, 3)) {
    const kind = path.getAttribute("class");
    path.setAttribute("d", data.stretches.filter(([own, from, length]) => own === kind && from < view.to && from + length > view.from)
      .map(([, from, length]) => {
        const left = Math.max(-2, (from - view.from) * scale), right = Math.min(width + 2, (from + length - view.from) * scale);
        return block(left, 0, Math.max(right, left + 0.8), 3 * SIGNAL);
      }).join(""));
  }
  let grid = ticks.map((time) => `M${at((time - view.from) * scale)} 0V${3 * SIGNAL}`).join("");
  const labels = [];
  for (let axis = 0; axis < 3; axis++) {
    for (const [value, text] of niceTicks(low + middles[axis], high + middles[axis], fit ? 3 : 5)) {
      const y = place(value, axis);
      grid += `M0 ${y}H${width}`;
      // Next to the edge a label would stand upon that of the next lane.
      if (Math.abs(y - SIGNAL * (axis + 0.5)) >= SIGNAL / 2 - 6) continue;
      const label = document.createElement("i");
      label.style.top = `${y}px`;
      label.textContent = text;
      labels.push(label);
    }
    picture.paths[5 + axis].setAttribute("d", axisPath(signal, axis, first, end, view, scale, place));
  }
  picture.paths[3].setAttribute("d", grid);
  picture.paths[4].setAttribute("d", `M0 ${SIGNAL}H${width}M0 ${2 * SIGNAL}H${width}`);
  picture.box.querySelectorAll("i").forEach((label) => label.remove());
  picture.box.append(...labels);
}

// The area from the smallest to the largest value, one for each run without a pause; a column has one corner of each.
function axisPath({ start, values, width: length }, axis, first, end, view, scale, place) {
  let path = "", run = [], column = null, until = -Infinity;
  const flush = () => {
    if (column) run.push(column);
    column = null;
    if (run.length === 1) path += `M${at(run[0].x)} ${place(run[0].most, axis)}V${place(run[0].least, axis)}h.1`;
    if (run.length > 1) {
      path += `M${run.map(({ x, most }) => `${at(x)} ${place(most, axis)}`).join("L")}`;
      path += `L${run.reverse().map(({ x, least }) => `${at(x)} ${place(least, axis)}`).join("L")}z`;
    }
    run = [];
  };
  for (let i = first; i < end; i++) {
    const least = values[6 * i + axis], most = values[6 * i + 3 + axis];
    if (!(least <= most)) {
      flush();
      continue;
    }
    if (start[i] > until + 0.5 * length) flush();
    until = start[i] + length;
    const x = (start[i] + length / 2 - view.from) * scale, pixel = Math.floor(x);
    if (column && column.pixel === pixel) {
      column.least = Math.min(column.least, least);
      column.most = Math.max(column.most, most);
    } else {
      if (column) run.push(column);
      column = { pixel, x, least, most };
    }
  }
  flush();
  return path;
}
