"""Runs that start by themselves, how fresh each list is, and the alarms."""
