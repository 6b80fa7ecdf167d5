"use strict";
// The graph's facts, and how numbers and steps are put into words. Knows nothing of the page.

const facts = JSON.parse(document.getElementById("facts").textContent, (key, x) =>
  x !== null && typeof x === "object" && "x" in x ? Number(x.x) : x,
);
const size = facts.op.length;
if (facts.compact) {
  const whole = (found, other) => facts.op.map((_, i) => found[i] ?? other(i));
  facts.name = whole(facts.name, (i) => `#${i}`);
  facts.shape = whole(facts.shape, () => "");
  facts.numbers = whole([], () => "");
  facts.args = facts.args.map((args, i) => args.map((arg) => (typeof arg === "number" ? i - arg : arg)));
  const argument = (i) => (_, k) => `#${facts.args[i][k]}`;
  facts.formula = facts.formula.map((k, i) => facts.templates[k].replace(/@(\d)/g, argument(i)));
  const product = (i) => (local) => (typeof local === "number" ? facts.gradient[i] * local : null);
  facts.share = whole(facts.share, (i) => facts.local[i].map(product(i)));
}
// A phrase in the language of the page, with what is given in the place of each {}.
const word = (phrase, ...given) => (facts.words[phrase] ?? phrase).replace(/\{\}/g, () => given.shift());
const ROOT = size - 1;
const isNumber = (x) => typeof x === "number";

// Three significant digits and a true minus sign; ties go to the even digit, as in the picture.
function number(x) {
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "−inf";
  if (x === 0) return "0";
  const sign = x < 0 ? "−" : "";
  const size = Math.abs(x);
  if (size >= 1e3 && size < 1e6) {
    const below = Math.floor(size);
    return sign + (size - below > 0.5 || (size - below === 0.5 && below % 2) ? below + 1 : below);
  }
  const [mantissa, exponent] = threeDigits(size).split("e").map(Number);
  if (exponent < -4 || exponent > 2) return `${sign}${mantissa}e${String(exponent).replace("-", "−")}`;
  return sign + Number(`${mantissa}e${exponent}`);
}

function threeDigits(size) {
  const [exact, exponent] = size.toExponential(60).split("e");
  const tie = /^50*$/.test(exact.slice(4)) && Number(exact[3]) % 2 === 0;
  return tie ? `${exact.slice(0, 4)}e${exponent}` : size.toExponential(2);
}

const signed = (x) => (x > 0 ? `+${number(x)}` : number(x));
const enclosed = (x) => (/[−e]/.test(number(x)) ? `(${number(x)})` : number(x));
const amount = (x) => (x === null ? word("none") : isNumber(x) ? number(x) : x);
const short = (text) => (text.length > 14 ? `${text.slice(0, 13)}…` : text);
const called = (i) => short(facts.name[i]);
const partial = (i) => `∂${called(ROOT)}/∂${called(i)}`;
const plural = (n, what) => {
  const count = n.toLocaleString("en");
  const many = what === "leaf" ? "leaves" : `${what}s`;
  if (word(many) !== many) return `${word(many)}: ${count}`; // where a word has many endings
  return `${count} ${n === 1 ? what : many}`;
};

// ------------------------------------------------------------------------------------- steps
const ops = [];
for (let i = 0; i < size; i++) if (facts.op[i] >= 0) ops.push(i);
const leaves = [];
for (let i = 0; i < size; i++) if (facts.op[i] < 0) leaves.push(i);
const backOps = ops.filter((i) => facts.gradient[i] !== null).reverse();
const TURN = ops.length + 1; // the step at which the gradient of the result is set
const LAST = TURN + backOps.length;

const forwardStep = new Array(size).fill(0);
ops.forEach((i, k) => (forwardStep[i] = k + 1));
const backwardStep = new Array(size).fill(Infinity);
backOps.forEach((i, k) => (backwardStep[i] = TURN + 1 + k));

const expected = new Array(size).fill(0); // how many shares arrive at each node
for (const i of backOps) for (const arg of facts.args[i]) if (isNumber(arg)) expected[arg]++;

