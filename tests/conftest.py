"""Settings of every test: hypothesis tries the same examples on every run, however slow the machine is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings

from tests.browser import browser

__all__ = ["browser"]

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=60, database=None)
settings.load_profile("repeatable")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
