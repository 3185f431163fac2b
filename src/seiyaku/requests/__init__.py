"""Seiyaku: requests."""
