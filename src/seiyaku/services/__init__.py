"""Seiyaku: services."""
