"""Files that staff add to nodes: validation, storage and download.

    file_names.py   names as displayed and downloaded       types.py        the accepted file types
    recognition.py  detection of the type by content        images.py       images, re-encoded
    office/         Word, Excel and PowerPoint files        pdf.py          PDF files
    text_decoding.py   texts in any encoding                mails.py        saved mails
    decoding.py     all of this, in a child process         inspection.py   the child's caller, with a time limit
    storage.py      bytes on disk                           serving.py      downloads

The records are nodes (:ContextItem)-[:HAS_FILE]->(:File), written by ``tree.operations.files``.
"""
