"""Queries of companies, people, computers and tickets, and of what their pages show."""
