"""Reads Codex over HTTP: the client, the throttle, the bulk download and the snapshot on disk."""
