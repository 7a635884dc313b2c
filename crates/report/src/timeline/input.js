// Mouse, touch, keyboard, buttons.
const pressed = new Map();
let hovering = false, drag = null;
const timeAt = (clientX) => {
  const box = strip();
  return view.from + (clientX - box.left) / box.width * (view.to - view.from);
};
const centre = () => reading !== null && reading >= view.from && reading <= view.to ? reading : (view.from + view.to) / 2;

figure.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  pressed.set(event.pointerId, event.clientX);
  try {
    figure.setPointerCapture(event.pointerId);
  } catch { /* The pointer is gone already. */ }
  begin();
});

// From here on fingers stay on the times that they are on now.
function begin() {
  const places = [...pressed.values()];
  drag = places.length ? { places, times: places.map(timeAt), moved: drag?.moved ?? false } : null;
}

figure.addEventListener("pointermove", (event) => {
  if (!pressed.has(event.pointerId)) {
    if (event.pointerType === "mouse" && !pressed.size) {
      hovering = true;
      const time = timeAt(event.clientX);
      read(time >= view.from && time <= view.to ? time : null);
    }
    return;
  }
  pressed.set(event.pointerId, event.clientX);
  const places = [...pressed.values()], box = strip();
  if (!drag.moved && places.every((x, i) => Math.abs(x - drag.places[i]) < 5)) return;
  drag.moved = true;
  let perPixel = (view.to - view.from) / box.width;
  if (places.length > 1) {
    const apart = Math.max(12, Math.abs(places[1] - places[0])), [a, b] = drag.times;
    perPixel = Math.min((whole.to - whole.from) / box.width, Math.max(LEAST / box.width, Math.abs(b - a) / apart));
    const middle = (places[0] + places[1]) / 2, from = (a + b) / 2 - (middle - box.left) * perPixel;
    show(from, from + perPixel * box.width);
  } else {
    const from = drag.times[0] - (places[0] - box.left) * perPixel;
    show(from, from + perPixel * box.width);
  }
});

function release(event) {
  if (!pressed.delete(event.pointerId)) return;
  if (event.type === "pointerup" && drag && !drag.moved && !pressed.size) {
    hovering = event.pointerType === "mouse";
    read(timeAt(event.clientX));
    plan();
  }
  begin();
}
figure.addEventListener("pointerup", release);
figure.addEventListener("pointercancel", release);
figure.addEventListener("pointerleave", (event) => {
  if (event.pointerType === "mouse" && hovering && !pressed.size) read(null);
});
figure.addEventListener("dblclick", (event) => zoom(4, timeAt(event.clientX)));
figure.addEventListener("wheel", (event) => {
  const pixels = event.deltaMode === 1 ? 16 : 1;
  if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    event.preventDefault();
    pan(event.deltaX * pixels / strip().width);
  } else if (event.ctrlKey || event.metaKey || document.activeElement === figure) {
    // Elsewhere the wheel moves the page. Pinching on a touchpad is a wheel with Ctrl and small steps.
    event.preventDefault();
    const by = Math.max(-100, Math.min(100, event.deltaY * pixels));
    zoom(Math.exp(-by * (event.ctrlKey && Math.abs(by) < 40 ? 0.012 : 0.004)), timeAt(event.clientX));
  }
}, { passive: false });

// To the middle of the segment before or after.
function segmentFrom(direction) {
  if (!segments.count) return;
  const now = centre(), i = above(segments.start, now) - 1;
  const other = Math.min(segments.count - 1, Math.max(0, reading === null ? Math.max(0, i) : i + direction));
  const middle = (segments.start[other] + segments.end[other]) / 2;
  hovering = false;
  reading = middle;
  if (middle < view.from || middle > view.to) show(middle - (view.to - view.from) / 2, middle + (view.to - view.from) / 2);
  else plan();
}

function readFrom(direction) {
  hovering = false;
  const by = Math.max(answers?.step ?? 0, (view.to - view.from) / 200);
  reading = Math.min(view.to, Math.max(view.from, reading === null ? centre() : reading + direction * by));
  plan();
}

function hide() {
  // A second time the picture lets go of the wheel.
  if (reading === null) figure.blur();
  reading = null;
  plan();
}

document.addEventListener("pointerdown", (event) => {
  if (reading !== null && !event.target.closest("#view, .tools")) hide();
});

const actions = {
  in: () => zoom(2, centre()), out: () => zoom(0.5, centre()), left: () => pan(-0.25), right: () => pan(0.25),
  all: () => show(whole.from, whole.to), before: () => segmentFrom(-1), after: () => segmentFrom(1),
  fit(button = document.querySelector("[data-do=fit]")) {
    fit = !fit;
    button.setAttribute("aria-pressed", fit);
    plan();
  },
};
const KEYS = {
  "+": actions.in, "=": actions.in, "-": actions.out, "_": actions.out, ArrowLeft: actions.left, ArrowRight: actions.right,
  Home: actions.all, 0: actions.all, ",": actions.before, ".": actions.after,
  f: () => actions.fit(), Escape: hide,
};
figure.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const sideways = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (event.shiftKey && sideways) readFrom(sideways);
  else if (Object.hasOwn(KEYS, event.key)) KEYS[event.key]();
  else return;
  event.preventDefault();
});
for (const button of document.querySelectorAll("[data-do]")) {
  button.addEventListener("click", () => actions[button.dataset.do](button));
}

// A day: a click goes there, a drag shows what lies between.
for (const day of document.querySelectorAll(".day")) {
  const shown = element("div", "shown", ""), chosen = element("div", "chosen", "");
  chosen.hidden = true;
  day.append(chosen, shown);
  const from = Number(day.dataset.from), long = Number(day.dataset.to) - from;
  const share = (event) => {
    const box = day.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  };
  let start = null;
  day.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = share(event);
    day.setPointerCapture(event.pointerId);
  });
  day.addEventListener("pointermove", (event) => {
    if (start === null) return;
    const end = share(event);
    chosen.hidden = Math.abs(end - start) < 0.005;
    chosen.style.left = `${100 * Math.min(start, end)}%`;
    chosen.style.width = `${100 * Math.abs(end - start)}%`;
  });
  const stop = (event) => {
    if (start === null) return;
    const [a, b] = [start, share(event)].map((share) => from + share * long);
    start = null;
    chosen.hidden = true;
    if (event.type === "pointercancel") return;
    const length = view.to - view.from;
    if (Math.abs(b - a) > 0.005 * long) show(Math.min(a, b), Math.max(a, b));
    else {
      // From far away an hour of a day; from near by what lies as long around.
      const half = Math.min(length, long / 24) / 2;
      show(b - half, b + half);
    }
    byId("timeline").scrollIntoView({ block: "nearest" });
  };
  day.addEventListener("pointerup", stop);
  day.addEventListener("pointercancel", stop);
}

addEventListener("hashchange", recall);
new ResizeObserver(plan).observe(figure);
recall();
draw();