// What is known after `step`: gradients summed so far, share by share, and how many have arrived.
function gradientsAfter(step) {
  const sums = new Array(size).fill(null);
  const arrived = new Array(size).fill(0);
  if (step >= TURN) sums[ROOT] = facts.seed;
  for (const i of backOps) {
    if (backwardStep[i] > step) break;
    facts.args[i].forEach((arg, position) => {
      if (!isNumber(arg)) return;
      const share = facts.share[i][position];
      arrived[arg]++;
      if (isNumber(share)) sums[arg] = sums[arg] === null ? share : sums[arg] + share;
      else if (arrived[arg] === expected[arg]) sums[arg] = facts.gradient[arg];
    });
  }
  return { sums, arrived };
}

function isComplete(i, step, arrived) {
  return i === ROOT ? step >= TURN : expected[i] > 0 && arrived[i] === expected[i];
}

// --------------------------------------------------------------------------------- sentences
// What happens at `step`, as lines: the first says what, the others show it in symbols, numbers.
function sentences(step) {
  if (step === 0) return atStart();
  if (step < TURN) return forwards(ops[step - 1], step);
  if (step === TURN) return turning();
  const lines = backwards(backOps[step - TURN - 1], step);
  if (step === LAST) {
    lines.push(word("That was the last step: every gradient is complete."));
  }
  return lines;
}

function atStart() {
  const some = leaves.slice(0, 6).map((i) => `${called(i)} = ${amount(facts.value[i])}`);
  const more = leaves.length > 6 ? word(", and {} more", leaves.length - 6) : "";
  const n = leaves.length;
  return [
    n === 1 ? word("Start: one leaf is given.") : word("Start: {} leaves are given.", n),
    `${some.join(", ")}${more}.`,
    word("Forward computes {} from them; backward finds how much each one matters.", facts.name[ROOT]),
  ];
}

function forwards(i, step) {
  return [
    word("Forward, {} of {}: compute {} ({}).", step, ops.length, facts.name[i], facts.ops[facts.op[i]]),
    word("In symbols: {} = {}", facts.name[i], facts.formula[i]),
    word("In numbers: {} = {}", facts.numbers[i] || facts.name[i], amount(facts.value[i])),
  ];
}

function turning() {
  const start =
    facts.seed === 1
      ? "The gradient of the result starts at {} = {}: it changes exactly as much as itself."
      : "The gradient of the result starts at {} = {}, as it was given.";
  return [
    word("{} = {} is computed. Now backward.", facts.name[ROOT], amount(facts.value[ROOT])),
    word(start, partial(ROOT), amount(facts.seed)),
  ];
}

function backwards(i, step) {
  const { sums, arrived } = gradientsAfter(step);
  const lines = [
    word(
      "Backward, {} of {}: through {} = {}, whose gradient is {}.",
      step - TURN, backOps.length, facts.name[i], facts.formula[i], amount(facts.gradient[i]),
    ),
  ];
  const seen = new Set();
  facts.args[i].forEach((arg, position) => {
    if (!isNumber(arg)) return;
    lines.push(share(i, position));
    if (seen.has(arg)) return;
    seen.add(arg);
    if (expected[arg] > 1) lines.push(sumSoFar(arg, sums[arg], arrived[arg]));
  });
  if (facts.declared.includes(i)) lines.push(word("This derivative is declared, not the true one."));
  return lines;
}

function share(i, position) {
  const arg = facts.args[i][position];
  const local = facts.local[i][position];
  const passed = facts.share[i][position];
  const to = called(arg);
  if (isNumber(local)) {
    const g = facts.gradient[i];
    const product = `${partial(i)} × ∂${called(i)}/∂${to} = ${number(g)} × ${enclosed(local)}`;
    return word("{} gets {} = {}", to, product, amount(passed));
  }
  if (local) return word("{} gets {}, with g = {}: {}", to, local, partial(i), amount(passed));
  return word("{} gets {}", to, amount(passed));
}

function sumSoFar(arg, sum, arrived) {
  const paths = [arrived, expected[arg], called(arg)];
  if (arrived < expected[arg]) {
    if (!isNumber(sum)) return word("So far {} of {} paths into {}", ...paths);
    return word("So far, after {} of {} paths into {}: {}", ...paths, number(sum));
  }
  const written = facts.sum[arg] || amount(sum);
  return word("All {} paths into {} add up: {} = {}", expected[arg], called(arg), partial(arg), written);
}

// ----------------------------------------------------------------------------------- elements
// An element with text or children; the only way in which this page makes any.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, x] of Object.entries(attributes)) element.setAttribute(key, x);
  element.append(...children);
  return element;
}
