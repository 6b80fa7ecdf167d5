"use strict";
// The picture: which box each node is in, moving among boxes, opening and folding, zoom, details.

const frame = document.getElementById("picture");
const details = document.getElementById("details");
const picture = { svg: null, boxes: new Map(), edges: [], boxOf: [], current: null, opens: "" };
const baseSvg = frame.querySelector("svg");
const templates = new Map(
  [...document.querySelectorAll("template")].map((t) => [t.dataset.opens, t.content]),
);
let shownStep = LAST;
let isPointing = false;
let nudged = null; // values after the nudge, or null

// -------------------------------------------------------------------------------------- views
function showView(opens) {
  const svg = opens === "" ? baseSvg : templates.get(opens).cloneNode(true).firstElementChild;
  frame.querySelector("svg").replaceWith(svg);
  const [, folded] = facts.views.find(([key]) => key === opens);
  picture.svg = svg;
  picture.opens = opens;
  picture.boxOf = new Array(size).fill(-1);
  picture.boxes = new Map();
  for (const node of svg.querySelectorAll(".value-node")) {
    const top = Number(node.dataset.node);
    picture.boxes.set(top, { node, top, members: [top], folded: false });
    picture.boxOf[top] = top;
  }
  for (const [top, ...runs] of folded) {
    const box = picture.boxes.get(top);
    box.folded = true;
    box.members = [];
    for (let k = 0; k < runs.length; k += 2) {
      for (let i = runs[k]; i < runs[k] + runs[k + 1]; i++) box.members.push(i);
    }
    for (const i of box.members) picture.boxOf[i] = top;
  }
  picture.edges = [...svg.querySelectorAll(".edge")]
    .filter((edge) => picture.boxes.has(Number(edge.dataset.from)))
    .map((edge) => ({ edge, from: Number(edge.dataset.from), to: Number(edge.dataset.to) }));
  svg.setAttribute("role", "group");
  for (const box of picture.boxes.values()) prepare(box);
  fitLabels(svg);
  focusable(picture.boxOf[ROOT]);
  listGroups();
  zoomTo(picture.zoom);
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
  repaint();
  paint(shownStep, isPointing);
}

function prepare(box) {
  const opens = box.folded && templates.has(String(box.top));
  box.node.setAttribute("role", opens ? "button" : "img");
  box.node.setAttribute("tabindex", "-1");
  box.opens = opens ? String(box.top) : null;
}

// Where a machine has none of the fonts that the layout was made for, letters are drawn closer.
function fitLabels(svg) {
  for (const node of svg.querySelectorAll(".node")) {
    const border = node.querySelector("polygon, path, polyline");
    if (!border) continue;
    const right = border.getBBox().x + border.getBBox().width - 2;
    for (const text of node.querySelectorAll("text")) {
      const box = text.getBBox();
      if (box.x + box.width > right && box.x < right) {
        text.setAttribute("textLength", right - box.x);
        text.setAttribute("lengthAdjust", "spacingAndGlyphs");
      }
    }
  }
}

// ---------------------------------------------------------------------------------- the steps
// Values as they are after a nudge, or as they were; gradients belong to where the nudge started.
function repaint() {
  for (const box of picture.boxes.values()) {
    const shown = [...box.node.querySelectorAll(".value text")].at(-1);
    if (box.folded || !shown || !isNumber(facts.value[box.top])) continue;
    const value = nudged ? nudged[box.top] : facts.value[box.top];
    shown.textContent = number(value);
    box.node.classList.toggle("moved", value !== facts.value[box.top] && !Number.isNaN(value));
  }
  picture.svg.classList.toggle("nudged", nudged !== null);
}

