"""Word, Excel and PowerPoint files: zip archives of XML parts, as ECMA-376 (Office Open XML) describes them.

    package.py       the archive: its size, its parts by content type, their relationships
    checks.py        refusal of what runs or loads something when the file is opened
    fields.py        fields of Word and formulas of Excel that do so
    link_targets.py  where a link leads: the web, a share, the reader's disk
    locked.py        files that Office has locked with a password
    words.py         the text, for the search

Parts are found by content type and relationship. Only these are fixed: Word online calls the main part
``word/document2.xml``, and other programs have names of their own.
"""
