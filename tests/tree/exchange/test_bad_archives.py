"""Archives that are refused, each before the first write."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def _file(old: str, new: str) -> Entries:
    record = (
        "id: f1\nfilename: 0f.txt\nsha256: ''\nowners: [root]\nowner_keys: ['']\n"
        "properties:\n  original_filename: plan.txt\n  size: 4\n"
    )
    assert old in record
    return {"files/f1.yaml": record.replace(old, new).encode(), "files/f1": b"text"}


def _add_file(old: str, new: str) -> Callable[[Entries], None]:
    return lambda entries: entries.update(_file(old, new))


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
    "an id with a slash": (_edit("tree/A.md", "id: ID_OF_A", "id: a/b"), "A.md: “id” must not hold a slash"),
    "an id of dots": (_edit("tree/A.md", "id: ID_OF_A", "id: a..b"), "two dots"),
    "an id with NUL": (_edit("tree/A.md", "id: ID_OF_A", 'id: "a\\0b"'), "cannot be seen"),
    "an id with half a character": (_edit("tree/A.md", "id: ID_OF_A", 'id: "a\\ud800b"'), "cannot be seen|not YAML"),
    "an id of 20,000 characters": (_edit("tree/A.md", "id: ID_OF_A", f"id: {'a' * 20_000}"), "has 20,000 characters"),
    "an id of the waiting folder": (_edit("tree/A.md", "id: ID_OF_A", "id: waiting:x"), "frame"),
    "a parent with a slash": (_edit(NOTE, "parent: root", "parent: a/b"), "“parent” must not hold a slash"),
    "a time that is none": (
        _edit(NOTE, "updated_by: tess", "updated_by: tess\ntrashed_at: soon"),
        "“trashed_at” must be",
    ),
    "a time without a zone": (
        _edit(NOTE, "updated_by: tess", "updated_by: tess\ntrashed_at: '2026-01-01T00:00:00'"),
        "“trashed_at” must be a time",
    ),
    "a time of the year 1": (
        _edit(NOTE, "updated_by: tess", "updated_by: tess\ntrashed_at: '0001-01-01T00:00:00+00:00'"),
        "1970 to 2200",
    ),
    "a trashed node without its top": (
        _edit(
            NOTE,
            "updated_by: tess",
            "updated_by: tess\ntrashed_at: '2026-01-01T00:00:00+00:00'\ntrashed_with: ID_OF_A",
        ),
        "was not put into the trash",
    ),
    "a version beyond 64 bits": (_edit(NOTE, "version: 2", f"version: {2**64}"), "“version” must be a number from 1"),
    "a negative version": (_edit(NOTE, "version: 2", "version: -1"), "“version” must be a number from 1"),
    "a revision beyond 64 bits": (
        _edit("revisions/ID_OF_VPN/000001.md", "number: 1", f"number: {2**64}"),
        "“number” must be a number from 1",
    ),
    "a person of control characters": (_edit(NOTE, "updated_by: tess", 'updated_by: "t\\x01"'), "control character"),
    "a chain that is too deep": (lambda entries: entries.update(_chain(51)), "51 levels deep; at most 50"),
    "a text that is too long": (
        lambda entries: entries.update({NOTE: entries[NOTE] + b"x" * 300_000}),
        "“content” is not possible: The text has",
    ),
    "two names that are one": (
        lambda entries: entries.update(_chain(1) | {"tree/other.md": _chain(1)["tree/0.md"].replace(b"c0", b"d0")}),
        "have one name in one place",
    ),
    "bytes that nothing tells of": (_add("files/x", b"x"), "nothing says what it is"),
    **{
        f"a file with {field}": (_add_file(old, new), word)
        for field, old, new, word in (
            ("a slash in its name", "name: plan.txt", "name: a/plan.txt", "original_filename must be a file's name"),
            ("a size that is no number", "size: 4", "size: four", "size must be a whole number"),
            ("a negative size", "size: 4", "size: -4", "size must be a whole number"),
            ("another size", "size: 4", "size: 5", "“properties.size” is 5"),
            ("a size beyond 64 bits", "size: 4", f"size: {2**70}", "size must be a whole number"),
            ("a width that is true", "size: 4", "size: 4\n  width: true", "width must be a whole number"),
            ("a time that is none", "size: 4", "size: 4\n  created_at: soon", "created_at must be a time"),
            ("a type of two lines", "size: 4", 'size: 4\n  content_type: "a/b\\n"', "content_type must be"),
            ("a password that is a word", "size: 4", "size: 4\n  is_locked: yes please", "is_locked must be true"),
            ("a text with NUL", "size: 4", 'size: 4\n  text: "\\0"', "text must be a text without NUL"),
            ("other bytes", "sha256: ''", f"sha256: '{'0' * 64}'", "“sha256” is that of other bytes"),
            ("a path on disk", "filename: 0f.txt", "filename: ../0f.txt", "no name under which files are stored"),
            ("an owner too many", "owner_keys: ['']", "owner_keys: ['', '']", "“owner_keys” must have one entry"),
            ("no owner", "owners: [root]", "owners: []", "“owners” must name a page"),
            ("an id with a slash", "id: f1", "id: a/b", "“id” must not hold a slash"),
        )
    },
    "a bomb": (_add("tree/bomb.md", b"0" * 30_000_000), "more than any"),
}


def _chain(levels: int) -> Entries:
    """Folders below one another; the manifest's count of nodes is not adapted."""
    return {
        f"tree/{n}.md": f"---\nid: c{n}\nkind: Folder\nname: C\nparent: {f'c{n - 1}' if n else 'root'}\n---\n".encode()
        for n in range(levels)
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


def test_an_altered_archive_is_refused(entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path) -> None:
    found, ids = entries
    as_pattern = {name: uid for uid, name in ids.items()}
    original = {
        _replaced(name, as_pattern): _replaced(text.decode(), as_pattern).encode() for name, text in found.items()
    }
    before = graph_hash(graph)
    answers = {}
    for case, (change, _) in ALTERED.items():
        marked = dict(original)
        change(marked)
        altered = {_replaced(name, ids): _replaced_bytes(text, ids) for name, text in marked.items()}
        answers[case] = refusal(pack(tmp_path / "bad.zip", altered))
        assert graph_hash(graph) == before, case
    others = {case: told for case, told in answers.items() if not re.search(ALTERED[case][1], told)}
    assert others == {}
    assert [case for case, told in answers.items() if "nothing was changed" not in told] == []


def refusal(path: Path) -> str:
    """What the command says of this file; empty if it takes it."""
    try:
        call_command("import_tree", str(path))
    except CommandError as error:
        return str(error)
    return ""


def test_the_unaltered_archive_is_taken(entries: tuple[Entries, dict[str, str]], tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("import_tree", str(pack(tmp_path / "good2.zip", entries[0])), json=True, stdout=out)
    assert json.loads(out.getvalue())["counts"]["created"] == 3


def test_every_fault_is_told_with_its_entry_and_field(
    entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path
) -> None:
    found, ids = entries
    found = dict(found) | _chain(60) | _file("size: 4", "size: -4")
    _edit(NOTE, "version: 2", "version: 0\nis_attached: 7\nowner: me")(found)
    with pytest.raises(CommandError) as caught:
        call_command("import_tree", str(pack(tmp_path / "bad.zip", found)))
    told = str(caught.value)
    assert f"{NOTE}: “owner” is an unknown field" in told
    assert f"{NOTE}: “version” must be a number" in told
    assert f"{NOTE}: “is_attached” must be true or false" in told
    assert told.count("levels deep") == 10
    assert "files/f1.yaml: “properties” size must be" in told
    assert f"revisions/{ids['ID_OF_VPN']}/000001.md" in told  # its node was not taken


@pytest.mark.parametrize(
    ("limit", "word"),
    [(1000, "largest file that is imported"), (150_000, "Unpacked it would have more than")],
)
def test_the_limit_of_imports(
    entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path, settings: Any, limit: int, word: str
) -> None:
    settings.IMPORT_LIMIT_BYTES = limit
    found = entries[0] | {f"revisions/{n}": b"0" * 1_000_000 for n in range(3)}
    with pytest.raises(CommandError, match=word) as caught:
        call_command("import_tree", str(pack(tmp_path / "bad.zip", found)))
    assert "IMPORT_LIMIT_MB" in str(caught.value)


def test_a_file_beyond_the_limit_of_files_is_told_before_the_first_write(
    entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path, settings: Any
) -> None:
    settings.FILE_LIMIT_BYTES = 3
    with pytest.raises(CommandError, match="FILE_LIMIT_MB"):
        call_command("import_tree", str(pack(tmp_path / "bad.zip", entries[0] | _file("f1", "f1"))))


def test_what_would_lie_too_deep_here_is_refused(
    entries: tuple[Entries, dict[str, str]], graph: Graph, tmp_path: Path
) -> None:
    """In the archive, the parent says that it lies one level deep; here it lies at 49."""
    parent = ROOT_ID
    for level in range(49):
        parent = make("Folder", f"L{level}", parent, uid="synced-deep" if level == 48 else "")
    before = graph_hash(graph)
    found = dict(entries[0])
    _edit("tree/A.md", "parent: root", "parent: synced-deep\nparent_key: some-key\nplace: [L]")(found)
    with pytest.raises(CommandError, match="51 levels deep here"):
        call_command("import_tree", str(pack(tmp_path / "bad.zip", found)))
    assert graph_hash(graph) == before


def test_what_is_no_zip(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "bad.zip"
    for raw in (b"", b"PK", b"hello", b"\0" * 5000):
        path.write_bytes(raw)
        assert "not a zip file" in refusal(path), raw[:10]


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