// With `pointing`, the node of this step stands out, and those it passes something to.
function paint(step, pointing = true) {
  shownStep = step;
  isPointing = pointing;
  const { sums, arrived } = gradientsAfter(step);
  const now = pointing ? nodeAt(step) : -1;
  const near = new Set(now < 0 ? [] : facts.args[now].filter(isNumber).map((i) => picture.boxOf[i]));
  for (const box of picture.boxes.values()) {
    const computed = box.members.some((i) => forwardStep[i] <= step);
    const known = box.members.every(
      (i) => facts.gradient[i] === null || isComplete(i, step, arrived),
    );
    const isNow = now >= 0 && picture.boxOf[now] === box.top;
    box.node.classList.toggle("waiting", !computed);
    box.node.classList.toggle("unknown", !known || step < TURN);
    box.node.classList.toggle("now", isNow);
    box.node.classList.toggle("near", !isNow && near.has(box.top));
    box.node.setAttribute("aria-label", spoken(box, computed, known && step >= TURN, sums));
  }
  for (const { edge, from, to } of picture.edges) {
    const first = Math.min(...picture.boxes.get(to).members.map((i) => backwardStep[i]));
    edge.classList.toggle("still", step < first);
    const here = now >= 0 && picture.boxOf[now] === to && near.has(from);
    edge.classList.toggle("now", here);
  }
  for (const lid of picture.svg.querySelectorAll(".lid")) {
    const under = now >= 0 && picture.boxes.get(picture.boxOf[now]).node;
    lid.classList.toggle("now", under !== false && under.dataset.under === lid.dataset.frame);
  }
  if (now >= 0) {
    picture.current = picture.boxOf[now];
    bringIntoView(picture.boxes.get(picture.current).node, frame);
    bringIntoWindow(picture.boxes.get(picture.current).node);
  }
  if (picture.current !== null) describe(picture.current);
}

// The box that is spoken of is seen below the player, wherever the reader has scrolled to.
function bringIntoWindow(element) {
  const box = element.getBoundingClientRect();
  const top = document.getElementById("player").getBoundingClientRect().bottom + 8;
  if (box.bottom > window.innerHeight) window.scrollBy(0, Math.min(box.bottom - window.innerHeight + 12, box.top - top));
  else if (box.top < top) window.scrollBy(0, box.top - top - 8);
}

function nodeAt(step) {
  if (step > 0 && step < TURN) return ops[step - 1];
  if (step === TURN) return ROOT;
  return step > TURN ? backOps[step - TURN - 1] : -1;
}

function spoken(box, computed, known, sums) {
  const i = box.top;
  if (box.folded) {
    const what = [...box.node.querySelectorAll("text")].map((t) => t.textContent.trim());
    return `${what.join(" ")}${box.opens ? `; ${word("opens")}` : ""}`;
  }
  const formula = facts.formula[i] ? ` = ${facts.formula[i]}` : `, ${word("a leaf")}`;
  const value = computed ? amount(facts.value[i]) : word("not yet computed");
  const gradient = known ? amount(sums[i]) : word("not yet known");
  const notes = (facts.notes[i] ?? []).map((note) => `; ${note}`).join("");
  return `${facts.name[i]}${formula}; ${word("value")} ${value}; ${word("gradient")} ${gradient}${notes}`;
}

// Scrolls `frame` alone, never the page.
function bringIntoView(element, frame) {
  const inner = element.getBoundingClientRect();
  const outer = frame.getBoundingClientRect();
  if (inner.left < outer.left || inner.right > outer.right) {
    frame.scrollLeft += inner.left + inner.width / 2 - outer.left - outer.width / 2;
  }
  if (inner.top < outer.top || inner.bottom > outer.bottom) {
    frame.scrollTop += inner.top + inner.height / 2 - outer.top - outer.height / 2;
  }
}

// ------------------------------------------------------------------------------------ details
function describe(top, node = top) {
  picture.current = top;
  const box = picture.boxes.get(top);
  if (!box) return;
  const inside = box.folded && node === top;
  const rows = inside ? ofFolded(box) : ofNode(node);
  const list = make("dl");
  for (const [term, text] of rows) list.append(make("dt", {}, word(term)), make("dd", {}, text));
  details.replaceChildren(list, ...(inside ? [] : ofArray(node)));
}

