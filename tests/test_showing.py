"""The public face of what is shown: ag.draw and ag.derive."""

import html
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from tests.duck import Duck

HOSTILE = [
    "</svg><script>alert(1)</script>",
    'x",URL="javascript:alert(1)',
    "]]><img src=x onerror=alert(1)>",
    r"\input{/etc/passwd} $ % & _ ^ ~ # {",
    "<<b>>|{|}",
    "a\x00b\x1bc\u202ed",
    "名前😀",
    "'; DROP",
    "x" * 500,
]


def small():
    x = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.5]])
    W1 = Tensor([[0.5, -0.25], [0.75, 0.125]], requires_grad=True)
    b1 = Tensor([0.1, -0.2], requires_grad=True)
    z1 = x @ W1 + b1
    L = np.mean(np.maximum(z1, 0) ** 2)
    return ag.derive(L), ag.draw(L)


def test_the_derivation_of_a_small_layer_reads_as_on_a_board():
    text = small()[0].text()
    for line in [
        "  z₁ = x W₁ + b₁",
        "  L = mean(maximum(z₁, 0)²)",
        "  ∂L/∂L = 1",
        "  ∂L/∂W₁ = xᵀ ∂L/∂z₁",
        "  ∂L/∂b₁ = Σ[axis 0](∂L/∂z₁)",
    ]:
        assert line in text.splitlines()


def test_variables_of_the_caller_name_what_has_no_name():
    assert "∂L/∂W₁" in small()[0].text() and "W₁" in small()[1].text()


def test_every_page_has_its_main_part_which_readers_of_the_screen_go_to():
    for shown in small():
        assert shown.html().count("<main>") == shown.html().count("</main>") == 1


def test_reprs_are_short():
    derivation, picture = small()
    assert repr(derivation) == "<Derivation of L: 4 gradients>"
    assert repr(picture) == "<Picture: 5 boxes, 4 arrows>"
    assert str(derivation) == derivation.text()


def test_a_notebook_gets_static_html_and_text():
    for shown in small():
        bundle = shown._repr_mimebundle_()
        assert set(bundle) - {"text/latex"} == {"text/plain", "text/html"}
        html = bundle["text/html"]
        assert "<script" not in html and "<svg" not in html and "data:image/svg+xml" in html and "alt=" in html


def test_marimo_gets_html_without_the_latex_and_the_playback_in_a_frame():
    derivation, _ = small()
    assert derivation._mime_() == ("text/html", derivation._repr_mimebundle_()["text/html"])
    playback = ag.play(derivation.root.tensor)
    kind, shown = playback._mime_()
    frame, pictures = shown.split("</iframe>")
    assert kind == "text/html" and frame.startswith('<iframe sandbox="allow-scripts"')
    assert html.unescape(frame.split('srcdoc="')[1].rstrip('">')) in playback.html() and "<script" not in shown
    assert pictures.count("<img ") > 2


def test_derivations_are_saved_by_suffix(tmp_path):
    derivation, _ = small()
    for suffix in ("html", "md", "svg", "tex", "txt"):
        derivation.save(tmp_path / f"d.{suffix}")
    page = (tmp_path / "d.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>") and "://" not in page.replace("http://www.w3.org/", "")
    assert (tmp_path / "d.tex").read_text("utf-8").startswith(r"\documentclass")
    assert (tmp_path / "d.txt").read_text("utf-8") == derivation.text()
    with pytest.raises(ValueError, match=r"\.html, \.md, \.svg, \.tex, \.txt"):
        derivation.save(tmp_path / "d.pdf")
    with pytest.raises(FileNotFoundError):
        derivation.save(tmp_path / "nowhere" / "d.html")
    assert len(list(tmp_path.iterdir())) == 5


def test_the_page_is_well_formed():
    page = small()[0].html()
    for part in page.split("<svg")[1:]:
        ET.fromstring("<svg" + part.split("</svg>")[0] + "</svg>")
    assert page.count("<section") == page.count("</section>") == 9


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_shown_as_text(name):
    a = Tensor([1.0, 2.0], requires_grad=True, name=name)
    L = np.sum(a * a)
    derivation, picture = ag.derive(L), ag.draw(L)
    assert derivation.verify().ok
    for shown in (
        picture.svg(),
        derivation.html(),
        derivation._repr_mimebundle_()["text/html"],
        picture._repr_mimebundle_()["text/html"],
    ):
        lowered = shown.lower()
        assert "<script" not in lowered and "<img src=x" not in lowered and 'href="javascript' not in lowered
    ET.fromstring(picture.svg())
    assert "\x1b" not in derivation.text() + picture.text() and "\u202e" not in derivation.text() + picture.text()
    assert "URL=" not in picture.dot().replace('URL=\\"', "")


def test_the_same_graph_gives_the_same_bytes():
    first, second = small(), small()
    assert first[0].html() == second[0].html()
    assert first[1].svg() == second[1].svg() and first[1].dot() == second[1].dot()
    program = (
        "from tests.test_showing import small; import sys; d, p = small(); sys.stdout.reconfigure(encoding='utf-8');"
    )
    program += "sys.stdout.write(d.html() + p.svg())"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout.decode("utf-8")
    assert other.replace("\r\n", "\n") == first[0].html() + first[1].svg()


def test_what_is_not_a_scalar_tensor_is_refused():
    w = Tensor([1.0, 2.0], requires_grad=True, name="w")
    for show in (ag.draw, ag.derive):
        with pytest.raises(TypeError, match="Tensor"):
            show(3.0)
        with pytest.raises(ValueError, match=r"'w'.*\(2,\)"):
            show(w)
        with pytest.raises(RuntimeError, match="requires_grad"):
            show(Tensor(1.0))


def test_nan_and_infinity_are_shown():
    n = Tensor(np.array([np.nan, np.inf]), requires_grad=True, name="n")
    L = np.sum(n * 2)
    assert "[nan  inf]" in ag.derive(L).text()
    assert ag.draw(L).svg() and ag.derive(L).html() and ag.derive(L).latex()


def test_values_in_another_librarys_arrays_are_shown_as_numpys_are():
    x, duck = (Tensor(make(np.array([1.0, 2.0, 3.0])), requires_grad=True, name="x") for make in (np.asarray, Duck))
    L, twin = (np.sum(np.tanh(t) ** 2) for t in (x, duck))
    for result in (L, twin):
        result.name = "L"
    assert ag.derive(twin).text() == ag.derive(L).text() and ag.derive(twin).verify().ok
    assert ag.draw(twin).svg() == ag.draw(L).svg()
    assert ag.play(twin).html() == ag.play(L).html()
    assert ag.paths(twin, duck, 0).text() == ag.paths(L, x, 0).text()
