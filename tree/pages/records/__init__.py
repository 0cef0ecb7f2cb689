"""What the pages of clients, people, computers and tickets show above their children and files."""
