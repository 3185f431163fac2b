"""Seiyaku: services/closm_i."""
