"""Who may do what: the table of routes, company limits, what is open to clients, viewing as somebody else."""
