"""Seiyaku: policy."""
