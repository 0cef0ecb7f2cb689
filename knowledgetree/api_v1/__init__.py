"""The API v1: puts the operations of the tree and of the syncs together (api.py), and describes them (document.py)."""
