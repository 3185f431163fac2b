"""What Deskrex promises, carried out."""
