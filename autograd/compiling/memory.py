"""Memory of a program's large arrays: written over at their last use, or given back after it.

Nothing is kept from run to run: a program may run in several threads, and holds no memory in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .program import Call, Program, Variable, variables

LARGE = 1 << 16
"""Bytes. Smaller arrays are at the allocator's hand: to write over them gains nothing, and the lines read worse. With
512 × 2048 numbers in float32, a training step took 0.8 of the time."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done about the memory of a program.

    Attributes
    ----------
    over : dict of Variable
        For the target of a call: the variable whose array takes the result.
    freed : dict of Call
        The variables that are deleted after a call.
    """

    over: Mapping[Variable, Variable]
    freed: Mapping[Call, list[Variable]]


class _Block:
    """A large array, and the variables that hold it or may hold a view of it."""

    def __init__(self, variable: Variable) -> None:
        self.variables = [variable]

    def dies(self, i: int, last: Mapping[Variable, int]) -> bool:
        """Whether nothing uses it after call number `i`."""
        return all(last.get(variable, -1) <= i for variable in self.variables)


def planned(program: Program) -> Plan:
    """Which large arrays are written over, and after which call the others are given back."""
    last = {variable: i for i, call in enumerate(program.calls) for variable in call.uses}
    last.update(dict.fromkeys(variables(program.result), len(program.calls)))
    blocks: dict[Variable, list[_Block]] = {}
    over: dict[Variable, Variable] = {}
    freed: dict[Call, list[Variable]] = {}
    whole: set[Variable] = set()  # not a view of a block, which could be one entry, repeated
    gone: set[Variable] = set()
    for i, call in enumerate(program.calls):
        target = call.target
        touched = list(dict.fromkeys(block for variable in call.uses for block in blocks.get(variable, ())))
        for variable in call.args if call.elementwise and not call.options else ():
            alike = type(variable) is Variable and (variable.shape, variable.dtype) == (target.shape, target.dtype)
            if alike and variable in whole and blocks[variable][0].dies(i, last):
                over[target] = variable
                whole.add(target)
                blocks[target] = blocks[variable]
                break
        else:
            if not call.fresh:
                blocks[target] = touched
            elif target.kind == "array" and target.nbytes >= LARGE:
                blocks[target] = [_Block(target)]
                whole.add(target)
        for block in blocks.get(target, ()):
            if target not in block.variables:
                block.variables.append(target)
        dead = dict.fromkeys(v for block in touched if block.dies(i, last) for v in block.variables if v not in gone)
        if dead:
            freed[call] = list(dead)
            gone.update(dead)
    return Plan(over, freed)
