"""Export and import of everything that staff wrote: ``export_tree`` and ``import_tree``.

exporter.py        graph → archive (a zip of Markdown with front matter)
archive.py         the format of the archive: names and contents of its entries
archive_reader.py  archive → checked content, or a list of all errors
importer.py        checked content → planned changes → graph
legacy.py          the old application's JSON export → graph
"""
