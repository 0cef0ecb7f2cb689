"""Who may do what: the table of rights, fresh log-ins and the first administrator."""
