"""Not here: NumPy itself works on Tensors. This file only says so, to whoever imports what HIPS autograd has here."""

from __future__ import annotations

from typing import Any

import numpy as np


def __getattr__(name: str) -> Any:
    if name[0] != "_" and hasattr(np, name):
        raise ImportError(
            f"there is no autograd.numpy.{name} here: NumPy's own functions work on Tensors, so write `import numpy as "
            "np` instead. (This is glassgrad's package `autograd`; HIPS autograd, the other library of that import "
            "name, wants an environment of its own)"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
