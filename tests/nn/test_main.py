"""The main job: as a process of its own, and in this one where only what it says matters."""

import codecs
import os
import re
import signal
import subprocess
import sys
import termios
import time
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd as ag
from autograd.drawing.sheet import CAPTION, FORMULA, LABEL
from nn import __main__ as job
from nn import checking, commands, terminal

LOSSES = ["0.4979", "0.4973", "0.4963", "0.4944", "0.4880", "0.3027", "0.2986", "0.2747", "0.1816", "0.1557"]


def run(*arguments, cwd, **options):
    return subprocess.run(
        [sys.executable, "-m", "nn", *map(str, arguments)],
        cwd=cwd,
        timeout=120,
        **{"capture_output": True, "encoding": "utf-8", "env": {**os.environ, "PYTHONUTF8": "1"}, **options},
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("job")
    return folder, run(cwd=folder)


def test_the_article_s_run_prints_losses_predictions_and_derivations(done):
    _, job_run = done
    assert job_run.returncode == 0
    assert re.findall(r"^epoch +(\d+)  loss (\S+)$", job_run.stdout, re.M) == [
        (str(100 * i), loss) for i, loss in enumerate(LOSSES)
    ]
    predictions = re.search(r"predictions\n(.*?)\n\n", job_run.stdout, re.S).group(1)
    np.testing.assert_allclose(
        [float(n) for n in re.findall(r"[\d.]+", predictions)], [0.324, 0.501, 0.814, 0.609, 0.975, 0.708], atol=6e-4
    )
    for gradient in ("∂L/∂W₁ = xᵀ ∂L/∂z₁", "∂L/∂b₁", "∂L/∂W₂ = a₁ᵀ ∂L/∂z₂", "∂L/∂b₂"):
        assert gradient in job_run.stdout


def test_no_terminal_no_progress_bar_and_nothing_on_stderr(done):
    assert done[1].stderr == ""


def test_the_gradients_agree_with_both_references(done):
    central, hand = (
        float(re.search(rf"against {what}.*?: (\S+), in", done[1].stdout).group(1)) for what in ("central", "hand")
    )
    assert central < 1e-8
    assert hand < 1e-14


def test_exactly_the_two_files_are_written_and_are_what_they_are_called(done):
    folder, job_run = done
    assert sorted(p.name for p in folder.iterdir()) == ["mlp-3-4-2.html", "mlp-3-4-2.svg"]
    assert "mlp-3-4-2.svg" in job_run.stdout and "mlp-3-4-2.html" in job_run.stdout
    root = ElementTree.parse(folder / "mlp-3-4-2.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"

    tags = set()

    class Page(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.add(tag)
            for name, value in attrs:
                if name in ("src", "href"):
                    assert value.startswith(("data:", "#")), "the page stands alone"

    page = (folder / "mlp-3-4-2.html").read_text(encoding="utf-8")
    Page().feed(page)
    assert {"svg", "img"} & tags and "script" not in tags
    assert all(f"∂L/∂{name}" in page for name in ("W₁", "b₁", "W₂", "b₂"))


def test_the_picture_in_the_readme_is_the_one_that_the_job_makes(done):
    """In what it says; its bytes may differ by the versions of what sets and places the formulas."""

    def said(path):
        root = ElementTree.parse(path).getroot()
        return [e.text for e in root.iter() if e.tag.endswith(("title", "desc"))]

    committed = Path(__file__).parent.parent.parent / "notebooks" / "mlp-3-4-2.svg"
    assert said(committed) == said(done[0] / "mlp-3-4-2.svg")


def test_the_smallest_print_in_the_readmes_picture_can_be_read_on_a_slide(done):
    root = ElementTree.parse(done[0] / "mlp-3-4-2.svg").getroot()
    assert min(CAPTION, FORMULA, LABEL) * 1280 / float(root.attrib["width"]) >= 9  # pixels, where it is 1280 wide


def test_the_same_call_writes_the_same_bytes(done, tmp_path):
    again = run(cwd=tmp_path)
    assert again.stdout == done[1].stdout
    for path in done[0].iterdir():
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_data_sizes_and_activations_of_one_s_own(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 2))
    np.savez(tmp_path / "data.npz", x=x, y=x.sum(axis=1, keepdims=True))
    table = "\n".join(f"{a},{b},{a + b}" for a, b in x)
    (tmp_path / "data.csv").write_text(table)
    out = tmp_path / "out"
    out.mkdir()
    options = ["--sizes", 2, 5, 3, 1, "--activation", "tanh", "--output", "identity", "--epochs", 150, "--lr", 0.05]
    results = [run(*options, "--data", name, "--out", "out", cwd=tmp_path) for name in ("data.csv", "data.npz")]
    assert [r.returncode for r in results] == [0, 0]
    assert results[0].stdout == results[1].stdout
    assert {p.name for p in out.iterdir()} == {"mlp-2-5-3-1.svg", "mlp-2-5-3-1.html"}


def test_help_has_examples(tmp_path):
    shown = run("--help", cwd=tmp_path)
    assert shown.returncode == 0
    for option in ["--sizes", "--activation", "--output", "--data", "--epochs", "--lr", "--seed", "--out", "examples"]:
        assert option in shown.stdout


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_a_terminal_without_unicode_gets_ascii(tmp_path, environment):
    env = {k: v for k, v in os.environ.items() if k != "PYTHONUTF8"} | {"PYTHONUTF8": "0"} | environment
    shown = run("--epochs", 1, cwd=tmp_path, env=env, encoding="ascii")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "dL/dW1 = x^T dL/dz1" in shown.stdout
    assert "y_hat" in shown.stdout


@pytest.mark.parametrize("command", ["", "derive", "draw", "play"])
def test_a_terminal_gets_a_progress_bar_on_stderr(tmp_path, command):
    ours, theirs = os.openpty()
    termios.tcsetwinsize(theirs, (40, 100))
    words = [*filter(None, [command]), "--epochs", 101]  # more of the bar than a terminal holds unread would block
    shown = run(*words, cwd=tmp_path, capture_output=False, stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    bar = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert "training:" in bar and "epochs/s" in bar
    assert re.findall(r"^epoch +\d+  loss (\S+)$", shown.stdout, re.M) == LOSSES[:2]


def test_a_reader_that_leaves_gets_no_traceback(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "nn", "--out", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(60), errors) == (141, b"")


def test_a_full_disk_is_said(tmp_path):
    with open("/dev/full", "w") as full:
        process = subprocess.run(
            [sys.executable, "-m", "nn", "--out", str(tmp_path)], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert process.returncode == 2
    assert re.fullmatch(r"nn: error: cannot write the output: .*\n", process.stderr)


def test_an_interruption_ends_quietly(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "nn", "--epochs", "100000000", "--lr", "0.0", "--out", str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background jobs ignore it
    ) as process:
        try:
            process.stdout.readline()  # it is running
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, errors) == (130, "nn: interrupted\n")
    assert list(tmp_path.iterdir()) == []


# What goes wrong, said in one line -----------------------------------------------------------------------------------


def refused(capsys, *arguments):
    """The one line on stderr of a call that stops."""
    status = job.main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    assert status == 2
    assert err.startswith("nn: error: ") and err.count("\n") == 1 and err.endswith("\n")
    assert "Traceback" not in out
    return err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--sizes", 3], "two sizes or more"),
        (["--sizes", 3, 0, 2], "'0' is not an integer of 1 or more"),
        (["--sizes", 3, "four", 2], "'four' is not an integer"),
        (["--sizes", 3, 4.5, 2], "'4.5' is not an integer"),
        (["--sizes"], "expected at least one argument"),
        (["--sizes", 4, 2], "the data has 3 inputs (x), but --sizes starts with 4; make the first size 3"),
        (["--sizes", 3, 4, 5], "the data has 2 targets (y), but --sizes ends with 5; make the last size 2"),
        (["--activation", "rellu"], "rellu"),
        (["--output", "softmax"], "softmax"),
        (["--epochs", -1], "'-1' is not an integer of 0 or more"),
        (["--epochs", "many"], "'many' is not"),
        (["--lr", "nan"], "'nan' is not a finite number"),
        (["--lr", "inf"], "'inf' is not a finite number"),
        (["--lr", "-1"], "'-1' is not a finite number of 0 or more"),
        (["--seed", -1], "'-1' is not an integer from 0"),
        (["--seed", 2**32], "is not an integer from 0"),
        (["--data", "none.csv"], "data file 'none.csv': not found"),
        (["--data", "."], "is a folder"),
        (["--out", "none"], "folder 'none' not found"),
        (["--nonsense"], "--nonsense"),
        (["--sizes", 3, 2, "--output", "identity", "--lr", "1e200"], "training diverged"),
    ],
)
def test_a_call_that_cannot_work_is_refused_and_leaves_no_file(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_malformed_file_is_refused(capsys, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("x,y\n1,two\n")
    assert "line 2, column 2: 'two' is no number" in refused(capsys, "--data", path, "--out", tmp_path)


@pytest.mark.parametrize("what", ["a file", "/proc", "taken", "long"])
def test_a_folder_that_cannot_be_written_is_refused_before_training(capsys, tmp_path, monkeypatch, what):
    monkeypatch.setattr(commands, "fit", lambda *args, **options: pytest.fail("trained all the same"))
    sizes = [3, 4, 2]
    folder = tmp_path
    if what == "a file":
        folder = tmp_path / "file"
        folder.write_text("")
    elif what == "/proc":
        folder = what
    elif what == "taken":
        (tmp_path / "mlp-3-4-2.html").mkdir()
    else:
        sizes = [3, *[4] * 150, 2]
    assert "folder" in (line := refused(capsys, "--out", folder, "--sizes", *sizes)) or "cannot write" in line


def test_an_error_while_writing_is_one_line_and_leaves_the_old_file(capsys, tmp_path, monkeypatch):
    (tmp_path / "mlp-3-4-2.svg").write_text("old")

    class Picture:
        def save(self, path):
            raise OSError(28, "No space left on device", path)

    monkeypatch.setattr(ag, "draw", lambda loss: Picture(), raising=False)
    assert "No space left" in refused(capsys, "--epochs", 1, "--out", tmp_path)
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("mlp-3-4-2.svg", "old")]


def test_not_enough_memory_is_said(capsys, tmp_path, monkeypatch):
    def full(*sizes, **options):
        raise MemoryError("Unable to allocate 7 PiB")

    monkeypatch.setattr(commands, "MLP", full)
    assert "not enough memory" in refused(capsys, "--out", tmp_path)


def test_gradients_that_disagree_are_an_error(capsys, tmp_path, monkeypatch):
    honest = checking.reference.gradients
    monkeypatch.setattr(checking.reference, "gradients", lambda *args: [g + 1e-6 for g in honest(*args)])
    assert job.main(["--epochs", "1", "--out", str(tmp_path)]) == 1
    assert "gradients disagree against hand-written NumPy, in W1, b1, W2, b2" in capsys.readouterr().err


def test_large_networks_are_compared_in_a_sample(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "MOST_ENTRIES", 5)
    assert job.main(["--epochs", "1", "--out", str(tmp_path)]) == 0
    assert "(16 entries)" in capsys.readouterr().out


@pytest.mark.parametrize(("x", "y"), [(1, 1e6), (1e5, 1), (1e-9, 1e12), (0, 1)])
def test_huge_and_tiny_numbers_raise_no_false_alarm(capsys, tmp_path, x, y):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "data.npz", x=x * rng.normal(size=(5, 3)), y=y * rng.normal(size=(5, 2)))
    for activation in ("relu", "tanh"):
        arguments = ["--data", tmp_path / "data.npz", "--lr", 0, "--activation", activation, "--out", tmp_path]
        assert job.main([str(a) for a in [*arguments, "--epochs", 1]]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("x²", "x^2"),
        ("e⁻ˣ", "e^-x"),
        ("x⁻¹⁰ y", "x^-10 y"),
        ("xᵀ∂L/∂W₁", "x^TdL/dW1"),
        ("(a²)²", "(a^2)^2"),
        ("Σσ", "sumsigma"),
    ],
)
def test_ascii_raises_what_was_raised(text, plain):
    codecs.register_error("nn.in_ascii", terminal.in_ascii)
    assert text.encode("ascii", "nn.in_ascii") == plain.encode()


def test_the_paths_that_a_terminal_without_unicode_gets_are_the_real_ones(tmp_path):
    folder = tmp_path / "größe²"
    folder.mkdir()
    env = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "1"}
    shown = run("--epochs", 1, "--out", folder, cwd=tmp_path, env=env, encoding=None)
    paths = [line.removeprefix(b"wrote ") for line in shown.stdout.splitlines() if line.startswith(b"wrote ")]
    assert shown.returncode == 0 and len(paths) == 2 and all(os.path.isfile(path) for path in paths)
