"""Lists of all nodes of a kind: what an address asks for, what is selected, in which order, and the rows of a page."""
