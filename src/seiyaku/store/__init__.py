"""Seiyaku: store."""
