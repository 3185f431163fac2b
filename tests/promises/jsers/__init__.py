"""What Jsers promises, carried out."""
