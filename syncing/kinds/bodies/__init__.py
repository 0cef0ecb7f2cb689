"""Bodies of tickets, as mail clients and monitoring systems write them: told apart, cleaned, made Markdown.

conversion.py   the steps from a body to Markdown, by the modules below and those of ``tree.text.html``
pictures.py   takes ``data:`` pictures out
recognition.py   is this HTML, or text in which somebody typed a ``<``?
plain.py      text as Markdown that shows it as it was typed
"""
