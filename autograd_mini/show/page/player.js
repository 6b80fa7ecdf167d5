"use strict";
// The player: one step at a time, forward and then backward, in picture, table and words.

const slider = document.getElementById("step");
const tableFrame = document.getElementById("table");
const rows = new Map(
  [...document.querySelectorAll("tr[data-row]")].map((row) => {
    const [, , , value, gradient] = row.children;
    const final = [value.cloneNode(true), gradient.cloneNode(true)];
    return [Number(row.dataset.row), { row, value, gradient, final, state: "" }];
  }),
);
const OVERVIEW = [
  word("Here is the whole graph, with every value and every gradient."),
  word(
    "Press Start, then Next (or the right arrow key), to see how each of them comes about:" +
      " first forward to the result, then backward from it.",
  ),
];
let step = LAST;
let timer = 0;

// The overview is the last step without its words: everything is known, and nothing stands out.
function goTo(wanted, { write = true, overview = false } = {}) {
  step = Math.min(Math.max(Math.round(wanted) || 0, 0), LAST);
  slider.value = step;
  slider.setAttribute("aria-valuetext", phase());
  document.getElementById("count").textContent = phase();
  say(overview ? OVERVIEW : sentences(step));
  paint(step, !overview);
  fillTable(overview ? -1 : nodeAt(step));
  if (step === LAST) stop();
  if (write) writeAddress();
}

function phase() {
  if (step === 0) return word("Start");
  if (step < TURN) return word("Forward {} of {}", step, ops.length);
  if (step === TURN) return word("Turning back");
  return word("Backward {} of {}", step - TURN, backOps.length);
}

function say(lines) {
  document.getElementById("says").replaceChildren(
    ...lines.map((line, k) => make("p", k === 0 ? { class: "first" } : { class: "how" }, line)),
  );
}

// -------------------------------------------------------------------------------------- table
function fillTable(now) {
  const { sums, arrived } = gradientsAfter(step);
  const near = new Set(now < 0 ? [] : facts.args[now]);
  for (const [i, cells] of rows) {
    const computed = forwardStep[i] <= step;
    const known = facts.gradient[i] === null ? step >= TURN : isComplete(i, step, arrived);
    const state = `${computed} ${known} ${arrived[i]}`;
    if (state !== cells.state) {
      cells.state = state;
      fill(cells.value, computed ? cells.final[0] : word("not yet"));
      fill(cells.gradient, gradientCell(i, known, sums[i], arrived[i], cells.final[1]));
    }
    cells.row.classList.toggle("now", i === now);
    cells.row.classList.toggle("near", i !== now && near.has(i));
    if (i === now) cells.row.setAttribute("aria-current", "step");
    else cells.row.removeAttribute("aria-current");
  }
  if (rows.has(now)) bringIntoView(rows.get(now).row.children[0], tableFrame);
}

// The sum that the player has added up, share by share; its exact value is in the data element.
function gradientCell(i, known, sum, arrived, final) {
  if (facts.gradient[i] === null || !isNumber(facts.gradient[i])) return known ? final : word("not yet");
  if (sum === null) return word("not yet");
  const text = known ? number(sum) : word("{} so far, {} of {}", number(sum), arrived, expected[i]);
  return make("td", {}, make("data", { value: sum }, text));
}

function fill(cell, content) {
  if (typeof content === "string") cell.textContent = content;
  else cell.replaceChildren(...content.cloneNode(true).childNodes);
}

// ------------------------------------------------------------------------------------- address
let writing = 0;
function writeAddress() {
  clearTimeout(writing);
  writing = setTimeout(() => history.replaceState(null, "", `#step=${step}`), 250);
}

function readAddress() {
  const match = /^#step=(\d{1,9})$/.exec(location.hash);
  return match ? Number(match[1]) : null;
}
addEventListener("hashchange", () => {
  const wanted = readAddress();
  if (wanted !== null && wanted !== step) goTo(wanted, { write: false });
});

// ------------------------------------------------------------------------------------ controls
const playButton = document.querySelector('[data-go="play"]');

function stop() {
  clearInterval(timer);
  timer = 0;
  playButton.setAttribute("aria-pressed", "false");
  playButton.textContent = word("Play");
}

function play() {
  if (step === LAST) goTo(0);
  timer = setInterval(() => goTo(step + 1), LAST > 80 ? 400 : 1500);
  playButton.setAttribute("aria-pressed", "true");
  playButton.textContent = word("Pause");
}

document.getElementById("player").addEventListener("click", (event) => {
  const go = event.target.closest("[data-go]")?.dataset.go;
  if (!go) return;
  if (go === "play") return timer ? stop() : play();
  stop();
  goTo({ first: 0, back: step - 1, next: step + 1, last: LAST }[go]);
});
slider.addEventListener("input", () => {
  stop();
  goTo(Number(slider.value));
});
document.addEventListener("keydown", (event) => {
  if (event.target.closest("input, #picture .node, #table") || event.ctrlKey || event.metaKey) return;
  if (event.altKey || (event.key !== "ArrowLeft" && event.key !== "ArrowRight")) return;
  stop();
  goTo(step + (event.key === "ArrowRight" ? 1 : -1));
  event.preventDefault();
});

const themeButton = document.getElementById("theme");
const darkWanted = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (document.documentElement.dataset.theme ?? (darkWanted.matches ? "dark" : "light")) === "dark";
const nameTheme = () => (themeButton.textContent = word(isDark() ? "Light" : "Dark"));
themeButton.addEventListener("click", () => {
  document.documentElement.dataset.theme = isDark() ? "light" : "dark";
  nameTheme();
});
darkWanted.addEventListener("change", nameTheme);

for (const hidden of document.querySelectorAll("#player, #theme, #tools, #keys, .side")) {
  hidden.hidden = false;
}
slider.max = LAST;
nameTheme();
showView("");
goTo(readAddress() ?? LAST, { write: false, overview: readAddress() === null });
if (facts.wrong.length && readAddress() === null) {
  bringIntoView(picture.boxes.get(picture.boxOf[facts.wrong[0]]).node, frame);
}
addEventListener("resize", () => zoomTo(picture.zoom));
