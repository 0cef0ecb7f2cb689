"""Texts: Markdown to HTML, differences, merging, escaping."""
