"""The commands train, derive, draw and play, and `--open`: what they print and write, on data of one's own too."""

import re

import numpy as np
import pytest

import nn
from nn import __main__ as job
from nn import commands, terminal
from nn import options as table


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(here, capsys):
    """Runs a command; returns its output, after a success. What it showed in a browser is in `call.shown`."""

    def run(line, *more, status=0):
        assert job.main([*line.split(), *map(str, more)], browse=run.browse) == status
        out, err = capsys.readouterr()
        if status:
            assert "Traceback" not in out and err.startswith("nn: error: ") and err.count("\n") == 1
        else:
            assert err == ""
        return err if status else out

    def browse(address):
        run.shown.append(address)
        return True

    run.shown, run.browse = [], browse
    return run


def table_of_classes(path):
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 3, 30)
    x = rng.normal(size=(30, 2)) * 0.3 + np.array([[0.0, 2.0], [2.0, 0.0], [-2.0, -2.0]])[classes]
    path.write_text("\n".join(f"{a},{b},{c}" for (a, b), c in zip(x, classes, strict=True)))


def test_train_saves_what_the_other_commands_start_from(call, here):
    assert "after 1000 epochs the loss is 0.1410" in call("train")
    assert [p.name for p in here.iterdir()] == ["mlp-3-4-2.npz"]
    net = nn.load(nn.MLP(3, 4, 2), "mlp-3-4-2.npz")
    loss = nn.functional.mse_loss(net(nn.data.article()[0]), nn.data.article()[1]).item()
    derived = call("derive --model mlp-3-4-2.npz")
    assert f"= {loss:.4g}" in derived and "∂L/∂W₁ = xᵀ ∂L/∂z₁" in derived
    assert "epoch    0  loss 0.1410" in call("train --model mlp-3-4-2.npz --epochs 10 --save more.npz")


def test_a_model_brings_its_sizes_activations_and_dtype(call):
    net = nn.MLP(3, 5, 2, activation="tanh", output="identity", rng=0, dtype=np.float32)
    nn.save(net, "own.npz")
    shown = call("derive --model own.npz --rows 1")
    assert "MLP(3, 5, 2, activation='tanh', output='identity')" in shown and "tanh(z₁)" in shown


def test_classes_are_learned_by_cross_entropy_in_batches(call, here):
    table_of_classes(here / "table.csv")
    options = "--data table.csv --sizes 2 8 3 --loss cross_entropy --optimizer adam --batch-size 8 --lr 0.05"
    said = call(f"train {options} --epochs 40")
    right = int(re.search(r"(\d+) of 30 examples are put in their class", said)[1])
    assert right >= 28 and "output='identity'" in said
    assert call(f"train {options} --epochs 40") == said, "the seed repeats the batches"


@pytest.mark.parametrize("classes", [True, False])
def test_the_main_job_checks_the_gradients_of_the_cross_entropy(call, here, classes):
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, (6, 1)) if classes else np.eye(3)[rng.integers(0, 3, 6)]
    np.savez("data.npz", x=rng.normal(size=(6, 2)), y=y)
    said = call("--data data.npz --sizes 2 4 3 --loss cross_entropy --epochs 5 --activation tanh")
    for what, limit in (("central", 1e-7), ("hand", 1e-13)):
        assert float(re.search(rf"against {what}.*?: (\S+), in", said)[1]) < limit


def test_derive_prints_and_saves(call, here):
    said = call("derive --save d.tex")
    assert said.startswith("MLP(3, 4, 2, activation='relu', output='sigmoid')  # 26 parameters; 3 examples\n\nForward")
    assert said.endswith("wrote d.tex\n") and (here / "d.tex").read_text().startswith(r"\documentclass")


def test_derive_shows_the_first_rows(call, here):
    table_of_classes(here / "table.csv")
    said = call("derive --data table.csv --sizes 2 1")
    assert "; the first 3 of 30 examples\n" in said
    assert "; the first of 30 examples\n" in call("derive --data table.csv --sizes 2 1 --rows 1")


