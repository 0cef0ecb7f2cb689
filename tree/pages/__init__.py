"""The views that people use."""
