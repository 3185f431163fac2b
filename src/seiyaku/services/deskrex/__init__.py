"""Seiyaku: services/deskrex."""
