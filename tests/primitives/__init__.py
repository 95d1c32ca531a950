"""Tests of the table of primitives."""
