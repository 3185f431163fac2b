"""Seiyaku: systems."""
