"""What is pasted from Excel, Word, Outlook, Google Docs, LibreOffice and web pages, made Markdown.

conversion.py   the steps, in order; the program that a child process runs
elements.py     the clipboard's HTML as a tree, without what a note never takes: scripts, styles, comments
styles.py       what the style of an element says: bold, code, invisible
paragraphs.py   Word's headings and quotes, and paragraphs that are lines of code
lists.py        Word's paragraphs that are list entries, and lists below lists, as lists
tables.py       cells that span others, tables that only lay a page out
footnotes.py    notes and the marks that lead to them
writing.py      the tree as plain HTML for the converter: each text with its marks, once
"""
