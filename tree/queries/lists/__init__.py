"""Lists of all nodes of a kind: what is selected, in which order, from which index, and the rows of a page."""
