"""Compares what Codex has with what the graph has. ``held_removals`` decides which removals wait for an admin."""
