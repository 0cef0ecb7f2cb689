"""What the declaration of a kind of record is made of: key, names, people and computers, documents, desired nodes."""
