// Drives a page that page.py wrote: shows one frame after the other, answers keys, clicks and predictions.
// Names and values come from users: they reach the page as text only (textContent), never as markup.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = id => document.getElementById(id);
  const { prefix, states, nodes, links, sums, frames, questions } = data;
  const stage = $("stage"), picture = stage.querySelector("svg"), panel = $("panel");
  const boxes = nodes.map((_, n) => $(`${prefix}-box${n}`));
  const arrows = Array.from({ length: links }, (_, n) => [$(`${prefix}-arrow${n}`), $(`${prefix}-label${n}`)].filter(Boolean));
  const signs = sums.map(n => $(`${prefix}-sum${n}`));
  const ownClass = new Map([...boxes, ...arrows.flat(), ...signs].map(e => [e, e.getAttribute("class") || ""]));
  const frameOf = { forward: new Map(), backward: new Map() };
  frames.forEach((frame, k) => frameOf[frame.phase]?.set(frame.node, k));

  let at = 0, selected = -1, timer = 0, predicting = false, other = false, hint = 0;
  const revealed = new Set();
  const score = { right: 0, tried: 0 };

  // --- What is missing, in words ---
  const isDone = (frame, n) => "dD".includes(frame.nodes[n]);
  const missing = (frame, n) =>
    ("wrnd".includes(frame.nodes[n]) ? nodes[n].inputs : nodes[n].consumers).filter(m => !isDone(frame, m));
  const list = names => {
    const most = 5;
    const shown = names.length > most ? [...names.slice(0, most - 1), `${names.length - most + 1} more`] : names;
    return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
  };
  const named = numbers => list(numbers.map(n => nodes[n].name));
  const what = frame => (frame.phase === "start" || frame.phase === "forward" ? "value" : "gradient");

  function standing(frame) {
    const ready = [], waiting = new Map();
    frame.nodes.split("").forEach((state, n) => {
      if ("rR".includes(state)) ready.push(n);
      if (!"wW".includes(state)) return;
      const key = missing(frame, n).join();
      waiting.set(key, [...(waiting.get(key) || []), n]);
    });
    const parts = [];
    if (ready.length) parts.push(`Ready: ${named(ready)}.`);
    const groups = [...waiting].map(([key, who]) => `${named(who)} for ${named(key.split(",").map(Number))}`);
    if (groups.length) parts.push(`Waiting: ${groups.slice(0, 4).join("; ")}${groups.length > 4 ? `; and ${groups.length - 4} more` : ""}.`);
    return parts.join(" ") || (frame.phase === "end" ? "Nothing waits any more." : "");
  }

  function reason(frame, n) {
    const { name } = nodes[n], state = frame.nodes[n], lacks = missing(frame, n), kind = what(frame);
    if (state === "-") return `${name}: no gradient is asked for here.`;
    if ("wW".includes(state)) return `${name} waits: the ${kind}${lacks.length > 1 ? "s" : ""} of ${named(lacks)} ${lacks.length > 1 ? "are" : "is"} still missing.`;
    if ("rR".includes(state)) {
      const from = kind === "value" ? nodes[n].inputs : nodes[n].consumers;
      return from.length ? `${name} is ready: ${named(from)} ${from.length > 1 ? "are" : "is"} done; its turn comes.` : `${name} is ready: it waits for nothing.`;
    }
    if ("nN".includes(state)) return `${name}: it is its turn.`;
    return kind === "value" ? `${name} is done: its value is there.` : `${name} is done: its gradient is there.`;
  }

  // --- One frame ---
  const asking = k => predicting && questions[k] && !revealed.has(k);
  const hides = k => Boolean(asking(k)) && !questions[k].way;  // of a folded part, all that is there is shown
  const mark = (element, letter, more = "") => element.setAttribute("class", `${ownClass.get(element)} s-${letter}${more}`.trim());

  function paint() {
    const frame = frames[at], hide = hides(at);
    boxes.forEach((box, n) => {
      const letter = hide && n === frame.node ? "N s-hidden" : frame.nodes[n];
      mark(box, letter, n === selected ? " selected" : "");
      box.setAttribute("aria-label", `${nodes[n].name}, ${nodes[n].role}, ${states[frame.nodes[n]] || "no gradient"}`);
      box.setAttribute("aria-pressed", String(n === selected));
    });
    arrows.forEach((elements, n) => elements.forEach(element => mark(element, frame.arrows[n])));
    signs.forEach((sign, n) => mark(sign, frame.sums[n]));
    const shown = new Set(selected < 0 ? [at] : ["forward", "backward"].map(phase => frameOf[phase].get(selected)).filter(k => k <= at));
    for (let k = 0; k < frames.length; k++) {
      const section = $(`s${k}`);
      section.hidden = !shown.has(k);
      section.classList.toggle("asked", hides(k));
      section.classList.toggle("open", Boolean(asking(k)) && !hides(k));
      section.dataset.hint = hint;
    }
    $("node").hidden = selected < 0;
    if (selected >= 0) {
      $("why").textContent = reason(frame, selected);
      const there = frameOf[frame.phase === "start" || frame.phase === "forward" ? "forward" : "backward"].get(selected);
      $("goto").hidden = there === undefined || there === at;
      $("goto").onclick = () => step(there - at);
    }
    const where = `${at + 1} of ${frames.length}`;
    $("where").textContent = where;
    $("step").textContent = `${where}: ${frame.title}.`;
    $("said").textContent = standing(frame);
    $("slider").value = at;
    $("slider").setAttribute("aria-valuetext", `${where}: ${frame.title}`);
    $("back").disabled = $("first").disabled = at === 0;
    $("next").disabled = $("last").disabled = at === frames.length - 1;
    ask();
    panel.scrollTop = 0;
  }

  function go(k) {
    const before = at;
    at = Math.max(0, Math.min(frames.length - 1, k));
    selected = -1;
    if (at !== before) { hint = 0; clearVerdict(); }
    paint();
    follow();
    if (asking(at)) { stop(); $("answer").focus({ preventScroll: true }); }
  }

  // --- Playing ---
  const playing = () => timer !== 0;
  function stop() {
    clearTimeout(timer);
    timer = 0;
    $("play").textContent = "▶ Play";
  }
  function play() {
    if (at === frames.length - 1) go(0);
    $("play").textContent = "❚❚ Pause";
    const tick = () => {
      go(at + 1);
      if (at === frames.length - 1 || asking(at)) stop();
      else timer = setTimeout(tick, Number($("speed").value));
    };
    timer = setTimeout(tick, Number($("speed").value));
  }
  const toggle = () => (playing() ? stop() : play());

  // --- Predict, then reveal ---
  function ask() {
    const question = asking(at) && selected < 0 ? questions[at] : null;
    $("ask").hidden = !question && !$("verdict").textContent;
    for (const id of ["question", "answer", "check", "hint", "reveal"]) $(id).hidden = !question;
    if (question) $("question").textContent = `Predict ${question.asked} =`;
    $("score").textContent = predicting && score.tried ? `${score.right} of ${score.tried} right` : "";
  }
  function clearVerdict() {
    $("verdict").textContent = "";
    $("verdict").className = "";
    $("answer").value = "";
  }
  function verdict(kind, said) {
    $("verdict").textContent = said;
    $("verdict").className = kind;
  }
  const numberOf = x => (typeof x === "string" ? { nan: NaN, inf: Infinity, "-inf": -Infinity }[x] : x);
  function parsed(text) {
    const plain = text.trim().toLowerCase().replace(/[−–]/g, "-").replace(/∞/g, "inf").replace(/^(-?\d*),(\d+)$/, "$1.$2")
      .replace(/\s*(?:[·×*]\s*10\s*\^\s*)\(?(-?\d+)\)?$/, "e$1");
    if (plain === "nan") return NaN;
    if (/^[+-]?inf(inity)?$/.test(plain)) return plain.startsWith("-") ? -Infinity : Infinity;
    const number = "[+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?";
    const found = plain.match(new RegExp(`^(${number})(?:\\s*/\\s*(${number}))?$`));
    return found ? Number(found[1]) / (found[2] === undefined ? 1 : Number(found[2])) : undefined;
  }
  function near(number, answer, text) {
    if (!Number.isFinite(answer)) return Object.is(number, answer);
    if (Math.abs(number - answer) <= data.tolerance * Math.abs(answer)) return true;
    const rounded = text.trim().match(/^[-−]?\d*[.,](\d*[1-9]\d+)$/);  // to two digits or more
    return Boolean(rounded) && Math.abs(number - answer) <= 0.5000001 * 10 ** -rounded[1].length;
  }
  const written = x => (Number.isFinite(x) ? String(Number(x.toPrecision(4))) : String(x)).replaceAll("-", "−");

  function check() {
    const question = questions[at], text = $("answer").value, number = parsed(text);
    if (!asking(at)) return;
    if (number === undefined) return verdict("wrong", "That is no number: write it as −0.25, 1/3 or 2e-5.");
    score.tried += 1;
    const answer = numberOf(question.answer);
    if (near(number, answer, text)) {
      score.right += 1;
      verdict("right", `Right: ${question.asked} = ${written(answer)}.${question.way ? "" : " How it comes about:"}`);
      return reveal();
    }
    const mistake = question.mistakes.find(each => near(number, each.number, text) || Math.abs(number - each.number) <= 1e-12 * Math.abs(answer));
    verdict("wrong", `${written(number)} is not it. ${mistake ? mistake.said : question.way || "Look at what arrives, and multiply it by the local derivative."}`);
    ask();
    $("answer").select();
  }
  function reveal() {
    revealed.add(at);
    paint();
    $("next").focus({ preventScroll: true });
  }

  // --- The picture's size ---
  const size = { width: picture.viewBox.baseVal.width, height: picture.viewBox.baseVal.height };
  function resize() {
    const whole = Math.min((stage.clientWidth - 8) / size.width, (stage.clientHeight - 8) / size.height);
    const wide = whole < 0.5;  // too small to read: it is then shown larger, and scrolled to where something happens
    const scale = wide ? (other ? whole : 0.75) : other ? Math.max(1, whole * 1.5) : Math.min(whole, 1.8);
    $("fit").textContent = wide ? "Whole graph" : "Full size";
    picture.setAttribute("width", size.width * scale);
    picture.setAttribute("height", size.height * scale);
    follow();
  }
  function follow() {
    const { node, nodes: states } = frames[at];
    const n = selected >= 0 ? selected : node >= 0 ? node : states.search(/r/);  // at the start, what comes first
    if (n < 0 || (stage.scrollWidth <= stage.clientWidth && stage.scrollHeight <= stage.clientHeight)) return;
    const box = boxes[n].getBoundingClientRect(), area = stage.getBoundingClientRect();
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    stage.scrollBy({
      left: box.left + box.width / 2 - area.left - area.width / 2,
      top: box.top + box.height / 2 - area.top - area.height / 2,
      behavior: calm ? "auto" : "smooth",
    });
  }
  function zoom() {
    other = !other;
    $("fit").setAttribute("aria-pressed", String(other));
    resize();
  }

  // --- Controls ---
  function select(n) {
    stop();
    selected = selected === n ? -1 : n;
    paint();
  }
  const deselect = () => select(selected);
  function depth(level) {
    panel.dataset.depth = level;
    for (const button of document.querySelectorAll("[data-level]"))
      button.setAttribute("aria-pressed", String(button.dataset.level === String(level)));
  }
  function predict() {
    predicting = !predicting;
    $("predict").setAttribute("aria-pressed", String(predicting));
    hint = 0;
    clearVerdict();
    go(at);
  }
  const step = by => { stop(); go(at + by); };
  $("first").onclick = () => step(-frames.length);
  $("last").onclick = () => step(frames.length);
  $("back").onclick = () => step(-1);
  $("next").onclick = () => step(1);
  $("play").onclick = toggle;
  $("slider").oninput = () => step(Number($("slider").value) - at);
  $("predict").onclick = predict;
  $("fit").onclick = zoom;
  $("close").onclick = deselect;
  $("check").onclick = check; // and no form: a notebook's frame, which is a sandbox, would not hand it in
  $("hint").onclick = () => {
    hint = Math.min(2, hint + 1);
    if (questions[at].way) verdict("", questions[at].way);
    paint();
  };
  $("reveal").onclick = () => {
    const { asked, answer, way } = questions[at];
    verdict("", `${asked} = ${written(numberOf(answer))}${way ? `. ${way}` : ":"}`);
    reveal();
  };
  for (const button of document.querySelectorAll("[data-level]")) button.onclick = () => depth(button.dataset.level);
  boxes.forEach((box, n) => {
    box.setAttribute("tabindex", "0");
    box.setAttribute("role", "button");
    box.onclick = () => select(n);
  });

  document.onkeydown = event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target, node = boxes.indexOf(target);
    if (target.id === "answer") {
      if (event.key === "Enter") { event.preventDefault(); check(); } // or the button that gets the focus were pressed
      if (event.key === "Escape") target.blur();
      return;
    }
    if (node >= 0 && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); return select(node); }
    if (target.tagName === "SELECT" && event.key !== "Escape") return;
    if (event.key === " " && target.tagName === "BUTTON") return;
    const action = {
      ArrowLeft: () => step(-1), ArrowRight: () => step(1), Home: () => step(-frames.length), End: () => step(frames.length),
      " ": toggle, p: predict, f: zoom, Escape: deselect,
      1: () => depth(1), 2: () => depth(2), 3: () => depth(3),
    }[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  let before = 0;  // on paper all steps stand below one another, and the picture has all numbers
  addEventListener("beforeprint", () => { before = at; stop(); go(frames.length - 1); });
  addEventListener("afterprint", () => go(before));
  new ResizeObserver(resize).observe(stage);
  document.documentElement.classList.add("js");
  depth(3);
  paint();
  resize();
})();
