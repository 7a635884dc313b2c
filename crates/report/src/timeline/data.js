// What the page holds of the timeline, unpacked. Times are milliseconds from the recording's zero.
document.documentElement.classList.add("scripting");
const data = JSON.parse(document.getElementById("data").textContent);

function bytesOf(text) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return bytes;
}

// Numbers as they were packed: seven bits a byte, the lowest first; signed ones as 0, -1, 1, -2, …
function readerOf(text) {
  const bytes = bytesOf(text);
  let at = 0;
  const reader = {
    more: () => at < bytes.length,
    byte: () => bytes[at++],
    number() {
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 127) * scale;
        scale *= 128;
      } while (byte > 127);
      return value;
    },
    signed() {
      const value = reader.number();
      return value % 2 ? -(value + 1) / 2 : value / 2;
    },
  };
  return reader;
}

// Place of the first item that is larger than the value.
function above(sorted, value) {
  let low = 0, high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] > value) high = middle; else low = middle + 1;
  }
  return low;
}

const segments = (() => {
  const { count, data: text } = data.segments;
  const reader = readerOf(text);
  const all = {
    count, start: new Float64Array(count), end: new Float64Array(count), activity: new Uint32Array(count),
    flags: new Uint8Array(count), confidence: new Float32Array(count),
  };
  let until = 0;
  for (let i = 0; i < count; i++) {
    all.start[i] = until + reader.signed();
    until = all.end[i] = all.start[i] + reader.number();
    const what = reader.number();
    all.activity[i] = Math.floor(what / 8);
    all.flags[i] = what % 8;
    const sure = reader.byte();
    all.confidence[i] = sure === 255 ? NaN : sure / 254;
  }
  // The segment at a time, or -1.
  all.at = (time) => {
    const i = above(all.start, time) - 1;
    return i >= 0 && time < all.end[i] ? i : -1;
  };
  return all;
})();

const answers = data.answers && (() => {
  const { step, count, pieces, runs, run_count: runCount } = data.answers, lanes = data.lanes;
  const start = [], first = [], held = [];
  let reader = readerOf(pieces), until = 0, total = 0;
  while (reader.more()) {
    start.push(until + reader.signed());
    first.push(total);
    held.push(reader.number());
    until = start.at(-1) + held.at(-1) * step;
    total += held.at(-1);
  }
  // For each run its first step, its probabilities, and their sums over all steps before it, from which means follow.
  const from = new Float64Array(runCount), value = new Float32Array(runCount * lanes);
  const sum = new Float64Array((runCount + 1) * lanes);
  reader = readerOf(runs);
  total = 0;
  for (let run = 0; run < runCount; run++) {
    const steps = reader.number(), masks = [];
    for (let lane = 0; lane < lanes; lane += 8) masks.push(reader.byte());
    from[run] = total;
    total += steps;
    for (let lane = 0; lane < lanes; lane++) {
      const at = run * lanes + lane;
      value[at] = masks[lane >> 3] >> (lane & 7) & 1 ? reader.byte() / 255 : 0;
      sum[at + lanes] = sum[at] + steps * value[at];
    }
  }
  const looked = data.answers.attention && bytesOf(data.answers.attention.data);
  return {
    step, count, lanes,
    run: (index) => above(from, index) - 1,
    value: (run, lane) => value[run * lanes + lane],
    before: (run, index, lane) => sum[run * lanes + lane] + (index - from[run]) * value[run * lanes + lane],
    // The step at a time, or -1.
    at(time) {
      const piece = above(start, time) - 1;
      const index = piece < 0 ? held[0] : Math.floor((time - start[piece]) / step);
      return piece >= 0 && index < held[piece] ? first[piece] + index : -1;
    },
    // The first step that begins at a time or after it.
    from(time) {
      const piece = above(start, time) - 1;
      return piece < 0 ? 0 : first[piece] + Math.min(held[piece], Math.ceil((time - start[piece]) / step));
    },
    attention: looked && {
      group: data.answers.attention.group,
      // The weight relative to even ones; NaN where it is not known.
      of: (index) => {
        const byte = looked[Math.floor(index / data.answers.attention.group)];
        return byte ? 2 ** ((byte - 128) / 32) : NaN;
      },
    },
  };
})();

const signals = data.signals.map((signal) => {
  const { low, high, first, width, count } = signal;
  const start = new Float64Array(count), values = new Float32Array(count * 6);
  const reader = readerOf(signal.pieces), raw = bytesOf(signal.values);
  let at = 0, place = 0;
  while (reader.more()) {
    place += reader.number();
    for (let n = reader.number(); n > 0; n--) start[at++] = first + place++ * width;
  }
  for (let i = 0; i < values.length; i++) {
    const word = raw[2 * i] + 256 * raw[2 * i + 1];
    values[i] = word ? low + (word - 1) / 65534 * (high - low) : NaN;
  }
  return { low, high, width, count, start, values };
});
