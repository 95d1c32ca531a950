"""How fast: `python -m tests.benchmarks` prints each target of the project and what this machine reaches."""
