"""A second opinion on the LaTeX that derivations print: pylatexenc's parser, strict, and what TeX itself refuses."""

import re

from pylatexenc.latexwalker import (
    LatexEnvironmentNode,
    LatexGroupNode,
    LatexMacroNode,
    LatexMathNode,
    LatexWalker,
)

_KNOWN = {
    *(
        "frac",
        "dfrac",
        "partial",
        "odot",
        "otimes",
        "left",
        "right",
        "top",
        "hat",
        "bar",
        "tilde",
        "dot",
        "ddot",
        "check",
    ),
    *("breve", "grave", "acute", "mathit", "mathbf", "mathrm", "text", "operatorname", "sum", "limits", "sqrt"),
    *("times", "cdots", "vdots", "infty", "lt", "gt", "neq", "leq", "geq", "wedge", "vee", "sim", "backslash"),
    *("exp", "ln", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arcsin", "arccos", "arctan", "max", "min"),
    *("circ", "cdot", "prod", "det", "gcd", "lfloor", "rfloor", "lceil", "rceil", "overline", "underline", "pi"),
    *(
        "star",
        "dots",
        "quad",
        "bmod",
        "oplus",
        "lVert",
        "rVert",
        "prime",
        "langle",
        "rangle",
        "Re",
        "Im",
        "surd",
        "ast",
        "to",
        "ldots",
    ),
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi"),
    *("rho", "sigma", "tau", "phi", "chi", "psi", "omega", "displaystyle", *",;!_&$%#{}\\"),
}


def read(latex):
    """Parse a formula; AssertionError or a parser's error for what LaTeX or KaTeX would refuse."""
    walker = LatexWalker(f"$\\displaystyle {latex}$", tolerant_parsing=False)
    nodes, _, _ = walker.get_latex_nodes()
    for node in _all(nodes):
        if isinstance(node, LatexMacroNode):
            name = node.macroname
            assert name in _KNOWN, f"unknown command \\{name} in {latex}"
        elif isinstance(node, LatexEnvironmentNode):
            assert node.environmentname in ("bmatrix", "aligned"), node.environmentname
    assert len(re.findall(r"\\left(?![a-z])", latex)) == len(re.findall(r"\\right(?![a-z])", latex)), latex
    assert not _second_script(latex), f"double script in {latex}"


def _all(nodes):
    for node in nodes or ():
        if node is None:
            continue
        yield node
        if isinstance(node, LatexMacroNode):
            yield from _all(node.nodeargd.argnlist if node.nodeargd else ())
        elif isinstance(node, (LatexGroupNode, LatexMathNode, LatexEnvironmentNode)):
            yield from _all(node.nodelist)


def _second_script(latex):
    """Whether something has two exponents or two indices, or a prime and an exponent."""
    i, seen = 0, set()
    while i < len(latex):
        c = latex[i]
        if c in "^_'":
            kind = "^" if c == "'" else c
            if kind in seen and not (c == "'" and latex[i - 1] == "'"):
                return True
            seen.add(kind)
            i = i + 1 if c == "'" else _end_of_argument(latex, i + 1)
        elif c == "\\":
            match = re.match(r"\\([a-zA-Z]+|.)", latex[i:])
            i += len(match[0])
            if match[1] != "limits":
                seen = set()
        elif c == "{":
            end = _end_of_argument(latex, i)
            if _second_script(latex[i + 1 : end - 1]):
                return True
            i, seen = end, set()
        else:
            i += 1
            seen = set()
    return False


def _end_of_argument(latex, i):
    if i < len(latex) and latex[i] == "{":
        depth = 0
        while i < len(latex):
            if latex[i] == "\\":
                i += 2
                continue
            depth += {"{": 1, "}": -1}.get(latex[i], 0)
            i += 1
            if not depth:
                return i
    return i + 1
