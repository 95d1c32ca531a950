"""Statements about behaviour, a file for each source file; benchmarks/ measures speed and is no test."""
