"""How people get to a page: search, the quick switcher, saved searches, pins."""
