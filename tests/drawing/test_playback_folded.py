"""A folded playback: what has a turn, in which order, and that all it shows of a part is the derivation's."""

from __future__ import annotations

import random

import numpy as np
import pytest

import autograd as ag
from autograd import Tensor
from autograd.derivation.numbers import array_text
from autograd.derivation.steps import steps
from autograd.drawing.fold import MOST_BOXES, view
from autograd.drawing.playback import Playback
from autograd.drawing.playback.folded import groups
from autograd.drawing.playback.plan import BACKWARD, FORWARD, MOST
from autograd.drawing.playback.questions import folded_question, near
from autograd.drawing.playback.stills import Stills
from autograd.drawing.scopes import Scopes
from tests.drawing.playbacks import HOSTILE, chain, data_of, named
from tests.drawing.residual import Net


def deep(**options):
    rng = np.random.default_rng(1)
    net = Net(12, rng)
    loss = np.mean(net(rng.normal(size=(5, 3))) ** 2)
    return ag.play(loss, **options)


def shuffled(seed):
    """Scalars that use one another at random, and parameters anywhere among them."""
    dice = random.Random(seed)
    found = [Tensor(dice.uniform(0.5, 1.0), requires_grad=True, name=f"w{i}") for i in range(8)]
    for i in range(120):
        a, b = (dice.choice(found[-15:] + found[:8]) for _ in range(2))
        found.append(named(dice.choice([np.sin(a) * b, np.tanh(a), a - b]), f"u{i}"))
    return named(sum(found[-10:]), "L")


def folded(result, **options):
    derived = steps(result)
    return Playback(derived, view(derived.values, Scopes(), **options))


def stacked(count):
    parts = [Tensor(float(i), requires_grad=True, name=f"p{i}") for i in range(count)]
    return named(np.sum(named(np.stack(parts), "s") ** 2), "L")


def used_here_and_there():
    """More parameters than boxes, no two of them used by the same values."""
    parts = [Tensor(0.1 * i, requires_grad=True, name=f"p{i}") for i in range(70)]
    found = [
        named(np.sin(a) * b + c, f"u{i}") for i, (a, b, c) in enumerate(zip(parts, parts[3:], parts[7:], strict=False))
    ]
    return named(sum(found), "L")


MADE = {
    "chain": lambda: folded(chain(300)),
    "opened": lambda: folded(chain(90), opened=["s40"]),
    "shuffled": lambda: folded(shuffled(3)),
    "operands": lambda: folded(stacked(90)),
    "here and there": lambda: folded(used_here_and_there()),
    "modules": deep,
    "depth": lambda: deep(depth=1),
    "module": lambda: deep(open="net.blocks.4", fold="net.blocks.7"),
}


@pytest.fixture(params=MADE)
def shown(request):
    return MADE[request.param]()


def test_everything_has_its_turn_once_and_only_when_nothing_is_missing(shown):
    plan = shown.plan
    assert sorted(n for item in plan.items for n in item.values) == list(range(len(plan.values)))
    assert len(plan.items) < len(plan.values)
    for phase, due in (
        (FORWARD, map(plan.computed, range(len(plan.items)))),
        (BACKWARD, map(plan.steps_in, range(len(plan.items)))),
    ):
        turns = [frame.node for frame in plan.frames if frame.phase == phase]
        assert sorted(turns) == [k for k, found in enumerate(due) if found]
    for frame in plan.frames:
        for k, state in enumerate(frame.nodes):
            assert bool(plan.missing(frame, k)) == (state in "wW") or state == "-"


def test_a_part_waits_for_what_its_values_wait_for(shown):
    plan = shown.plan
    turn = {frame.node: i for i, frame in enumerate(plan.frames) if frame.phase == BACKWARD}
    for step in plan.derived.steps:
        for name in step.waits_for:
            mine, theirs = plan.of(step.value.symbol.name), plan.of(name)
            assert mine == theirs or turn[theirs] < turn[mine]


def test_all_that_crosses_a_border_is_an_arrow_and_the_derivation_s(shown):
    plan = shown.plan
    parts = [(step, part) for step in plan.derived.steps for part in step.contributions]
    crossing = [(plan.of(part.consumer), plan.of(step.value.symbol.name)) for step, part in parts]
    arrows = {(link.tail, link.head): 0 for link in plan.links if link.backward}
    for link in plan.links:
        if link.backward:
            arrows[link.tail, link.head] += link.count
    assert arrows == {ends: crossing.count(ends) for ends in crossing if ends[0] != ends[1]}
    for k in range(len(plan.items)):
        assert [id(part) for _, part in plan.handed_in(k)] == [
            id(p) for (_, p), (t, h) in zip(parts, crossing, strict=True) if h == k != t
        ]
        assert [id(part) for _, part in plan.handed_on(k)] == [
            id(p) for (_, p), (t, h) in zip(parts, crossing, strict=True) if t == k != h
        ]


