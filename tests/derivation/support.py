"""What the tests of derivations share."""

from autograd.derivation import writing


def lines(derived):
    """The rules of a derivation, a line each."""
    return [f"{step.gradient.name.text} = {writing.text(step.formula)}" for step in derived.steps]
