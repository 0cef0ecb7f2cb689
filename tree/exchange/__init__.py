"""Export and import of everything that staff wrote: ``export_tree`` and ``import_tree``.

exporter.py           graph → archive (a zip of Markdown with front matter)
archive.py            the format of the archive: names and contents of its entries
repacked_archives.py  the entries of an archive that other programs packed again
field_forms.py        the form of each field
archive_reader.py     archive → checked content, or a list of all errors
legacy_import.py      the old application's JSON export → planned changes
importer.py           checked content → planned changes → graph, in short steps
legacy_export.py      graph → the JSON that clients of the old application's API get
planning.py           a file of either kind → planned changes
uploads.py            an uploaded file, until it is imported
jobs.py               an import of the page, done by the worker in slices
"""
