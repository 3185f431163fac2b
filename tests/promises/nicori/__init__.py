"""What Nicori promises, carried out."""
