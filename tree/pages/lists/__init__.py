"""The page of a list: what its address says (address.py), its table (cells.py), its CSV file (download.py)."""
