"""Stand-ins for what has no counterpart anywhere; each answers from what it declares, or fails."""
