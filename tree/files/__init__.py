"""Files that staff add to nodes: what is taken, where the bytes lie, how they are given out.

    names.py     names as they are shown and downloaded        types.py    what is taken, told by the content
    images.py    pictures, written anew                        office.py   Word, Excel and PowerPoint files
    pdf.py       PDF files                                     reading.py  all of this in a child with a time limit
    storage.py   bytes on disk                                 serving.py  bytes in an answer

The records are nodes (:ContextItem)-[:HAS_FILE]->(:File), written by ``tree.operations.files``.
"""
