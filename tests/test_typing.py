"""The public types: typical code passes a strict type check, and runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import typing_of_public_api

ROOT = Path(__file__).resolve().parent.parent


def test_typical_code_runs():
    typing_of_public_api.main()


def test_typical_code_passes_a_strict_type_check(tmp_path):
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
