"""Seiyaku: plans."""
