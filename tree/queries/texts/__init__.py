"""Queries of texts: what staff wrote, and what contexts for assistants are made of."""