function ofFolded(box) {
  const text = [...box.node.querySelectorAll("text")].map((t) => t.textContent.trim());
  const rows = [["box", text[0]], ["holds", plural(box.members.length, "node")]];
  rows.push(["inside", text.slice(1).join(" ")]);
  rows.push(["open it", box.opens ? word("click, or press Enter") : `draw(…, expand="#${box.top}")`]);
  return rows;
}

function ofNode(i) {
  const { sums, arrived } = gradientsAfter(shownStep);
  const rows = [["name", facts.name[i]]];
  for (const note of facts.notes[i] ?? []) rows.push(["note", note]);
  rows.push(["computed as", facts.formula[i] || word("a leaf: what the gradient is wanted for")]);
  if (facts.op[i] >= 0) rows.push(["op", facts.ops[facts.op[i]]]);
  if (facts.numbers[i]) rows.push(["in numbers", facts.numbers[i]]);
  if (facts.shape[i]) rows.push(["shape", facts.shape[i]]);
  rows.push(["value", forwardStep[i] <= shownStep ? exact(facts.value[i]) : word("not yet computed")]);
  if (nudged && isNumber(nudged[i])) rows.push(["after the nudge", exact(nudged[i])]);
  if (facts.gradient[i] === null) rows.push(["gradient", word("none arrives here")]);
  else if (isComplete(i, shownStep, arrived)) {
    rows.push(["gradient", exact(sums[i])]);
    if (facts.sum[i]) rows.push(["over all paths", facts.sum[i]]);
  } else {
    const paths = expected[i] ? ` (${word("{} of {} paths so far", arrived[i], expected[i])})` : "";
    rows.push(["gradient", `${word("not yet known")}${paths}`]);
  }
  facts.args[i].forEach((arg, position) => {
    const local = facts.local[i][position];
    if (!isNumber(arg) || local === null || local === "") return;
    const term = isNumber(local) ? `∂${called(i)}/∂${called(arg)}` : word("share of {}", called(arg));
    rows.push([term, isNumber(local) ? exact(local) : word("{}, with g = {}", local, partial(i))]);
  });
  return rows;
}

const exact = (x) => (isNumber(x) ? String(x).replaceAll("-", "−").replace("Infinity", "inf") : amount(x));

// ------------------------------------------------------------------- focus, along the arrows
function focusable(top) {
  for (const box of picture.boxes.values()) {
    box.node.setAttribute("tabindex", box.top === top ? "0" : "-1");
  }
}

function moveTo(top) {
  if (!picture.boxes.has(top)) return;
  focusable(top);
  picture.boxes.get(top).node.focus({ preventScroll: true });
  bringIntoView(picture.boxes.get(top).node, frame);
}

const visible = (top) => !picture.boxes.get(top).node.classList.contains("under");
const argsOf = (top) => [
  ...new Set(picture.edges.filter((e) => e.to === top).map((e) => e.from).filter(visible)),
];
const usersOf = (top) => [
  ...new Set(picture.edges.filter((e) => e.from === top).map((e) => e.to).filter(visible)),
];
let cameFrom = null; // the box whose arguments left and right go through

function neighbour(top, key) {
  if (key === "ArrowUp") {
    if (argsOf(top).length) cameFrom = top;
    return argsOf(top)[0];
  }
  if (key === "ArrowDown") return usersOf(top).includes(cameFrom) ? cameFrom : usersOf(top)[0];
  if (key === "Home") return [...picture.boxes.keys()].filter(visible).sort((a, b) => a - b)[0];
  if (key === "End") return picture.boxOf[ROOT];
  if (!usersOf(top).includes(cameFrom)) cameFrom = usersOf(top)[0];
  const beside = cameFrom === undefined ? [] : argsOf(cameFrom);
  const k = beside.indexOf(top) + (key === "ArrowRight" ? 1 : -1);
  return beside[(k + beside.length) % beside.length];
}

