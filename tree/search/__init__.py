"""What a person types into the search box, and how results are shown."""
