"""What Custom Cast promises, carried out."""
