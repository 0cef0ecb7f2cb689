"""Archives that other programs unpacked, edited and packed again are taken."""

import io
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tests.throwaway_neo4j import Graph
from tree import operations, queries
from tree.exchange.exporter import export_tree
from tree.graph import schema
from tree.queries import paths
from tree.vocabulary import ROOT_ID

Entries = dict[str, bytes]


def on_a_mac(entries: Entries) -> Entries:
    """Compressed in the Finder: one more folder on top, decomposed names, and what macOS adds."""
    repacked = {f"Wissen/{unicodedata.normalize('NFD', name)}": raw for name, raw in entries.items()}
    more = {"Wissen/.DS_Store": b"\0", "__MACOSX/Wissen/._knowledgetree.yaml": b"\0", "Wissen/tree/._Größe.md": b"\0"}
    return repacked | more


def on_windows(entries: Entries) -> Entries:
    """Edited: a byte order mark and other ends of lines; packed by a program that writes backslashes."""
    edited = {
        name: b"\xef\xbb\xbf" + raw.replace(b"\n", b"\r\n") if name.endswith((".md", ".yaml")) else raw
        for name, raw in entries.items()
    }
    return {f"Wissen\\{name}".replace("/", "\\"): raw for name, raw in edited.items()} | {"Wissen\\Thumbs.db": b"\0"}


def pack(path: Path, entries: Entries, *, as_cp437: bool) -> Path:
    """The zip; ``as_cp437``: names in the old code page and without the sign of UTF-8."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, raw) in enumerate(entries.items()):
            info = zipfile.ZipInfo(str(number).zfill(len(name.encode("cp437", "replace"))))
            info.filename = info.filename if as_cp437 else name
            archive.writestr(info, raw)
    if as_cp437:
        return _renamed(path, [name.encode("cp437", "replace") for name in entries])
    return path


def _renamed(path: Path, names: list[bytes]) -> Path:
    """The same file with these bytes for the names, which Python's writer would mark as UTF-8."""
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        start = archive.start_dir
        for info, name in zip(archive.infolist(), names, strict=True):
            raw[info.header_offset + 30 : info.header_offset + 30 + len(name)] = name
            raw[start + 46 : start + 46 + len(name)] = name
            start += 46 + len(name)
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("repack", "as_cp437"),
    [(on_a_mac, False), (on_windows, False), (on_windows, True)],
    ids=["mac", "windows", "cp437"],
)
def test_a_repacked_archive_is_taken(
    graph: Graph, tmp_path: Path, repack: Callable[[Entries], Entries], as_cp437: bool
) -> None:
    folder = operations.create_folder(ROOT_ID, "Größe", author="tess")
    note = operations.create_note(folder, "Übersicht.md", "# Ü\n\ntwo\n", author="tess")
    file = operations.add_file(note, "plan.txt", io.BytesIO(b"the plan\r\n"), author="tess")
    export_tree(tmp_path / "1.zip")
    with zipfile.ZipFile(tmp_path / "1.zip") as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    repacked = pack(tmp_path / "2.zip", repack(entries), as_cp437=as_cp437)
    graph.empty()
    schema.set_up()
    (settings.UPLOADS_DIR / file.filename).unlink()
    call_command("import_tree", str(repacked), stdout=io.StringIO())
    found = queries.get_node(paths.resolve("Größe/Übersicht.md"))
    assert (found.uid, found.content) == (note, "# Ü\n\ntwo\n")
    assert (settings.UPLOADS_DIR / file.filename).read_bytes() == b"the plan\r\n"
    export_tree(tmp_path / "3.zip")
    assert (tmp_path / "3.zip").read_bytes() == (tmp_path / "1.zip").read_bytes()


def test_a_backslash_leads_no_further_than_a_slash(graph: Graph, tmp_path: Path) -> None:
    export_tree(tmp_path / "1.zip")
    with zipfile.ZipFile(tmp_path / "1.zip", "a") as archive:
        archive.writestr("tree\\..\\..\\passwd", b"x")
    with pytest.raises(CommandError, match="leads outside"):
        call_command("import_tree", str(tmp_path / "1.zip"))