@pytest.mark.parametrize("entry", ["W1 0 0", "b2 1", "a1 2 3", "W2 -1 -1"])
def test_derive_takes_one_entry(call, here, entry):
    derived, paths = call(f"derive --entry {entry} --save e.md"), call(f"derive --entry {entry} --paths")
    assert "The paths: along each" in derived and re.search(r"^  product +path$", paths, re.M)
    name = entry.split()[0]
    assert f"{name[0]}_{{{name[1]}}}[" in (here / "e.md").read_text()


def test_derive_of_an_epoch_later_is_of_other_numbers(call):
    first, later = call("derive"), call("derive --epochs 101")
    assert "epoch  100  loss" in later and "epoch" not in first
    assert first.partition("Backward")[2] != later.partition("Backward")[2]


def test_draw_saves_the_graph_or_the_units(call, here):
    assert call("draw").endswith("wrote graph-3-4-2.svg\n")
    assert call("draw --neurons").endswith("wrote units-3-4-2.svg\n")
    assert call("draw --save own.html").endswith("wrote own.html\n")
    svg, units = ((here / f"{kind}-3-4-2.svg").read_text() for kind in ("graph", "units"))
    assert svg.startswith("<svg") and units.startswith("<svg") and svg != units
    assert "<svg" in (here / "own.html").read_text()


def test_play_saves_the_backward_pass_step_by_step(call, here):
    assert call("play --rows 1").endswith("; the first of 3 examples\n\nwrote play-3-4-2.html\n")
    assert "<html" in (here / "play-3-4-2.html").read_text()
    call("play --save steps.txt")
    assert "waiting:" in (here / "steps.txt").read_text()


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("--epochs 1", "mlp-3-4-2.html"),
        ("derive", "derivation-3-4-2.html"),
        ("derive --entry W1 0 0 --save e.html", "e.html"),
        ("draw", "graph-3-4-2.svg"),
        ("play", "play-3-4-2.html"),
        ("play --save steps.svg", "steps.svg"),
    ],
)
def test_open_shows_the_result_in_a_browser(call, here, line, name):
    call(f"{line} --open")
    assert call.shown == [(here / name).as_uri()]


def test_without_a_browser_open_says_so_and_is_no_failure(here, capsys):
    assert job.main(["draw", "--open"], browse=lambda address: False) == 0
    assert capsys.readouterr().err == "nn: found no browser to show it in; open graph-3-4-2.svg yourself\n"


