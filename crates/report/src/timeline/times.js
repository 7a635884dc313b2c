// Times as they are written.
const STEPS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 3e4, 6e4, 12e4, 3e5, 6e5, 18e5, 36e5, 72e5, 108e5, 216e5, 432e5,
  864e5, 1728e5, 6048e5, 2592e6, 31536e6,
];
const DAY = 864e5;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const two = (n) => String(n).padStart(2, "0");

// The clock at a time, as the fields of a UTC date; null where it is not known.
function clockAt(time) {
  if (data.zero === null) return null;
  const date = new Date(data.zero + time);
  return isNaN(date) ? null : date;
}

function ofDay(date, step) {
  const minutes = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
  if (step >= 6e4) return minutes;
  const seconds = `${minutes}:${two(date.getUTCSeconds())}`;
  if (step >= 1e3) return seconds;
  return `${seconds}.${String(date.getUTCMilliseconds()).padStart(3, "0").slice(0, step >= 100 ? 1 : step >= 10 ? 2 : 3)}`;
}

// Time from the start, to what a step needs.
function elapsed(time, step) {
  const sign = time < 0 ? "−" : "", whole = Math.abs(time);
  const digits = step >= 1e3 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  const unit = 10 ** -digits * 1e3, rounded = Math.round(whole / unit) * unit;
  const days = Math.floor(rounded / DAY), hours = Math.floor(rounded / 36e5) % 24;
  const minutes = Math.floor(rounded / 6e4) % 60, seconds = (rounded % 6e4 / 1e3).toFixed(digits);
  if (days || hours) return `${sign}${days ? `${days} d ` : ""}${hours}:${two(minutes)}${step >= 6e4 ? "" : `:${seconds.padStart(digits ? 3 + digits : 2, "0")}`} h`;
  return minutes ? `${sign}${minutes}:${seconds.padStart(digits ? 3 + digits : 2, "0")} min` : `${sign}${seconds} s`;
}

// A tick's label: of day where the clock is known, the date at midnight.
function tickLabel(time, step) {
  const date = clockAt(Math.round(time));
  if (!date) return elapsed(time, step);
  const midnight = (data.zero + Math.round(time)) % DAY === 0;
  return step >= DAY || midnight ? `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}` : ofDay(date, step);
}

// Round times within a view, at least so many pixels apart.
function ticksOf(view, width, apart) {
  const rough = (view.to - view.from) * apart / width;
  const step = STEPS.find((step) => step >= rough) ?? rough;
  const shift = data.zero === null ? 0 : data.zero % DAY;
  const ticks = [];
  for (let i = Math.ceil((view.from + shift) / step - 1e-9); i * step - shift <= view.to && ticks.length < 60; i++) {
    ticks.push(i * step - shift);
  }
  return { step, ticks };
}

// `Mon 4 May 2026 08:12:30.6`, to what a view of this length needs.
function moment(time, length) {
  const step = length > 3 * 36e5 ? 6e4 : length > 6e4 ? 1e3 : 100;
  const date = clockAt(time);
  if (!date) return elapsed(time, step);
  return `${WEEKDAYS[date.getUTCDay()]} ${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]} ${date.getUTCFullYear()} ${ofDay(date, step)}`;
}

// ISO 8601 with a tenth of a second; empty where the clock is not known.
function iso(time) {
  const date = clockAt(Math.round(time / 100) * 100);
  return date ? `${date.toISOString().slice(0, -3).replace("T", " ")}${data.suffix}` : "";
}

function lengthOf(milliseconds) {
  const seconds = milliseconds / 1e3;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  const minutes = Math.floor(Math.round(seconds) / 60), hours = Math.floor(minutes / 60), days = Math.floor(hours / 24);
  if (days) return `${days} d ${hours % 24} h`;
  return hours ? `${hours} h ${minutes % 60} min` : `${minutes} min ${Math.round(seconds) % 60} s`;
}
