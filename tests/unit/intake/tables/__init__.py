"""Tables of other kinds than CSV."""
