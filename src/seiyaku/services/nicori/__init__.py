"""Seiyaku: services/nicori."""
