"""Bodies of tickets, as mail clients and monitoring systems write them: told apart, cleaned, made Markdown.

conversion.py   the steps from a body to Markdown, by the modules below
pictures.py   takes ``data:`` pictures out
recognition.py   is this HTML, or text in which somebody typed a ``<``?
tags.py       finds the tags of a body
html.py       prepares HTML for the converter, so that its text stays text and its tables stay readable
tables.py     tells tables of facts from tables that only lay a mail out
raised.py     writes raised and lowered text, such as m², in Unicode's characters
signs.py      hides the signs that Markdown would take for markup, and escapes those that need it
"""
