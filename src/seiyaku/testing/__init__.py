"""Seiyaku: testing."""
