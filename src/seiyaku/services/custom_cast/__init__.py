"""Seiyaku: services/custom_cast."""
