// The page's side of live_widget.py: sliders out, a picture back. What comes from Python is shown as text or as an
// image, never as markup.
function make(kind, parent, settings) {
  const element = Object.assign(document.createElement(kind), settings);
  parent.append(element);
  return element;
}

function slider(parent, label, settings) {
  const range = make("input", parent, { type: "range", ariaLabel: label, ...settings });
  // In JupyterLab the arrow keys, in VS Code Home, End and the page keys go from cell to cell: not from here.
  range.dataset.lmSuppressShortcuts = "true";
  range.onkeydown = event => { if (/^(Arrow|Home|End|Page)/.test(event.key)) event.stopPropagation(); };
  return range;
}

function render({ model, el }) {
  el.replaceChildren();
  const card = make("div", el, { className: "glassgrad-live" });
  const inputs = make("div", card, { className: "glassgrad-inputs" });
  const shown = make("div", card, { className: "glassgrad-shown" });

  let busy = false, wanted = null;
  function send(change) {
    wanted = { ...wanted, ...change };
    if (busy) return;
    const changed = Object.entries(wanted).filter(([key, value]) => String(value) !== String(model.get(key)));
    wanted = null;
    if (!changed.length) return; // moved and moved back: Python hears of no change, and would not answer
    busy = true;
    for (const [key, value] of changed) model.set(key, value);
    model.save_changes();
  }

  let numbers;
  const rows = model.get("sliders").map(({ label, low, high, step }, i) => {
    make("span", inputs, { textContent: label });
    const range = slider(inputs, label, { min: low, max: high, step: "any" }), said = make("span", inputs);
    const say = () => {
      const written = String(Number(numbers[i].toPrecision(3))).replaceAll("-", "−");
      said.textContent = range.ariaValueText = written;
    };
    range.oninput = () => {
      const at = Number(range.value), round = Math.round(at / step) * step;
      numbers[i] = at > low && at < high ? Math.min(high, Math.max(low, round)) : at;
      say();
      send({ numbers: [...numbers] });
    };
    return () => { range.value = numbers[i]; say(); };
  });

  const frame = slider(shown, "Step", { min: 0, step: 1 });
  const problem = make("p", shown, { role: "alert" });
  const image = make("img", shown);
  frame.oninput = () => send({ frame: Number(frame.value) });

  function paint() {
    problem.textContent = model.get("problem");
    problem.hidden = !problem.textContent;
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(model.get("svg"));
    image.alt = model.get("said");
    busy = false;
    if (wanted) send({});
    if (busy) return; // the sliders are further on already
    frame.max = model.get("frames") - 1;
    frame.value = model.get("frame");
    frame.ariaValueText = image.alt;
    numbers = [...model.get("numbers")]; // which another view of the widget may have changed, or Python
    for (const show of rows) show();
  }
  model.on("change:answered", paint);
  paint();
  return () => model.off("change:answered", paint);
}

export default { render };
