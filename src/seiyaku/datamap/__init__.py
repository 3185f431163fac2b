"""Seiyaku: datamap."""
