"""Tables of decisions written from the clauses, and their reader."""
