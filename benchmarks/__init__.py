"""Benchmarks: each module's `run()` measures ours beside a reference in the same run.

Absolute times on a shared machine mean little; the ratio is what counts.
"""
