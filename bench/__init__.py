"""Benchmarks: the numbers of docs/performance.md, measured as ratios against a floor in one run. `python -m bench`."""
