"""The editor of notes: texts, drafts, templates, conflicts, and the history of what was saved."""