def test_every_number_and_formula_of_a_folded_turn_is_the_derivation_s(shown):
    plan = shown.plan
    known = {id(value.symbol.value) for value in plan.values}
    formulas = {id(value.formula) for value in plan.values}
    for step in plan.derived.steps:
        known |= {id(step.gradient.value), *(id(part.value) for part in step.contributions)}
        formulas |= {id(step.rule), *(id(part.rule) for part in step.contributions)}
    seen = 0
    for frame in plan.frames:
        if frame.node >= 0 and plan.items[frame.node].part is not None:
            found = groups(plan, frame)
            assert {group.heading for group in found} & {"inside", "arrives"}
            for line in (line for group in found for line in group.lines):
                assert id(line.value) in known and (line.formula is None or id(line.formula) in formulas)
            assert all(len(group.lines) <= 5 for group in found)
            if frame.phase == FORWARD:
                inside = next(group for group in found if group.heading == "inside")
                assert len(inside.lines) + inside.left_out == len(plan.computed(frame.node))
            seen += 1
    assert seen


def test_large_graphs_fold_to_a_page_of_bounded_size_that_says_so():
    sizes = []
    for length in (500, 2_000):
        shown = folded(chain(length))
        page = shown.html()
        assert len(shown.plan.items) <= MOST_BOXES
        assert f"{length - 1:,} of {length + 1:,} values are folded into 1 box" in page and "ag.play(…, open=[" in page
        assert "fold=False" not in page  # that would be refused
        assert data_of(page)["frames"][-1]["nodes"] == "D" * len(shown.plan.items)
        sizes.append(len(page))
    assert sizes[1] < 1.1 * sizes[0] < 300_000


def test_a_network_folds_into_its_blocks_and_names_the_way_to_open_them():
    shown = deep()
    assert [item.name for item in shown.plan.items if item.part is not None] == ["Block × 12"]
    said = shown.text()
    assert said.startswith("84 of 92 values are folded into 1 box") and 'ag.play(…, open=["net.blocks.0"])' in said
    assert said in shown._repr_mimebundle_()["text/plain"] and "Block × 12" in shown._repr_mimebundle_()["text/html"]
    opened = deep(open="net.blocks.0")
    assert {"Block × 11"} == {item.name for item in opened.plan.items if item.part is not None}
    assert "blocks.0: Block" in opened.html()


def test_how_much_is_folded_is_said_once():
    shown = deep()
    note = "84 of 92 values are folded into 1 box"
    assert shown.html().count(note) == 1 and shown.text().count(note) == 1
    static = shown._repr_mimebundle_()["text/html"].split("<script>")[0]
    assert static.count(note) == 1
    start = Stills(shown.plan).captions[0]
    assert len(start) == 3 and start[1].width > 300  # set as outlines


def test_modules_stand_in_frames_and_depth_closes_them():
    assert deep(fold=False).plan.seen.folded == ()
    names = [item.name for item in deep(depth=0).plan.items if item.part is not None]
    assert names == ["net"]


def test_options_are_refused_as_by_draw():
    with pytest.raises(ValueError, match="depth="):
        deep(depth=-1)
    with pytest.raises(ValueError, match=r"net\.blocks\.3"):
        deep(open="net.blocks.33")
    with pytest.raises(TypeError, match="open= takes names"):
        deep(open=[3])


def test_what_would_be_too_long_to_follow_is_refused_with_the_way_out():
    long = chain(MOST + 4)
    with pytest.raises(ValueError, match=rf"up to {MOST} boxes.*{MOST + 5} of the {MOST + 5}.*without fold=False"):
        ag.play(long, fold=False)
    assert len(ag.play(long).plan.frames) < 10


def test_call_outs_in_a_part_are_told():
    value = Tensor(40.0, requires_grad=True, name="v")
    for i in range(60):
        value = named(1 / (1 + np.exp(-value * 60)), f"s{i}")
    page = ag.play(named(value * 2, "L")).html()
    assert 'class="alarm"' in page


def questions(shown):
    """What is asked of each folded part."""
    plan = shown.plan
    turns = [frame for frame in plan.frames if frame.phase == BACKWARD and plan.items[frame.node].part is not None]
    asked = ((frame, folded_question(plan, frame)) for frame in turns)
    return {plan.items[frame.node].name: found for frame, found in asked if found is not None}


def test_between_scalars_a_part_is_asked_for_its_derivative():
    shown = folded(chain(90), opened=["s40"])
    found = questions(shown)
    assert [question.asked for question in found.values()] == [
        "this part's derivative, ∂s₈₈/∂s₄₀",
        "this part's derivative, ∂s₃₉/∂v",
    ]
    given = [0.5]  # to each sine
    for _ in range(89):
        given.append(np.sin(given[-1]))
    for question, inside in zip(found.values(), (given[41:89], given[:40]), strict=True):
        assert question.answer == pytest.approx(np.prod(np.cos(inside)))
        assert not any(near(mistake.number, question.answer) for mistake in question.mistakes)


