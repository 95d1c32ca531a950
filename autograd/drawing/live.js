// The page's side of live_widget.py: sliders out, a picture back. What comes from Python is shown as text or as an
// image, never as markup.
function make(kind, parent, settings = {}) {
  const element = Object.assign(document.createElement(kind), settings);
  parent.append(element);
  return element;
}

function slider(parent, label, settings) {
  const range = make("input", parent, { type: "range", ...settings });
  range.setAttribute("aria-label", label);
  range.dataset.lmSuppressShortcuts = "true"; // JupyterLab's arrow keys go from cell to cell: not from here
  return range;
}

function render({ model, el }) {
  el.replaceChildren();
  const theme = document.body.className.match(/vscode-(dark|light)/); // VS Code declares no color-scheme
  if (theme) el.style.colorScheme = theme[1];
  const grid = make("div", el);
  grid.style.cssText = "display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start;font:14px system-ui,sans-serif";
  const inputs = make("div", grid), shown = make("div", grid);
  inputs.style.cssText = "flex:0 1 16rem;display:grid;grid-template-columns:auto 1fr 4.5em;gap:.3rem .6rem;align-items:center";
  shown.style.cssText = "flex:1 1 30rem;min-width:0";

  let busy = false, wanted = null;
  function send(change) {
    wanted = { ...wanted, ...change };
    if (busy) return;
    busy = true;
    for (const [key, value] of Object.entries(wanted)) model.set(key, value);
    wanted = null;
    model.save_changes();
  }

  const numbers = [...model.get("numbers")];
  model.get("sliders").forEach(({ label, low, high, step }, i) => {
    make("span", inputs, { textContent: label }).style.whiteSpace = "nowrap";
    const range = slider(inputs, label, { min: low, max: high, step: "any", value: numbers[i] });
    const output = make("output", inputs, { textContent: Number(numbers[i].toPrecision(3)) });
    range.oninput = () => {
      numbers[i] = Math.round(Number(range.value) / step) * step;
      output.textContent = Number(numbers[i].toPrecision(3));
      send({ numbers: [...numbers] });
    };
  });

  const frame = slider(shown, "Step", { min: 0, step: 1 });
  frame.style.cssText = "display:block;width:100%;max-width:24rem";
  const problem = make("p", shown);
  problem.setAttribute("role", "alert");
  problem.style.cssText = "color:#b3261e;color:light-dark(#b3261e,#ff9d94)";
  const image = make("img", shown);
  image.style.cssText = "max-width:100%;height:auto";
  frame.oninput = () => send({ frame: Number(frame.value) });

  function paint() {
    frame.max = model.get("frames") - 1;
    frame.value = model.get("frame");
    frame.setAttribute("aria-valuetext", model.get("said"));
    problem.textContent = model.get("problem");
    problem.hidden = !model.get("problem");
    image.alt = model.get("said");
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(model.get("svg"));
    busy = false;
    if (wanted) send({});
  }
  model.on("change:answered", paint);
  paint();
  return () => model.off("change:answered", paint);
}

export default { render };
