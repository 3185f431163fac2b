"""Seiyaku: cli."""
