"""Seiyaku: app."""
