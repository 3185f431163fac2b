"""Seiyaku: standing."""
