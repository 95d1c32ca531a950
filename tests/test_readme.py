"""What the two README files promise beside their code, which doctests run: links, and the same content twice.

`python -m tests.test_readme` copies the code of README.md to README.zh-CN.md.
"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.notebooks import FOLDER, read

ROOT = Path(__file__).parent.parent
ENGLISH, CHINESE = (ROOT / name for name in ("README.md", "README.zh-CN.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```(?:python|text)$[\s\S]*?^```$|^    \S.*(?:\n+    \S.*)*", re.MULTILINE)


def links(text):
    return LINK.findall(CODE.sub("", text))


@pytest.mark.parametrize("path", [ENGLISH, CHINESE, *sorted(FOLDER.glob("*.ipynb"))], ids=lambda path: path.name)
def test_what_is_linked_is_there(path):
    if path.suffix == ".ipynb":
        text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    else:
        text = path.read_text("utf-8")
    found = links(text)
    assert found
    for link in found:
        assert link.startswith("https://") or (path.parent / link).is_file(), link


def test_both_readmes_link_to_each_other_and_have_the_same_code_links_tables_and_figures():
    texts = [path.read_text("utf-8") for path in (ENGLISH, CHINESE)]
    code, linked, rows, items, headings = zip(*map(outline, texts), strict=True)
    assert code[0] == code[1]
    assert rows[0] == rows[1] and items[0] == items[1] and headings[0] == headings[1]
    assert set(linked[0]) - {CHINESE.name} == set(linked[1]) - {ENGLISH.name}
    assert CHINESE.name in linked[0] and ENGLISH.name in linked[1]


def outline(text):
    """The code; links; of each table row its number of cells, its numbers and code; of each item its code; headings."""
    prose = CODE.sub("", text)
    rows = [
        (row.count("|"), sorted(re.findall(r"\d[\d.,]*\d|\d", row)), sorted(re.findall(r"`[^`]+`", row)))
        for row in re.findall(r"^\|.*$", prose, re.MULTILINE)
    ]
    items = [sorted(re.findall(r"`[^`]+`", item)) for item in re.findall(r"^- [^\n]*(?:\n  .*)*", prose, re.MULTILINE)]
    return CODE.findall(text), links(text), rows, items, len(re.findall("^#+ ", prose, re.MULTILINE))


def test_the_derivation_shown_is_what_the_ten_lines_derive():
    text = ENGLISH.read_text("utf-8")
    names = {}
    for example in doctest.DocTestParser().get_examples(text.partition("```python\n")[2].partition("```")[0]):
        exec(example.source, names)
    shown = text.partition("```text\n")[2].partition("```")[0]
    assert shown.strip() == str(eval("ag.derive(L)", names)).strip()


def test_every_notebook_is_linked_from_the_readme():
    assert {f"notebooks/{path.name}" for path in FOLDER.glob("*.ipynb")} <= set(links(ENGLISH.read_text("utf-8")))


def test_the_versions_compared_are_named_in_the_table():
    head = next(line for line in ENGLISH.read_text("utf-8").splitlines() if "micrograd" in line)
    assert len(re.findall(r"\d+\.\d+\.\d+", head)) == 6


if __name__ == "__main__":
    blocks = iter(CODE.findall(ENGLISH.read_text("utf-8")))
    CHINESE.write_text(CODE.sub(lambda _: next(blocks), CHINESE.read_text("utf-8")), "utf-8")
