"""The changes of a run on disk, and an index to filter and search them."""
