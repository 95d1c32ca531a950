"""The notebooks say what their code computes: each is run from clean, and its outputs are those that are committed."""

from __future__ import annotations

import re
from decimal import Decimal
from html.parser import HTMLParser
from itertools import starmap

import pytest

from tests.notebooks import FOLDER, executed, read

PATHS = sorted(FOLDER.glob("*.ipynb"))
LARGEST = 1_200_000
"""Bytes; a code host shows notebooks up to a few of these."""

pytestmark = [
    # What the kernel's messaging warns of is not this project's; what a cell warns of is an output, and compared.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:zmq|jupyter_client|nbclient|tornado"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

NUMBER = re.compile(r"[-−+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?")


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def path(request):
    return request.param


def test_there_is_a_notebook_for_each_step_of_the_way_and_they_lead_from_one_to_the_next():
    assert [path.name[:3] for path in PATHS] == ["01-", "02-", "03-", "04-", "05-"]
    for path, following in zip(PATHS, [*PATHS[1:], PATHS[0]], strict=True):
        assert f"]({following.name})" in read(path).cells[-1].source


def test_a_notebook_is_committed_as_it_was_executed_small_and_without_a_trace_of_when_and_where(path):
    notebook = read(path)
    assert path.stat().st_size < LARGEST
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(cell.metadata for cell in notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    for cell in cells:
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr"
            assert str(FOLDER.parent) not in str(output)


def test_a_notebook_run_from_clean_gives_the_outputs_that_are_committed(path):
    committed, fresh = read(path), executed(path)
    for before, now in zip(committed.cells, fresh.cells, strict=True):
        outputs, again = before.get("outputs", []), now.get("outputs", [])
        assert list(map(kind, again)) == list(map(kind, outputs)), before.source
        for output, other in zip(outputs, again, strict=True):
            for text, repeated in zip(texts(output), texts(other), strict=True):
                assert same(text, repeated), f"{before.source}\n\nwas\n{text[:2000]}\n\nis now\n{repeated[:2000]}"


@pytest.mark.browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_picture_is_visible_on_a_page_that_only_shows_the_notebook(path, dark, browser):
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter(template_name="basic").from_notebook_node(read(path))
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # as a code host does, and an untrusted notebook
    browser.show(f"<meta charset=utf-8>{page}", dark=dark)
    browser.run("for (const closed of document.querySelectorAll('details')) closed.open = true")
    pictures = browser.run(
        "return Array.from(document.images, i => [i.alt, i.naturalWidth, i.getBoundingClientRect().width])"
    )
    outputs = [output for cell in read(path).cells for output in cell.get("outputs", [])]
    data = [output.data for output in outputs if "data" in output]
    assert len(pictures) == sum(each.get("text/html", "").count("<img") + ("image/png" in each) for each in data)
    assert [alt for alt, natural, shown in pictures if not natural or not shown] == []
    assert browser.problems() == []


def kind(output):
    """What an output is: of which type, shown in which forms, images among them."""
    return output.output_type, sorted(output.get("data", {})), len(texts(output))


def texts(output):
    """The words of an output: of HTML what is written, and what images are said to show; no scripts."""
    if "text" in output:
        return [output.text]
    data = output.get("data", {})
    return [data.get("text/plain", ""), *written(data.get("text/html", ""))]


def written(html):
    found = []

    class Reader(HTMLParser):
        def handle_data(self, text):
            if self.cdata_elem is None:
                found.append(text)

        def handle_starttag(self, tag, attributes):
            given = dict(attributes)
            if tag == "img":
                assert given["src"].startswith("data:image/svg+xml;base64,"), "pictures are in the notebook itself"
                found.append(given["alt"])

    Reader().feed(html)
    return found


def same(text, other):
    """Whether two texts have the same words and numbers, but for rounding, of which each machine has its own."""
    words = (" ".join(NUMBER.sub("#", each).split()) for each in (text, other))
    numbers = (NUMBER.findall(each.replace("−", "-")) for each in (text, other))
    return len(set(words)) == 1 and all(starmap(close, zip(*numbers, strict=True)))


def close(number, other):
    """Whole numbers are the same; others to one unit of the last printed digit. An error below 1e-9 is as good as 0."""
    a, b = Decimal(number), Decimal(other)
    if not set(number + other) & set(".e"):
        return a == b
    unit = Decimal(10) ** max(each.as_tuple().exponent for each in (a, b))
    return abs(a - b) <= max(unit, abs(a) / 1_000_000) or max(abs(a), abs(b)) < Decimal("1e-9")


def test_the_comparison_sees_a_changed_number_and_a_changed_word_but_no_rounding_error():
    assert same("loss 0.4979  error 3e-17 −1.5", "loss 0.4978 error 1.2e-16 -1.5")
    assert not same("loss 0.4979", "loss 0.4981")
    assert not same("loss 0.4979", "lost 0.4979")
    assert not same("16 paths", "17 paths")
    assert not same("1 2", "1 2 3")
