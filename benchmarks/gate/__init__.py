"""The gate's workload, and the same rules said to other engines."""
