"""Seiyaku: gate."""
