"""Kinds of files that an administrator may allow: downloads, and nothing but downloads."""

from pathlib import Path

import pytest

from tests.tree import made_up_files as files
from tree.exceptions import FileRefused
from tree.files.mails import eml_text, msg_text
from tree.files.recognition import recognise
from tree.files.types import DOWNLOAD_EXTENSIONS

MAIL = (
    b"From: Ana <ana@zeta.example>\r\nTo: desk@msp.example\r\nSubject: =?utf-8?q?Dr=C3=BCcker?=\r\n"
    b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    b"--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    b"Ger=E4t steht still\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>quokka &amp; <b>co</b></p><script>no()</script>\r\n"
    b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nhidden\r\n--b--\r\n"
)
VISIO = files.package(
    {"visio/document.xml": "<x/>", "visio/pages/page1.xml": "<Shape><Text>a <cp/>router</Text></Shape>"},
    "visio/document.xml",
)
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(64)
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)

ALLOWED: dict[str, bytes] = {
    "a.ps1": b"Get-Service\r\n",
    "a.bat": "echo Gerät\r\n".encode("cp850"),
    "a.cmd": b"dir\r\n",
    "a.reg": "Windows Registry Editor Version 5.00\r\n".encode("utf-16"),
    "a.rdp": "full address:s:srv01\r\n".encode("utf-16"),
    "a.ovpn": b"client\nremote vpn.example 1194\n",
    "a.svg": files.SVG,
    "a.eml": MAIL,
    "a.msg": OLE,
    "a.vsdx": VISIO,
    "a.heic": HEIC,
    "a.zip": files.archive({"a.exe": "b"}),
    "server.log.zip": files.archive({"a": "b"}),
    "Config.2024.ps1": b"x",
}


def seen(tmp_path: Path, name: str, content: bytes, *downloads: str) -> str:
    path = tmp_path / "file"
    path.write_bytes(content)
    return recognise(path, name, downloads).type.content_type


@pytest.mark.parametrize("name", ALLOWED)
def test_only_what_the_setting_names_is_taken(tmp_path: Path, name: str) -> None:
    extension = name.rpartition(".")[2]
    assert seen(tmp_path, name, ALLOWED[name], extension) == "application/octet-stream"
    others = [other for other in DOWNLOAD_EXTENSIONS if other != extension]
    for downloads in ([], others):
        with pytest.raises(FileRefused, match="DOWNLOAD_ONLY_FILES"):
            seen(tmp_path, name, ALLOWED[name], *downloads)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("invoice.pdf.bat", b"x", "two extensions"),
        ("photo.JPG.ps1", b"x", "two extensions"),
        ("a.zip.svg", files.SVG, "two extensions"),
        ("a.zip", b"MZ" + bytes(300), "not what"),
        ("a.zip", b"PK\x03\x04 and nothing", "damaged"),
        ("a.heic", files.image("PNG"), "not what"),
        ("a.msg", MAIL, "not what"),
        ("a.ps1", b"MZ" + bytes(300), "not what"),
        ("a.bat", b"echo\r\n" + files.archive({"a": "b"}), "not what"),
        ("a.eml", b"a\0b", "UTF-8"),
        ("a.vsdx", files.archive({"a": "b"}), "no Office file"),
        ("a.vsdx", files.office("docx"), "Word"),
        ("double.pdf.exe", b"MZ", "not taken"),
        ("a.js", b"x", "not taken"),
        ("a.html", files.HTML, "not taken"),
    ],
)
def test_content_that_is_something_else_is_refused(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    with pytest.raises(FileRefused, match=why):
        seen(tmp_path, name, content, *DOWNLOAD_EXTENSIONS)


def test_macros_in_visio_files_are_refused(tmp_path: Path) -> None:
    macros = files.package({"visio/document.xml": "<x/>", "visio/vbaProject.bin": b"x"}, "visio/document.xml")
    with pytest.raises(FileRefused, match="macros"):
        seen(tmp_path, "a.vsdx", macros, "vsdx")


def test_words_of_mails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(MAIL)
    found = " ".join(" ".join(eml_text(path)).split())
    for word in ("Drücker", "Ana <ana@zeta.example>", "Gerät steht still", "quokka & co"):
        assert word in found
    assert "hidden" not in found
    assert "no()" not in found


def test_words_of_outlooks_mails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    streams = {
        "__substg1.0_0037001F": "Drücker".encode("utf-16-le"),
        "__substg1.0_0C1A001E": "Müller".encode("cp1252"),
        "__substg1.0_1000001F": ("quokka " * 700).encode("utf-16-le"),
        "__substg1.0_37010102": b"attached",
    }
    path.write_bytes(files.ole(streams))
    found = list(msg_text(path))
    assert found[0].startswith("Drücker")
    assert found[1].startswith("Müller")
    assert "quokka quokka" in found[2]
    assert len(found) == 3
    path.write_bytes(OLE)
    assert list(msg_text(path)) == []
