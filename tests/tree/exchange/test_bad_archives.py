"""Archives that are refused, each before the first write."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.graph_assertions import graph_hash
from tests.throwaway_neo4j import Graph
from tests.tree.factory import make
from tree import operations
from tree.exchange.archive import MANIFEST
from tree.exchange.exporter import export_tree
from tree.graph import schema
from tree.vocabulary import ROOT_ID

Entries = dict[str, bytes]
NOTE = "tree/VPN.md"


def _edit(entry: str, old: str, new: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        assert old.encode() in entries[entry]
        entries[entry] = entries[entry].replace(old.encode(), new.encode())

    return change


def _add(entry: str, content: bytes) -> Callable[[Entries], None]:
    return lambda entries: entries.update({entry: content})


def _remove(entry: str) -> Callable[[Entries], None]:
    def change(entries: Entries) -> None:
        del entries[entry]

    return change


ALTERED: dict[str, tuple[Callable[[Entries], None], str]] = {
    "no manifest": (_remove(MANIFEST), "not an export"),
    "another version": (_edit(MANIFEST, "version: 2", "version: 3"), "can be read"),
    "another format": (_edit(MANIFEST, "format: knowledgetree", "format: other"), "can be read"),
    "a manifest of nonsense": (_add(MANIFEST, b"[]"), "names and values"),
    "something taken out": (_remove(NOTE), "taken out|not in the archive"),
    "path out of the archive": (_add("tree/../../etc/passwd", b"x"), "leads outside"),
    "an absolute path": (_add("/etc/passwd", b"x"), "leads outside"),
    "a strange entry": (_add("run.sh", b"x"), "unknown"),
    "no front matter": (_add(NOTE, b"# VPN"), "no front matter"),
    "front matter without an end": (_add(NOTE, b"---\nid: x\n"), "no front matter"),
    "not UTF-8": (_add(NOTE, b"---\n\xff\n---\n"), "UTF-8"),
    "broken YAML": (_add(NOTE, b"---\n{\n---\n"), "not YAML"),
    "YAML that unfolds": (_add(NOTE, b"---\na: &a [x]\nb: *a\n---\n"), "references"),
    "YAML that runs": (_add(NOTE, b"---\na: !!python/object/apply:os.system ['true']\n---\n"), "not YAML"),
    "an unknown field": (_edit(NOTE, "kind: Note", "kind: Note\nowner: me"), "“owner” is an unknown field"),
    "a missing field": (_edit(NOTE, "kind: Note\n", ""), "“kind” is missing"),
    "a wrong type": (_edit(NOTE, "version: 2", "version: two"), "“version” must be a whole number, but is a text"),
    "a kind of Codex": (_edit(NOTE, "kind: Note", "kind: Ticket"), "staff make no"),
    "a name of control characters": (_edit(NOTE, "name: VPN", 'name: "V\\x07N"'), "cannot be seen"),
    "the root's id": (_edit("tree/A.md", "id: ID_OF_A", "id: root"), "frame"),
    "its own parent": (_edit("tree/A.md", "parent: root", "parent: ID_OF_B"), "below itself"),
    "a parent that is nowhere": (_edit(NOTE, "parent: root", "parent: nowhere"), "not in the archive"),
    "a note of Codex' id": (_edit(NOTE, "id: ID_OF_VPN", "id: synced"), "did not make|not in the archive"),
    "a version of nothing": (
        _edit("revisions/ID_OF_VPN/000001.md", "node: ID_OF_VPN", "node: x"),
        "not in the archive",
    ),
    "a version numbered 0": (_edit("revisions/ID_OF_VPN/000001.md", "number: 1", "number: 0"), "count from 1"),
    "bytes that nothing tells of": (_add("files/x", b"x"), "nothing says what it is"),
    "a bomb": (_add("tree/bomb.md", b"0" * 30_000_000), "more than any"),
}


@pytest.fixture
def entries(graph: Graph, tmp_path: Path) -> tuple[Entries, dict[str, str]]:
    """An export of A/B and VPN, unpacked; and ids by name. In the graph lies something else then."""
    vpn = operations.create_note(ROOT_ID, "VPN", "one", author="tess")
    operations.save(vpn, author="tess", content="two")
    a = operations.create_folder(ROOT_ID, "A", author="tess")
    b = operations.create_folder(a, "B", author="tess")
    export_tree(tmp_path / "good.zip")
    with zipfile.ZipFile(tmp_path / "good.zip") as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    graph.empty()
    schema.set_up()
    make("Asset", "LAPTOP-59.md", uid="synced")
    return found, {"ID_OF_VPN": vpn, "ID_OF_A": a, "ID_OF_B": b}


def pack(path: Path, entries: Entries) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize("case", ALTERED)
def test_an_altered_archive_is_refused(
    entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path, case: str
) -> None:
    found, ids = entries
    as_pattern = {name: uid for uid, name in ids.items()}
    marked = {
        _replaced(name, as_pattern): _replaced(text.decode(), as_pattern).encode() for name, text in found.items()
    }
    change, word = ALTERED[case]
    change(marked)
    altered = {_replaced(name, ids): _replaced_bytes(text, ids) for name, text in marked.items()}
    before = graph_hash(graph)
    with pytest.raises(CommandError, match=word) as caught:
        call_command("import_tree", str(pack(tmp_path / "bad.zip", altered)))
    assert "nothing was changed" in str(caught.value)
    assert graph_hash(graph) == before


def test_the_unaltered_archive_is_taken(entries: tuple[Entries, dict[str, str]], tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("import_tree", str(pack(tmp_path / "good2.zip", entries[0])), json=True, stdout=out)
    assert json.loads(out.getvalue())["counts"]["created"] == 3


@pytest.mark.parametrize("raw", [b"", b"PK", b"hello", b"\0" * 5000])
def test_what_is_no_zip(graph: Graph, tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "bad.zip"
    path.write_bytes(raw)
    with pytest.raises(CommandError, match="not a zip file"):
        call_command("import_tree", str(path))


def test_a_cut_archive(entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path) -> None:
    whole = pack(tmp_path / "whole.zip", entries[0]).read_bytes()
    before = graph_hash(graph)
    for length in range(0, len(whole) - 1, max(1, len(whole) // 25)):
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[:length])
        with pytest.raises(CommandError):
            call_command("import_tree", str(cut))
    assert graph_hash(graph) == before


def test_a_file_that_is_not_there(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_tree", str(tmp_path / "none.zip"))


def _replaced(text: str, names: dict[str, str]) -> str:
    for old, new in names.items():
        text = text.replace(old, new)
    return text


def _replaced_bytes(content: bytes, names: dict[str, str]) -> bytes:
    for old, new in names.items():
        content = content.replace(old.encode(), new.encode())
    return content
