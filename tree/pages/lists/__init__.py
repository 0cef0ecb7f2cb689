"""The page of a list: its table (cells.py), its CSV file (download.py), how a person left it (remembered.py)."""
