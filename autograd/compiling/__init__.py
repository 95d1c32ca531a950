"""Functions as the straight-line source that they run: see compile."""

from .compiled import Compiled, compile

__all__ = ["Compiled", "compile"]
