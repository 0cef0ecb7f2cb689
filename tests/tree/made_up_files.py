"""Files that tests send: sound ones of every kind, and hostile ones. All are made here; none is kept anywhere."""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, TextStringObject

LIMIT = 10 * 2**20
HTML = b"<!doctype html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
XHTML = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>'
_OPC = "http://schemas.openxmlformats.org/package/2006"
_OOXML = "application/vnd.openxmlformats-officedocument"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
MAIN_TYPES = {
    "docx": f"{_OOXML}.wordprocessingml.document.main+xml",
    "xlsx": f"{_OOXML}.spreadsheetml.sheet.main+xml",
    "pptx": f"{_OOXML}.presentationml.presentation.main+xml",
    "vsdx": "application/vnd.ms-visio.drawing.main+xml",
}
# A word in a part's name → its content type, as Office writes them.
PART_TYPES = {
    "visio/document": MAIN_TYPES["vsdx"],
    "document": MAIN_TYPES["docx"],
    "workbook": MAIN_TYPES["xlsx"],
    "presentation": MAIN_TYPES["pptx"],
    "header": f"{_OOXML}.wordprocessingml.header+xml",
    "footer": f"{_OOXML}.wordprocessingml.footer+xml",
    "footnotes": f"{_OOXML}.wordprocessingml.footnotes+xml",
    "endnotes": f"{_OOXML}.wordprocessingml.endnotes+xml",
    "word/comments": f"{_OOXML}.wordprocessingml.comments+xml",
    "settings": f"{_OOXML}.wordprocessingml.settings+xml",
    "sharedstrings": f"{_OOXML}.spreadsheetml.sharedStrings+xml",
    "worksheets/": f"{_OOXML}.spreadsheetml.worksheet+xml",
    "xl/comments": f"{_OOXML}.spreadsheetml.comments+xml",
    "threadedcomments": "application/vnd.ms-excel.threadedcomments+xml",
    "externallink": f"{_OOXML}.spreadsheetml.externalLink+xml",
    "xl/drawings/": f"{_OOXML}.drawing+xml",
    "charts/": f"{_OOXML}.drawingml.chart+xml",
    "diagrams/": f"{_OOXML}.drawingml.diagramData+xml",
    "notesslide": f"{_OOXML}.presentationml.notesSlide+xml",
    "slides/slide": f"{_OOXML}.presentationml.slide+xml",
    "ppt/comments/modern": "application/vnd.ms-powerpoint.comments+xml",
    "ppt/comments": f"{_OOXML}.presentationml.comments+xml",
    "visio/pages": "application/vnd.ms-visio.page+xml",
}


def ole(streams: dict[str, bytes]) -> bytes:
    """An OLE container ([MS-CFB], version 3) with these streams, each padded with blanks to where it has sectors."""
    sector, end = 512, 0xFFFFFFFE
    contents = {
        name: content.ljust(4096).ljust(-len(content) % sector + len(content)) for name, content in streams.items()
    }
    fat, body, entries = [0xFFFFFFFD], b"", []
    folder_sectors = -(-(len(streams) + 1) // 4)
    fat += [*range(2, folder_sectors + 1), end]
    for number, (name, content) in enumerate(contents.items(), start=1):
        start, count = len(fat), len(content) // sector
        fat += [*range(start + 1, start + count), end]
        body += content
        following = number + 1 if number < len(streams) else 0xFFFFFFFF
        entries.append(_ole_entry(name, 2, start, len(content), right=following))
    root = _ole_entry("Root Entry", 5, end, 0, child=1)
    folder = (root + b"".join(entries)).ljust(folder_sectors * sector, b"\0")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128I", *fat, *[0xFFFFFFFF] * (128 - len(fat))) + folder + body


def _ole_entry(
    name: str, kind: int, start: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF
) -> bytes:
    written = (name + "\0").encode("utf-16-le")
    left = 0xFFFFFFFF
    return written.ljust(64, b"\0") + struct.pack(
        "<HBBIII36xIQ", len(written), kind, 1, left, right, child, start, size
    )


def image(name: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "#17694c").save(file, name, **options)
    return file.getvalue()


def photo_with_place() -> bytes:
    """A JPEG that says in its EXIF where it was taken, and lies on its side."""
    exif = Image.Exif()
    exif[0x010E] = "<script>alert('exif')</script>"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    return image("JPEG", (40, 30), exif=exif, comment=b"<script>alert('comment')</script>")


def animation(frames: int, size: tuple[int, int] = (4, 4)) -> bytes:
    pictures = [Image.new("RGB", size, (number * 40 % 256, 0, 0)) for number in range(frames)]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=40, loop=0)
    return file.getvalue()