def test_a_linux_without_desktop_has_no_browser(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("webbrowser.open", lambda address: pytest.fail("took the terminal"))
    assert terminal.browse("file:///x") is False
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", lambda address: address == "file:///x")
    assert terminal.browse("file:///x") is True


# The help -------------------------------------------------------------------------------------------------------------


def examples(name):
    """The calls in a command's help that need no data of one's own."""
    lines = re.findall(r"^  python -m nn ?(.*?)(?:   .*)?$", table._COMMANDS[name].examples, re.M)
    return [line for line in lines if "--data" not in line and "5000" not in line]


@pytest.mark.parametrize("name", list(commands.known))
def test_every_command_has_a_help_with_examples_that_work(call, here, capsys, name):
    with pytest.raises(SystemExit) as stop:
        job.main([*filter(None, [name]), "--help"])
    shown = capsys.readouterr().out
    assert stop.value.code == 0 and f"usage: python -m nn {name}".rstrip() in shown
    assert all(option in shown for option in ("--sizes", "--data", "--epochs", "--model", "examples:"))
    assert examples(name)
    for line in examples(name):
        call(line)


def test_the_main_help_lists_the_commands(capsys):
    assert set(commands.known) == set(table._COMMANDS)
    with pytest.raises(SystemExit):
        job.main(["--help"])
    shown = capsys.readouterr().out
    assert all(re.search(rf"^  {name} +\w", shown, re.M) for name in commands.known if name)


# What goes wrong ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("trian", "unknown command 'trian': the commands are train, derive, draw, play"),
        ("3 4 2", "unknown command '3'"),
        ("derive --nonsense", "--nonsense"),
        ("derive --out x", "--out"),
        ("derive --paths", "--paths: say of which entry, e.g. --entry W1 0 0"),
        ("derive --entry W9 0 1", "nothing called 'W9' has a gradient here; there are W1 (3, 4), b1 (4,), W2 (4, 2)"),
        ("derive --entry x 0 1", "nothing called 'x' has a gradient"),
        ("derive --entry W1 0", "--entry W1 0: Tensor 'W1' has shape (3, 4)"),
        ("derive --entry W1 0 9", "axis 1 has 4"),
        ("derive --entry W1 0 one", "--entry W1 0 one: the index is whole numbers"),
        ("derive --save d.doc", "--save 'd.doc': the name must end in .html, .md, .svg, .tex, .txt"),
        ("derive --save d", "--save 'd': the name must end in .html, .md"),
        ("derive --save d.tex --open", "--open: no browser shows 'd.tex'"),
        ("derive --rows 0", "'0' is not an integer of 1 or more"),
        ("derive --save none/d.tex", "folder 'none' not found"),
        ("draw --save g.jpeg", "--save 'g.jpeg': the name must end in .svg, .html, .dot, .png, .pdf"),
        ("draw --save g.dot --open", "no browser shows 'g.dot'"),
        ("draw --save .", "--save '.': the name must end in .svg"),
        ("play --save p.mp4", "--save 'p.mp4': the name must end in .html, .svg, .gif, .txt"),
        ("train --save m.txt", "--save 'm.txt': the name must end in .npz"),
        ("train --batch-size 0", "'0' is not an integer of 1 or more"),
        ("train --optimizer adamw", "adamw"),
        ("train --loss hinge", "hinge"),
        ("train --loss cross_entropy", "the targets of example 3 sum to 2"),
        ("train --data none.csv", "data file 'none.csv': not found"),
        ("train --sizes 3 2 --output identity --lr 1e200", "training diverged"),
        ("draw --sizes 4 2", "the data has 3 inputs (x), but --sizes starts with 4; make the first size 3"),
        ("draw --model none.npz", "model file 'none.npz': No such file"),
        ("draw --model none.npz --sizes 3 2", "--sizes: the file of --model says it"),
    ],
)
def test_a_call_that_cannot_work_is_refused_and_leaves_no_file(call, here, line, message):
    assert message in call(line, status=2)
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        (lambda: nn.save(nn.Sequential(nn.Linear(3, 2)), "m.npz"), "holds Sequential("),
        (lambda: nn.save(nn.MLP(3, 2, activation=np.sin), "m.npz"), "with activations by name"),
        (lambda: nn.save(nn.MLP(4, 2), "m.npz"), "the data has 3 inputs (x), but the model starts with 4"),
        (lambda: np.savez("m.npz", W1=np.ones((3, 2))), "arrays of no named model"),
        (lambda: np.savez("m.npz", **{"(model)": "MLP(9999999, 9999999)", "W1": np.ones(2)}), "holds MLP(9999999"),
        (lambda: np.savez("m.npz", **{"(model)": "__import__('os').getcwd()", "W1": np.ones(2)}), "holds __import__"),
        (lambda: nn.save(nn.MLP(3, 2, init=lambda shape, rng: np.full(shape, np.nan)), "m.npz"), "not finite"),
        (lambda: open("m.npz", "w").close(), "no .npz archive"),
    ],
)
def test_a_model_file_that_cannot_be_used_is_refused(call, here, saved, message):
    saved()
    assert message in call("derive --model m.npz", status=2)


def test_class_numbers_that_are_none_are_refused(call, here):
    for target, said in (("3", "3"), ("0.5", "0.5"), ("-1", "-1")):
        (here / "t.csv").write_text(f"1,0\n2,{target}\n")
        message = call("train --data t.csv --sizes 1 3 --loss cross_entropy", status=2)
        assert (
            f"the target of example 2 is {said}; for --loss cross_entropy it is a class number from 0 to 2" in message
        )
