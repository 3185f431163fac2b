"""Seiyaku: services/jsers."""
