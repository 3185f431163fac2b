"""Seiyaku: assurance."""
