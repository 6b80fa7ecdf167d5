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
  place.append(...byInfluence.slice(0, MOST_LEAVES).sort(byName).map(leafRow));
  nudgePlace.append(place);
  const reset = button(word("Undo all nudges"), () => {
    nudges.fill(0);
    costs.length = 0;
    moveSliders();
    show();
  });
  const tools = make("div", { class: "bar" }, ...downhill(), reset);
  if (byInfluence.length > MOST_LEAVES) {
    const rest = byInfluence.slice(MOST_LEAVES);
    const more = button(word("Show the {} that matter less", plural(rest.length, "leaf")), () => {
      place.append(...rest.sort(byName).map(leafRow));
      more.remove();
      show();
    });
    tools.append(more);
  }
  nudgePlace.append(tools);
  show();
}

const reader = new Intl.Collator("en", { numeric: true });
const byName = (a, b) => reader.compare(facts.name[a], facts.name[b]) || a - b;

// ------------------------------------------------------------------------------- steps downhill
const costs = [];
const curve = document.createElementNS("http://www.w3.org/2000/svg", "svg");

// What is learnt: weights and biases by their names, or all leaves where nothing is called so.
function learnt() {
  const called = leaves.filter((i) => /^[wWbB]/.test(facts.name[i]) && sliders.has(i));
  return called.length ? called : [...sliders.keys()];
}

function downhill() {
  const rate = make("input", { type: "number", id: "rate", min: 0, step: "any", value: 1 });
  const go = button(word("Step downhill"), () => {
    if (!costs.length) costs.push(evaluate()[ROOT]);
    const slopes = learnt().map((i) => [i, slopeHere(i)]);
    for (const [i, slope] of slopes) if (Number.isFinite(slope)) nudges[i] -= Number(rate.value) * slope;
    moveSliders();
    show();
    costs.push(evaluate()[ROOT]);
    drawCurve();
  });
  const label = make("label", { for: "rate" }, word("rate"));
  curve.setAttribute("class", "curve");
  curve.setAttribute("viewBox", "0 0 120 40");
  curve.setAttribute("role", "img");
  drawCurve();
  return [go, label, rate, curve];
}

// The derivative where the leaves are now, from values on both sides: no formula of it is needed.
function slopeHere(i) {
  const kept = nudges[i];
  const h = 1e-5 * Math.max(Math.abs(facts.value[i] + kept), 1);
  const at = (nudge) => ((nudges[i] = nudge), evaluate()[ROOT]);
  const slope = (at(kept + h) - at(kept - h)) / (2 * h);
  nudges[i] = kept;
  return slope;
}

function drawCurve() {
  const [low, high] = [Math.min(...costs), Math.max(...costs)];
  const points = costs.map((C, k) => {
    const x = 4 + (112 * k) / Math.max(costs.length - 1, 1);
    return `${x},${high > low ? 36 - (32 * (C - low)) / (high - low) : 20}`;
  });
  curve.setAttribute("aria-label", costs.map(number).join(" → "));
  curve.hidden = costs.length < 2;
  curve.toggleAttribute("hidden", costs.length < 2);
  const line = document.createElementNS("http://www.w3.org/2000/svg", "polyline");
  line.setAttribute("points", points.join(" "));
  curve.replaceChildren(line);
}

function moveSliders() {
  for (const [i, { input }] of sliders) input.value = (100 * nudges[i]) / reach(i);
  drawCurve();
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
  repaint();
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
