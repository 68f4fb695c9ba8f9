"""Small programs around evote."""
