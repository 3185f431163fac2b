"""A small shop, the workload of several benchmarks."""