def gif_of_frames(frames: int) -> bytes:
    """A GIF of very many tiny frames, written by hand: Pillow would need minutes."""
    frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 1, 1) + b"\0\x02\x02\x44\x01\0"
    header = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\x80\0\0\0\0\0\xff\xff\xff"
    return header + frame * frames + b"\x3b"


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that says it has this size; there is next to nothing in it."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(10_000))) + chunk(b"IEND", b"")


def pdf(text: str = "", javascript: str = "") -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    if text:
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F 12 Tf 20 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
    if javascript:
        action = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(javascript)}
        )
        names = ArrayObject([TextStringObject("start"), action])
        scripts = DictionaryObject({NameObject("/JavaScript"): DictionaryObject({NameObject("/Names"): names})})
        writer.root_object[NameObject("/Names")] = scripts
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def pdf_that_launches() -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject("/Launch"), NameObject("/F"): TextStringObject("cmd.exe")}
    )
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def archive(parts: dict[str, bytes | str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in parts.items():
            written.writestr(name, content)
    return file.getvalue()


def office(ending: str = "docx", more: dict[str, bytes | str] | None = None, main: str = "<x/>") -> bytes:
    """An Office file as Office lays it out, with further parts."""
    return package({_MAIN[ending]: main, **(more or {})}, _MAIN[ending])


def package(parts: dict[str, bytes | str], main: str, *, strict: bool = False, content_types: str = "") -> bytes:
    """An Office file with these parts, of which ``main`` is the first. ``strict``: as ISO's strict form has it."""
    base = "http://purl.oclc.org/ooxml/officeDocument/relationships" if strict else RELATIONSHIPS
    root = {"_rels/.rels": relationships((f"{base}/officeDocument", main, ""))}
    types = {"[Content_Types].xml": content_types or types_of(parts)}
    return archive({**types, **root, **parts})


def relationships(*rows: tuple[str, str, str]) -> str:
    """A part of relationships, each with type, target and target mode."""
    written = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"'
        + (f' TargetMode="{mode}"/>' if mode else "/>")
        for number, (kind, target, mode) in enumerate(rows)
    )
    return f'<Relationships xmlns="{_OPC}/relationships">{written}</Relationships>'


def types_of(parts: Iterable[str]) -> str:
    """The content types of parts, judged by their names."""
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name in parts
        if not name.endswith(".rels")
        for kind in [next((kind for word, kind in PART_TYPES.items() if word in name.lower()), "")]
        if kind
    )
    defaults = "".join(
        f'<Default Extension="{extension}" ContentType="application/{kind}"/>'
        for extension, kind in (("rels", "vnd.openxmlformats-package.relationships+xml"), ("xml", "xml"))
    )
    return f'<Types xmlns="{_OPC}/content-types">{defaults}{overrides}</Types>'


def document(*paragraphs: str) -> bytes:
    """A Word file; each word is a run of its own, as Word likes to write them."""
    namespace = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(
        "<w:p>" + "".join(f"<w:r><w:t xml:space='preserve'>{half}</w:t></w:r>" for half in (p[:3], p[3:])) + "</w:p>"
        for p in paragraphs
    )
    return office(main=f"<w:document {namespace}><w:body>{body}</w:body></w:document>")


def document_with_link() -> bytes:
    """A Word file with a symbolic link in its archive."""
    file = io.BytesIO(office())
    with zipfile.ZipFile(file, "a") as written:
        link = zipfile.ZipInfo("word/passwd")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        written.writestr(link, "/etc/passwd")
    return file.getvalue()


SOUND: dict[str, bytes] = {
    "a.txt": "Grüße".encode(),
    "windows.txt": "Grüße".encode("cp1252"),
    "utf16.txt": "Grüße".encode("utf-16"),
    "router.log": b"\x1b[31mlink down\x1b[0m\n",
    "notes.md": b"# Notes\n\n<b>bold</b>",
    "list.csv": b"a,b\n1,2\n",
    "list.tsv": b"a\tb\n",
    "export.json": b'{"a": 1}',
    "switch.xml": b'<?xml version="1.0"?><config><vlan>7</vlan></config>',
    "play.yaml": b"a: 1\n",
    "BMW.txt": b"BM begins as a bitmap does",
    "picture.png": image("PNG"),
    "photo.JPEG": image("JPEG"),
    "moving.gif": animation(3),
    "modern.webp": image("WEBP"),
    "manual.pdf": pdf("Hello"),
    "letter.docx": document("Hello"),
    "sheet.xlsx": office("xlsx", {"xl/sharedStrings.xml": "<sst><si><t>Hello</t></si></sst>"}),
    "slides.pptx": office("pptx", {"ppt/slides/slide1.xml": "<s><p><r><t>Hello</t></r></p></s>"}),
}

