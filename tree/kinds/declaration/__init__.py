"""What the declaration of a kind of node is made of: fields, links, labels for people."""
