"use strict";
// Arrays in the details: a vector as bars with numbers, all else as a map of its entries.

const BARS = 32;

function ofArray(i) {
  const [value, gradient] = facts.arrays[i] ?? [null, null];
  const parts = [];
  for (const [what, rows] of [["value", value], ["gradient", gradient]]) {
    if (rows === null) continue;
    parts.push(make("figure", {}, make("figcaption", {}, word(what)), rows.length === 1 && rows[0].length <= BARS ? asBars(rows[0]) : asMap(rows)));
  }
  return parts;
}

const largestOf = (numbers) => Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 0) || 1;

function asBars(numbers) {
  const largest = largestOf(numbers);
  const list = make("div", { class: "bars" });
  numbers.forEach((x, k) => {
    const bar = make("i", { class: x < 0 ? "minus" : "plus" });
    const share = Number.isFinite(x) ? (Math.abs(x) / largest) * 48 : 0;
    bar.style.left = `${x < 0 ? 50 - share : 50}%`;
    bar.style.width = `${share}%`;
    list.append(make("span", {}, String(k)), make("div", { class: "scale", "aria-hidden": "true" }, bar), make("span", {}, number(x)));
  });
  return list;
}

// Blue above 0, orange below, white at 0, black if not finite: the colours of a heat map.
function asMap(rows) {
  const largest = largestOf(rows.flat());
  const side = Math.max(2, Math.floor(168 / Math.max(rows.length, rows[0].length)));
  const canvas = make("canvas", { width: rows[0].length * side, height: rows.length * side, role: "img" });
  canvas.setAttribute("aria-label", word("a map of {} × {} numbers, from {} to {}", rows.length, rows[0].length, number(Math.min(...rows.flat())), number(Math.max(...rows.flat()))));
  const paper = canvas.getContext("2d");
  rows.forEach((row, y) => row.forEach((x, k) => {
    paper.fillStyle = shade(x / largest);
    paper.fillRect(k * side, y * side, side, side);
  }));
  return canvas;
}

function shade(x) {
  if (!Number.isFinite(x)) return "#000";
  const full = x > 0 ? [0x00, 0x72, 0xb2] : [0xe6, 0x9f, 0x00];
  return `rgb(${full.map((c) => Math.round(255 + (c - 255) * Math.abs(x))).join(",")})`;
}
