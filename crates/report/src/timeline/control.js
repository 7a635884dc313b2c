// What is shown of the recording, and how it is changed.
const whole = { from: data.start, to: data.end };
const LEAST = Math.min(whole.to - whole.from, Math.max(500, 3 * (answers?.step ?? 0)));
const byId = (id) => document.getElementById(id);
const range = byId("range"), readout = byId("readout"), cursor = byId("cursor");
const marks = [...figure.querySelectorAll(".marks span")], timesBox = figure.querySelector(".times");
let view = { ...whole }, reading = null, fit = false, planned = 0, written = 0;

const strip = () => pictures.answer.svg.getBoundingClientRect();
const isWhole = () => view.from <= whole.from && view.to >= whole.to;

function show(from, to) {
  const length = Math.min(whole.to - whole.from, Math.max(LEAST, to - from));
  const middle = (from + to) / 2;
  from = Math.min(Math.max(middle - length / 2, whole.from), whole.to - length);
  view = { from, to: from + length };
  plan();
}

function zoom(factor, time) {
  const length = view.to - view.from, share = (time - view.from) / length;
  const after = Math.min(whole.to - whole.from, Math.max(LEAST, length / factor));
  const from = time - share * after;
  show(from, from + after);
}

function pan(share) {
  const by = share * (view.to - view.from);
  show(view.from + by, view.to + by);
}

function plan() {
  planned ||= requestAnimationFrame(draw);
}

function draw() {
  cancelAnimationFrame(planned);
  planned = 0;
  const width = Math.max(1, Math.round(strip().width));
  for (const { svg, height } of [
    { ...pictures.answer, height: ANSWER }, { ...pictures.probabilities, height: LANE * (answers?.lanes ?? 0) },
    { ...pictures.attention, height: ATTENTION }, ...pictures.signals.map(({ svg }) => ({ svg, height: 3 * SIGNAL })),
  ]) svg?.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const { step, ticks } = ticksOf(view, width, 92);
  drawAnswer(view, width);
  if (answers) drawSteps(view, width);
  signals.forEach((signal, i) => pictures.signals[i] && drawSignal(signal, pictures.signals[i], view, width, ticks, fit));
  timesBox.replaceChildren(...ticks.map((time) => {
    const label = document.createElement("span");
    label.style.left = `${100 * (time - view.from) / (view.to - view.from)}%`;
    label.textContent = tickLabel(time, step);
    return label;
  }));
  marks.forEach((mark, i) => {
    const time = data.marks[i];
    mark.hidden = !(time >= view.from && time <= view.to);
    mark.style.left = `${100 * (time - view.from) / (view.to - view.from)}%`;
  });
  const length = view.to - view.from;
  range.textContent = `${moment(view.from, length)} to ${moment(view.to, length)} (${lengthOf(length)})`;
  document.documentElement.classList.toggle("zoomed", !isWhole());
  for (const day of document.querySelectorAll(".day")) {
    const from = Number(day.dataset.from), long = Number(day.dataset.to) - from, share = (time) => Math.min(1, Math.max(0, (time - from) / long));
    const shown = day.lastElementChild;
    shown.hidden = isWhole() || view.to <= from || view.from >= from + long;
    shown.style.left = `${100 * share(view.from)}%`;
    shown.style.width = `${100 * (share(view.to) - share(view.from))}%`;
  }
  read(reading);
  clearTimeout(written);
  written = setTimeout(remember, 300);
}

// The address names what is shown, so that it can be linked to.
function remember() {
  const parts = isWhole() ? [] : [`zoom=${(view.from / 1e3).toFixed(3)}:${(view.to / 1e3).toFixed(3)}`];
  if (reading !== null && !hovering) parts.push(`at=${(reading / 1e3).toFixed(3)}`);
  const hash = parts.length ? `#${parts.join("&")}` : "";
  if (hash === location.hash) return;
  try {
    history.replaceState(null, "", hash || location.pathname + location.search);
  } catch { /* A viewer that forbids it. */ }
}

function recall() {
  const number = "(-?[0-9.]+)";
  const zoomed = location.hash.match(`zoom=${number}:${number}`), read = location.hash.match(`at=${number}`);
  if (read && isFinite(read[1])) reading = Number(read[1]) * 1e3;
  if (zoomed && Number(zoomed[1]) < Number(zoomed[2])) show(Number(zoomed[1]) * 1e3, Number(zoomed[2]) * 1e3);
  else show(whole.from, whole.to);
}

// What is known of a time, beside a line through it; nothing for null.
function read(time) {
  reading = time;
  const hidden = time === null || time < view.from || time > view.to;
  readout.hidden = cursor.hidden = hidden;
  if (hidden) return;
  const box = strip(), outer = figure.getBoundingClientRect();
  const x = (time - view.from) / (view.to - view.from) * box.width;
  cursor.style.left = `${box.left - outer.left + x}px`;
  cursor.style.top = `${box.top - outer.top}px`;
  const lines = [element("p", "when", iso(time) || elapsed(time, 100))];
  lines.push(element("p", "since", `${(time / 1e3).toFixed(1)} s from the start${iso(time) && Math.abs(time) > 6e4 ? ` (${elapsed(time, 1e3)})` : ""}`));
  const i = segments.at(time);
  if (i < 0) lines.push(element("p", "is", "No answer: no samples"));
  else {
    const { name, worn } = data.activities[segments.activity[i]], sure = segments.confidence[i];
    const what = element("p", "is", "");
    what.append(key(segments.activity[i]), element("b", "", name), worn && sure === sure ? `, ${sure.toFixed(2)} sure` : "");
    lines.push(what, element("p", "since", `for ${lengthOf(segments.end[i] - segments.start[i])}`));
    data.flags.forEach((text, bit) => segments.flags[i] >> bit & 1 && lines.push(element("p", "flag", text)));
  }
  const step = answers ? answers.at(time) : -1;
  if (step >= 0) {
    const run = answers.run(step), list = element("div", "bars", "");
    for (let lane = 0; lane < answers.lanes; lane++) {
      const p = answers.value(run, lane), bar = element("span", "bar", "");
      bar.append(barOf(lane, p));
      list.append(element("span", "name", data.activities[lane].name), bar, element("span", "p", p.toFixed(2)));
    }
    lines.push(list);
    const weight = answers.attention?.of(step);
    if (weight === weight && weight !== undefined) lines.push(element("p", "since", `looked at ${weight.toFixed(2)} times as hard as on average`));
  }
  readout.replaceChildren(...lines);
  // Beside the line, on the side that has more room.
  const right = x < box.width / 2;
  readout.style.left = right ? `${box.left - outer.left + x + 14}px` : "auto";
  readout.style.right = right ? "auto" : `${outer.right - box.left - x + 14}px`;
}

function picture(width, height, kind, path) {
  const svg = document.createElementNS(SVG, "svg"), shape = document.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("aria-hidden", "true");
  shape.setAttribute("class", `c${kind}`);
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function key(kind) {
  const svg = picture(20, 14, kind, block(0.5, 0.5, 19.5, 13.5));
  svg.setAttribute("class", "key");
  return svg;
}

function barOf(kind, share) {
  return picture(80, 10, kind, share < 0.005 ? "" : block(0, 0, 80 * share, 10));
}
