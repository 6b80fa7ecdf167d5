"use strict";
// Each op on single numbers, for the nudge. An op that is not here has no nudge; an op that is
// agrees with the library's forward, which a test sees to.

const HALF_EVEN = (x) => {
  const low = Math.floor(x);
  const rest = x - low;
  return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : low + 1;
};
const REMAINDER = (x, y) => {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
};
const LOG_ADD = (x, y, log1p, power) => {
  const high = Math.max(x, y);
  return x === y ? x + log1p(1) : high + log1p(power(Math.min(x, y) - high));
};
const NEGATIVE = (x) => x < 0 || Object.is(x, -0);

const FORMULAS = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  negative: (x) => -x,
  positive: (x) => x,
  real: (x) => x,
  power: (x, y) => (x === 1 || y === 0 ? 1 : x ** y),
  square: (x) => x * x,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  reciprocal: (x) => 1 / x,
  exp: Math.exp,
  expm1: Math.expm1,
  exp2: (x) => 2 ** x,
  log: Math.log,
  log1p: Math.log1p,
  log2: Math.log2,
  log10: Math.log10,
  logaddexp: (x, y) => LOG_ADD(x, y, Math.log1p, Math.exp),
  logaddexp2: (x, y) => LOG_ADD(x, y, (t) => Math.log1p(t) / Math.LN2, (t) => 2 ** t),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  arcsin: Math.asin,
  arccos: Math.acos,
  arctan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  arcsinh: Math.asinh,
  arccosh: Math.acosh,
  arctanh: Math.atanh,
  hypot: Math.hypot,
  arctan2: Math.atan2,
  deg2rad: (x) => x * (Math.PI / 180),
  rad2deg: (x) => x * (180 / Math.PI),
  sinc: (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
  absolute: Math.abs,
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x),
  heaviside: (x, atZero) => (x > 0 ? 1 : x < 0 ? 0 : x === 0 ? atZero : x),
  copysign: (x, y) => (NEGATIVE(x) === NEGATIVE(y) ? x : -x),
  maximum: Math.max,
  minimum: Math.min,
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
  clip: (x, low, high) => Math.min(Math.max(x, low), high),
  where: (condition, x, y) => (condition ? x : y),
  floor: Math.floor,
  ceil: Math.ceil,
  trunc: Math.trunc,
  rint: HALF_EVEN,
  floor_divide: (x, y) => Math.round((x - REMAINDER(x, y)) / y),
  mod: REMAINDER,
  fmod: (x, y) => x % y,
  sigmoid: (x) => (x > -700 ? 1 / (1 + Math.exp(-x)) : Math.exp(x)),
  relu: (x) => (x < 0 ? 0 : x),
  softplus: (x) => LOG_ADD(x, 0, Math.log1p, Math.exp),
  step: (x) => (x > 0 ? 1 : 0),
  quadratic_cost: (a, y) => (a - y) * (a - y),
};
