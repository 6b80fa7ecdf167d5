"use strict";
// The nudge: move leaves, and see gradient × nudge beside what really happens to the result.

const MOST_OPS = 2000;
const MOST_LEAVES = 40;
const nudgePlace = document.querySelector("#nudge div");
const nudges = new Float64Array(size);
const sliders = new Map();
let baseline = NaN;

function whyNot() {
  if (!facts.plain) return word("The nudge is for graphs of plain numbers; this one has arrays.");
  if (ops.length > MOST_OPS) {
    return word("The nudge is for graphs of at most {}; this one has {}.", plural(MOST_OPS, "op"), plural(ops.length, "op"));
  }
  if (ops.length === 0) return word("There is nothing to nudge: the result is a leaf itself.");
  const other = ops.find((i) => !Object.hasOwn(FORMULAS, facts.ops[facts.op[i]]) || facts.opaque.includes(i));
  if (other !== undefined) {
    return word("The nudge cannot compute {} in the page, so it is not offered here.", facts.ops[facts.op[other]]);
  }
  if (!(Math.abs(facts.seed) > 0) || !Number.isFinite(facts.seed)) {
    return word("The gradient of the result was set to something that predicts no change.");
  }
  return "";
}

// All values, with the leaves moved by their nudges.
function evaluate() {
  const values = new Array(size);
  for (let i = 0; i < size; i++) {
    if (facts.op[i] < 0) {
      values[i] = facts.value[i] + nudges[i];
    } else {
      const args = facts.args[i].map((arg) => (isNumber(arg) ? values[arg] : arg[0]));
      values[i] = FORMULAS[facts.ops[facts.op[i]]](...args);
    }
  }
  return values;
}

const slope = (i) => (facts.gradient[i] === null ? 0 : facts.gradient[i] / facts.seed);
const reach = (i) => Math.max(Math.abs(facts.value[i]), 1);

// -------------------------------------------------------------------------------------- what is shown
const bars = {};

function build() {
  const reason = whyNot();
  if (reason) {
    nudgePlace.append(make("p", { class: "note" }, reason));
    return;
  }
  baseline = evaluate()[ROOT];
  nudgePlace.append(
    make("p", { class: "note" }, word("Drag a leaf. Predicted: gradient × nudge, a straight line. Actual: {} computed anew. They agree while the nudge is small.", facts.name[ROOT])),
  );
  for (const what of ["predicted", "actual"]) {
    const bar = make("i");
    const text = make("output", {});
    text.setAttribute("aria-label", word(`${what} change of {}`, facts.name[ROOT]));
    bars[what] = { bar, text };
    nudgePlace.append(
      make("div", { class: "change" }, make("span", {}, word(what)), make("div", { class: "scale", "aria-hidden": "true" }, bar), text),
    );
  }
  bars.result = make("p", { class: "note" });
  nudgePlace.append(bars.result);
  const byInfluence = leaves
    .filter((i) => Number.isFinite(facts.value[i]))
    .sort((a, b) => Math.abs(slope(b)) * reach(b) - Math.abs(slope(a)) * reach(a) || a - b);
  const place = make("div", { class: "leaves" });
  place.append(...byInfluence.slice(0, MOST_LEAVES).sort((a, b) => a - b).map(leafRow));
  nudgePlace.append(place);
  const reset = button(word("Undo all nudges"), () => {
    nudges.fill(0);
    for (const { input } of sliders.values()) input.value = 0;
    show();
  });
  const tools = make("div", { class: "bar" }, reset);
  if (byInfluence.length > MOST_LEAVES) {
    const rest = byInfluence.slice(MOST_LEAVES);
    const more = button(word("Show the {} that matter less", plural(rest.length, "leaf")), () => {
      place.append(...rest.map(leafRow));
      more.remove();
      show();
    });
    tools.append(more);
  }
  nudgePlace.append(tools);
  show();
}

function leafRow(i) {
  const input = make("input", { type: "range", id: `leaf-${i}`, min: -100, max: 100, value: 0 });
  const text = make("output", { for: `leaf-${i}` });
  sliders.set(i, { input, text });
  input.addEventListener("input", () => {
    nudges[i] = (Number(input.value) / 100) * reach(i);
    show();
  });
  const label = make("label", { for: `leaf-${i}`, title: facts.name[i] }, facts.name[i]);
  return make("div", { class: "leaf" }, label, input, text);
}

function show() {
  const moved = leaves.filter((i) => nudges[i] !== 0);
  const values = evaluate();
  nudged = moved.length ? values : null;
  const predicted = moved.reduce((sum, i) => sum + slope(i) * nudges[i], 0);
  const actual = values[ROOT] - baseline;
  const largest = Math.max(Math.abs(predicted), Math.abs(actual));
  draw("predicted", predicted, largest);
  draw("actual", actual, largest);
  bars.result.textContent = word("{} was {}, is now {}", facts.name[ROOT], number(baseline), number(values[ROOT]));
  for (const [i, { input, text }] of sliders) {
    const way = nudges[i] ? ` → ${number(facts.value[i] + nudges[i])}` : "";
    text.textContent = number(facts.value[i]) + way;
    const nudge = nudges[i] ? ` ${word("nudged by {}", signed(nudges[i]))}` : "";
    input.setAttribute("aria-valuetext", `${number(facts.value[i])}${nudge}`);
  }
  if (picture.current !== null) describe(picture.current);
}

function draw(what, change, largest) {
  const { bar, text } = bars[what];
  const share = Number.isFinite(change) && largest > 0 ? (Math.abs(change) / largest) * 48 : 0;
  bar.className = change < 0 ? "minus" : "plus";
  bar.style.left = `${change < 0 ? 50 - share : 50}%`;
  bar.style.width = `${share}%`;
  text.textContent = change === 0 ? "0" : signed(change);
}

build();
