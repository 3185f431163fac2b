"""Promises kept: each test carries out the given/when/then of clauses of a published policy."""
