"""Compares what Codex has with what the graph has. ``holding`` decides which removals wait for an admin."""