def test_where_a_part_hands_two_gradients_to_one_value_their_sum_is_asked_for():
    shown = deep(depth=1)
    assert len(questions(shown)) == 12
    for k, item in enumerate(shown.plan.items):
        if item.name in questions(shown):
            question = questions(shown)[item.name]
            (step,) = {id(step): step for step, _ in shown.plan.handed_on(k)}.values()
            assert question.answer in np.ravel(step.gradient.value)  # it goes nowhere else
            assert question.asked.startswith(f"the sum of what goes to {step.value.symbol.name.text}[")


def test_nothing_is_asked_of_a_part_whose_numbers_do_not_stand_there_or_lead_nowhere():
    assert questions(folded(shuffled(3))) == questions(folded(stacked(90))) == {}  # too many leave, or none
    assert questions(folded(named(chain(60) * 0.0, "nothing"))) == {}  # what arrives is 0: nothing can be divided by it


def blocks(value, first):
    """Thirty blocks, each of which hands two gradients to the one before; the first has a factor of its own."""
    value = Tensor(value, requires_grad=True, name="v")
    for i in range(30):
        inner = named(0.5 * value, f"a{i}")
        value = named(inner - (0.25 if i else first) * value, f"h{i}")
    return named(np.sum(value), "L")


def test_a_sum_is_asked_for_where_the_numbers_that_are_shown_lead_to_it():
    (asked,) = questions(folded(blocks(np.full(3, 0.1), 0.125))).values()
    assert asked.asked == "the sum of what goes to v[0]"
    assert questions(folded(blocks(np.full(50, 0.1), 0.125))) == {}  # a range of 50 values is shown
    assert len(questions(folded(blocks(0.1, 0.125)))) == 1
    assert questions(folded(blocks(0.1, 0.49999))) == {}  # to four digits, the two cancel


def test_hostile_names_in_a_part_stay_text():
    value = Tensor(0.5, requires_grad=True, name="v")
    for i in range(60):
        value = named(np.sin(value), HOSTILE[i % len(HOSTILE)] + str(i))
    shown = ag.play(value)
    page = shown.html()
    assert page.count("<script") == 2 and "<script>document" not in page and "\x1b" not in page
    assert "\x1b" not in shown.text() and "<script>document" not in shown.svg()


def test_a_weight_that_is_used_very_often_is_told_of_in_a_few_of_its_parts():
    w = Tensor(0.9, requires_grad=True, name="w")
    h = Tensor(0.5, requires_grad=True, name="h")
    for i in range(150):
        h = named(np.tanh(h * w) + 0.01 * w, f"h{i}")
    shown = ag.play(h)
    page, text = shown.html(), shown.text()
    step = next(step for step in shown.plan.derived.steps if step.value.symbol.name.text == "w")
    assert len(step.contributions) == 150 and len(shown.plan.shown(step)) == 8
    assert "150 parts, added up" in page and "… 142 more …" in page and len(page) < 250_000
    assert f"∂h₁₄₉/∂w = 150 parts, added up = {array_text(step.gradient.value)}" in text and len(text) < 6_000
    assert "150 parts, added up" not in shown.svg() and len(shown.svg()) < 400_000  # set as outlines
    question = next(iter(data_of(page)["questions"].values()))
    assert len(str(question)) < 4_000
    rng = np.random.default_rng(0)
    W, h = Tensor(rng.normal(size=(2, 2)), requires_grad=True, name="W"), Tensor(np.ones((3, 2)), name="x")
    for i in range(150):
        h = named(np.tanh(h @ W), f"h{i}")
    page = ag.play(np.sum(h)).html()  # each use has its note: why a transpose
    assert "notes more …" in page and page.count("Why a transpose") < 30


def test_what_nothing_computed_is_put_together_where_there_is_too_much_of_it():
    shown = ag.play(stacked(300))
    names = [item.name for item in shown.plan.items]
    assert names == ["p₀ … p₂₉₉", "s", "L"] and "300 parameters" in shown.html()
    assert shown.plan.frames[0].nodes[0] == "d"  # is there from the start
    assert len(shown.html()) < 200_000 and len(shown.text()) < 4_000
    assert "p₀ … p₂₉₉" in ag.draw(stacked(300)).text()
    assert len(ag.play(used_here_and_there()).plan.items) <= MOST_BOXES
    assert len(ag.play(stacked(30)).plan.items) == 32  # not too much
    assert "p₁₇" in [item.name for item in ag.play(stacked(90), open="p17").plan.items]
