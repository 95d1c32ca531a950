"""MathML as latex2mathml writes it, changed to what ziamath sets well and fast: matrices, spacing, nesting."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Any

_MATRIX_GAP, _MATRIX_LEADING, _MATRIX_MARGIN = "0.8em", "0.45em", "0.15em"  # ziamath's own run numbers together
_OPENING, _CLOSING = ("[", "(", "{", "|", "‖"), ("]", ")", "}", "|", "‖")
_SPACING = {sign: {"lspace": "0.22em", "rspace": "0.22em"} for sign in "⊙×·"} | {
    "∂": {"lspace": "0em", "rspace": "0em"}
}
_FUNCTIONS = frozenset(
    ["arcsin", "arccos", "arctan", "cos", "cosh", "exp", "log", "max", "min", "sin", "sinh", "sqrt", "tan", "tanh"]
)
_DIGITS = {"bold": 0x1D7CE, "double-struck": 0x1D7D8}  # ziamath sets these numbers in plain type


def prepare(element: ET.Element) -> None:
    """Change the element and all it holds, in place. ValueError for a command that latex2mathml did not know."""
    element.tag = element.tag.rpartition("}")[2]
    text = element.text or ""
    if "\\" in text:
        raise ValueError(f"unknown command {text}")
    if element.tag == "mo":
        element.attrib.update(_SPACING.get(text, {}))
        if text in ("|", "‖"):
            element.attrib.setdefault("stretchy", "false")  # as in TeX, where no \left stands before it
    elif element.tag == "mn" and element.get("mathvariant") in _DIGITS and text.isdecimal() and text.isascii():
        zero = _DIGITS[element.attrib.pop("mathvariant")]
        element.text = "".join(chr(zero + int(digit)) for digit in text)
    children: list[ET.Element] = []
    for child in _names_joined(element):
        prepare(child)
        if child.tag == _row_tag() and len(child) == 1 and not child.attrib and child[0].tag not in ("mo", "mtable"):
            child = child[0]
        children.append(child)
    _space(children)
    element[:] = _matrices_grouped(children)
    if element.tag == "mtable":
        element.attrib.setdefault("columnspacing", _MATRIX_GAP)
        element.attrib.setdefault("rowspacing", _MATRIX_LEADING)
        if next(element.iter("mi"), None) is None:
            element.attrib.setdefault("columnalign", "right")  # a matrix of numbers
    if element.tag in ("mrow", "mtd"):
        if [each.tag for each in element] == ["mo", "mn"] and element[0].text == "−":
            element[1].text = "−" + (element[1].text or "")
            del element[0]
        element.tag = _row_tag()


def _names_joined(element: ET.Element) -> list[ET.Element]:
    r"""The children; `\operatorname{log\_softmax}` comes as an empty sign and letters, `\text{learning}\_\text{rate}`
    as three names: each goes on as one."""
    children: list[ET.Element] = []
    for child in element:
        if children and _is_word(children[-1]) and _is_word(child):
            children[-1].tag, children[-1].text = "mtext", f"{children[-1].text}{child.text}"
        elif children and children[-1].tag.endswith("mo") and not children[-1].text and child.tag.endswith("mrow"):
            children[-1].text = "".join(child.itertext())
        else:
            children.append(child)
    return children


def _is_word(element: ET.Element) -> bool:
    return element.tag.endswith("mtext") or (element.tag.endswith("mi") and element.text == "_")


def _space(children: list[ET.Element]) -> None:
    """A minus that stands before a number or name is no difference; a function's name belongs to its bracket."""
    for before, each, after in zip([None, *children], children, [*children[1:], None], strict=False):
        if each.text in ("−", "+") and (before is None or (before.tag == "mo" and before.text not in _CLOSING)):
            each.attrib["form"] = "prefix"
        first = after if after is None or len(after) == 0 else after[0]
        if each.tag in ("mi", "mo") and each.text in _FUNCTIONS and first is not None and first.text == "(":
            each.tag = "mo"
            beside_operator = before is None or before.tag == "mo"
            each.attrib.update(form="prefix", lspace="0em" if beside_operator else "0.167em", rspace="0em")


def _matrices_grouped(children: list[ET.Element]) -> list[ET.Element]:
    """Each matrix with its brackets in a row of their own (else those grow with all that stands beside), and spaced."""
    grouped: list[ET.Element] = []
    closed = -1
    for index, child in enumerate(children):
        if index == closed:
            continue
        if child.tag != "mtable":
            grouped.append(child)
            continue
        row = ET.Element(_row_tag())
        row.extend([_gap(), child, _gap()])
        beside = [each.text if each.tag == "mo" else None for each in (*grouped[-1:], *children[index + 1 : index + 2])]
        if len(beside) == 2 and beside[0] in _OPENING and beside[1] in _CLOSING:
            closed = index + 1
            row[:] = [grouped.pop(), *row, children[closed]]
            row[0].attrib["stretchy"] = row[-1].attrib["stretchy"] = "true"
            grouped += [_gap(), row, _gap()]
        else:
            grouped.append(row)
    return grouped


def _gap() -> ET.Element:
    return ET.Element("mspace", width=_MATRIX_MARGIN)


@lru_cache(maxsize=1)
def _row_tag() -> str:
    """The tag of a row that ziamath sets in linear time.

    Its own measures each row twice, once without its brackets to know how high they must be, and the rows inside twice
    each time: 18 s for fractions nested twelve deep. While brackets are left out, or where nothing stretches, nobody
    asks how high they must be.
    """
    try:
        from ziamath import operators
        from ziamath.nodes.mrow import Mrow

        def stretches(sign: ET.Element) -> bool:
            known = operators.get_params(sign.text or "", sign.get("form", "infix"))
            return sign.get("stretchy", known.get("stretchy", "false")) != "false"

        class Row(Mrow, tag="glassgrad-row"):
            def _get_height_nostretch(self, line: list[ET.Element], **options: Any) -> tuple[float, float]:
                if options.get("nostretch") or not any(stretches(each) for child in line for each in child.iter("mo")):
                    return 0.0, 0.0
                return super()._get_height_nostretch(line, **options)

        Row.mtag = "mrow"  # other nodes ask whether they stand in one
        return "glassgrad-row"
    except Exception:  # a ziamath built otherwise: its own rows, slower
        return "mrow"