# name → content, status
HOSTILE: dict[str, tuple[Callable[[], bytes], int]] = {
    "drawing.svg": (lambda: SVG, 415),
    "drawing.png": (lambda: SVG, 415),
    "drawing.xml": (lambda: SVG, 415),
    "drawing.txt": (lambda: b"\xef\xbb\xbf \n<!-- x --><svg onload=alert(1)>", 415),
    "page.html": (lambda: HTML, 415),
    "page.png": (lambda: HTML, 415),
    "page.pdf": (lambda: HTML, 415),
    "page.txt": (lambda: HTML, 415),
    "page-16.txt": (lambda: HTML.decode().encode("utf-16"), 415),
    "page.xhtml": (lambda: XHTML, 415),
    "page.xml": (lambda: XHTML, 415),
    "prefixed.xml": (lambda: b'<h:a xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(1)</h:script></h:a>', 415),
    "styled.xml": (lambda: b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl" type="text/xsl"?><a/>', 415),
    "laughs.xml": (lambda: b'<!DOCTYPE a [<!ENTITY l "lol">]><a>&l;</a>', 415),
    "script.pdf": (lambda: pdf(javascript="app.alert(1)"), 415),
    "launch.pdf": (pdf_that_launches, 415),
    "broken.pdf": (lambda: b"%PDF-1.7\nnothing", 415),
    "behind.pdf": (lambda: b"GIF89a" + pdf(), 415),
    "archive-behind.pdf": (lambda: pdf() + archive({"a": "b"}), 415),
    "archive-behind.txt": (lambda: b"text\n" + archive({"a": "b"}), 415),
    "archive-before.docx": (lambda: office() + HTML, 415),
    "page-before.docx": (lambda: HTML + office(), 415),
    "program.exe": (lambda: b"MZ" + bytes(300), 415),
    "program.png": (lambda: b"MZ" + bytes(300), 415),
    "program.txt": (lambda: b"\x7fELF" + bytes(300), 415),
    "double.pdf.exe": (pdf, 415),
    "archive.zip": (lambda: archive({"a": "b"}), 415),
    "archive.docx": (lambda: archive({"a": "b"}), 415),
    "other.xlsx": (lambda: document("Hello"), 415),
    "macros.docm": (office, 415),
    "macros.docx": (lambda: office(more={"word/vbaProject.bin": b"x"}), 415),
    "macros.xlsx": (lambda: office("xlsx", {"xl/macrosheets/sheet1.xml": "<x/>"}), 415),
    "kinds.docx": (
        lambda: package(
            {"word/document.xml": "<x/>"},
            "word/document.xml",
            content_types=(
                '<Types><Default Extension="xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'
                "</Types>"
            ),
        ),
        415,
    ),
    "old.doc": (lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600), 415),
    "bomb.docx": (lambda: office(more={f"word/{n}.xml": bytes(30 * 2**20) for n in range(7)}), 413),
    "parts.docx": (lambda: office(more={f"word/{n}.xml": b"" for n in range(5001)}), 413),
    "nested.docx": (lambda: office(more={"word/embeddings/inner.zip": archive({"a": "b"})}), 415),
    "slip.docx": (lambda: office(more={"../../evil.xml": "x"}), 415),
    "link.docx": (document_with_link, 415),
    "huge.png": (lambda: png_of_size(100_000, 100_000), 413),
    "cut.png": (lambda: image("PNG", (400, 400))[:200], 415),
    "frames.gif": (lambda: gif_of_frames(100_000), 413),
    "icon.bmp": (lambda: image("BMP"), 415),
    "empty.txt": (lambda: b"", 415),
    "empty.png": (lambda: b"", 415),
    "nul.txt": (lambda: b"a\0b", 415),
    "large.txt": (lambda: b"x" * (LIMIT + 1), 413),
    "noending": (lambda: b"text", 415),
    ".htaccess": (lambda: b"Options +ExecCGI", 415),
    "evil.php": (lambda: b"<?php system($_GET[0]);", 415),
}
