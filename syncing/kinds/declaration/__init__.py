"""What the declaration of a kind of record is made of: key, names, directory, documents, desired nodes."""
