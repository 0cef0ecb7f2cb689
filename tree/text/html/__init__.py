"""HTML that people and their programs write, made Markdown: mails of Codex, what is pasted into a note.

conversion.py   HTML as Markdown, by the modules below
preparation.py   prepares HTML for the converter, so that its text stays text and its tables stay readable
tags.py       finds the tags in it
tables.py     tells tables of facts from tables that only lay a mail out
raised.py     writes raised and lowered text, such as m², in Unicode's characters
signs.py      hides the signs that Markdown would take for markup, and escapes those that need it
"""