frame.addEventListener("keydown", (event) => {
  const node = event.target.closest(".value-node");
  if (!node || event.ctrlKey || event.metaKey || event.altKey) return;
  const box = picture.boxes.get(Number(node.dataset.node));
  if (event.key === "Enter" || event.key === " ") {
    if (box.opens) openBox(box.opens);
  } else if (/^(Arrow|Home|End)/.test(event.key)) {
    const next = neighbour(box.top, event.key);
    if (next !== undefined) moveTo(next);
  } else return;
  event.preventDefault();
  event.stopPropagation();
});
frame.addEventListener("focusin", (event) => {
  const node = event.target.closest?.(".value-node");
  if (!node) return;
  focusable(Number(node.dataset.node));
  describe(Number(node.dataset.node));
});
frame.addEventListener("mouseover", (event) => {
  const node = event.target.closest(".value-node");
  if (node) describe(Number(node.dataset.node));
});
frame.addEventListener("click", (event) => {
  const lid = event.target.closest(".lid, .cluster");
  if (lid) return toggleFrame(lid.dataset.frame);
  const node = event.target.closest(".value-node");
  if (!node) return;
  const box = picture.boxes.get(Number(node.dataset.node));
  if (box.opens) openBox(box.opens);
  else moveTo(box.top);
});

// ---------------------------------------------------------------------------- open and fold
const groups = document.querySelector("#groups div");

function openBox(opens) {
  const top = Number(opens);
  picture.current = null;
  cameFrom = null;
  showView(opens);
  moveTo(picture.boxes.has(top) ? top : picture.boxOf[top]);
}

function listGroups() {
  const buttons = [];
  if (picture.opens !== "") {
    buttons.push(button(word("Fold again: the whole graph"), () => {
      const back = Number(picture.opens);
      picture.current = null;
      showView("");
      moveTo(back);
    }));
  }
  for (const box of [...picture.boxes.values()].filter((b) => b.opens)) {
    const title = box.node.querySelector("text").textContent;
    if (box.opens !== picture.opens) buttons.push(button(word("Open {} (#{})", title, box.top), () => openBox(box.opens)));
  }
  picture.svg.querySelectorAll(".cluster").forEach((cluster, k) => {
    cluster.dataset.frame = k;
    const name = cluster.querySelector("text").textContent;
    const toggle = button(word("Fold {}", name), () => toggleFrame(String(k)));
    toggle.dataset.frame = k;
    toggle.setAttribute("aria-pressed", String(picture.svg.querySelector(`.lid[data-frame="${k}"]`) !== null));
    buttons.push(toggle);
  });
  groups.replaceChildren(...buttons);
  document.getElementById("groups").hidden = buttons.length === 0;
}

function button(text, action) {
  const made = make("button", { type: "button" }, text);
  made.addEventListener("click", action);
  return made;
}

// A folded frame gets a lid: positions stay, arrows end at its border, nothing inside is reached.
function toggleFrame(k) {
  const cluster = picture.svg.querySelector(`.cluster[data-frame="${k}"]`);
  const lid = picture.svg.querySelector(`.lid[data-frame="${k}"]`);
  const area = cluster.querySelector("path, polygon").getBBox();
  const inside = [...picture.svg.querySelectorAll(".node")].filter((node) => {
    const box = node.getBBox();
    const x = box.x + box.width / 2;
    const y = box.y + box.height / 2;
    return x > area.x && x < area.x + area.width && y > area.y && y < area.y + area.height;
  });
  for (const node of inside) {
    node.classList.toggle("under", !lid);
    node.dataset.under = k;
  }
  const hidden = new Set(inside.map((node) => node.dataset.node));
  for (const { edge, from, to } of picture.edges) {
    if (hidden.has(String(from)) && hidden.has(String(to))) edge.classList.toggle("under", !lid);
  }
  if (lid) lid.remove();
  else cluster.parentNode.append(lidOver(area, k, cluster.querySelector("text").textContent, inside));
  const toggle = groups.querySelector(`[data-frame="${k}"]`);
  toggle.setAttribute("aria-pressed", String(!lid));
  paint(shownStep, isPointing);
  const active = [...picture.boxes.keys()].filter(visible);
  focusable(active.includes(picture.boxOf[ROOT]) ? picture.boxOf[ROOT] : active[0]);
}

