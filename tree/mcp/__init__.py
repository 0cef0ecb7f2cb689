"""The MCP server: what AI assistants read of the tree, and what they propose. See ``docs/assistants.md``.

``view`` answers ``POST /mcp``, ``bridge`` hands one request to the SDK, ``manage.py mcp`` serves standard input and
output. ``server`` declares the tools (``tools/``), resources and prompts; ``calls`` runs each of them with the rights
of its ``callers.Caller`` and tells the audit log.

The SDK takes a second to import, so only ``bridge``, ``calls``, ``server``, ``prompts`` and ``tools/`` import it, and
``view`` and the command import these when they are used.
"""
