"""Everything that staff wrote, out of one installation and into another: ``export_tree`` and ``import_tree``.

export.py   graph → archive (a zip of Markdown with front matter)
archive.py  the archive's form: what its entries are called and hold
reading.py  archive → checked content, or every reason why not
importing.py  checked content → what to do → graph
legacy.py   the old application's JSON export → what to do → graph
"""