function lidOver(area, k, name, inside) {
  const SVG = "http://www.w3.org/2000/svg";
  const lid = document.createElementNS(SVG, "g");
  lid.setAttribute("class", "lid");
  lid.dataset.frame = k;
  const plate = document.createElementNS(SVG, "rect");
  for (const side of ["x", "y", "width", "height"]) plate.setAttribute(side, area[side]);
  plate.setAttribute("rx", 8);
  lid.append(plate);
  const numbers = inside.map((node) => Number(node.dataset.node));
  const names = numbers.filter((i) => facts.name[i] && facts.name[i] !== `#${i}`).map(called);
  const lines = [name, `${inside.length} boxes folded`, names.join(", ").slice(0, 40), "click to open"];
  lines.forEach((line, row) => {
    const text = document.createElementNS(SVG, "text");
    text.setAttribute("x", area.x + area.width / 2);
    text.setAttribute("y", area.y + 22 + 16 * row);
    text.setAttribute("text-anchor", "middle");
    text.setAttribute("font-size", row === 0 ? 14 : 11);
    text.append(line);
    lid.append(text);
  });
  return lid;
}

// ------------------------------------------------------------------------------------- search
const find = document.getElementById("find");

// The node that is meant by a name, by #4 or by the name of an op: the first, after the one shown.
function found(text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return -1;
  const is = [
    (i) => facts.name[i].toLowerCase() === wanted || `#${i}` === wanted,
    (i) => facts.name[i].toLowerCase().startsWith(wanted),
    (i) => (facts.ops[facts.op[i]] ?? "") === wanted,
    (i) => facts.name[i].toLowerCase().includes(wanted),
  ];
  const from = (picture.sought ?? -1) + 1;
  for (const fits of is) {
    for (let k = 0; k < size; k++) if (fits((from + k) % size)) return (from + k) % size;
  }
  return -1;
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const i = found(find.value);
  find.setAttribute("aria-invalid", String(i < 0));
  if (i < 0) return;
  picture.sought = i;
  const top = picture.boxOf[i];
  if (top < 0 || !picture.boxes.has(top)) return;
  moveTo(top);
  bringIntoWindow(picture.boxes.get(top).node);
  describe(top, i);
});
find.addEventListener("input", () => find.removeAttribute("aria-invalid"));
document.getElementById("names").append(
  ...[...new Set(facts.name.filter((name) => !name.startsWith("#")))].slice(0, 200).map((value) => make("option", { value })),
);

// --------------------------------------------------------------------------------------- zoom
function zoomTo(zoom) {
  picture.zoom = zoom;
  const [, , width, height] = picture.svg.getAttribute("viewBox").split(" ").map(Number);
  const room = parseFloat(getComputedStyle(frame).maxHeight) - 4; // as high as the frame may become
  const fit = Math.min((frame.clientWidth - 4) / width, room / height, 4 / 3);
  const scale = zoom === undefined ? Math.max(fit, 0.9) : zoom === "fit" ? fit : zoom;
  picture.scale = scale;
  picture.svg.style.width = `${width * scale}px`;
  picture.svg.style.height = `${height * scale}px`;
}
document.getElementById("tools").addEventListener("click", (event) => {
  const way = event.target.dataset.zoom;
  if (way) zoomTo(way === "fit" ? "fit" : picture.scale * (way === "in" ? 1.25 : 0.8));
});
