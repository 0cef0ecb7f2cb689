"""The form of every field of an archive. What has another form would be written once and break pages ever after.

``faults_of`` reports every field that is wrong, not only the first one.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from knowledgetree.accounts.acting import Way
from knowledgetree.basics.address_forms import LARGEST
from knowledgetree.basics.mismatches import in_words, mismatch_of
from tree.exceptions import Refused
from tree.exchange.archive import Manifest, StoredFile, StoredNode, StoredRevision
from tree.files import storage
from tree.files.file_names import clean_filename
from tree.graph.validation import UNSEEN_CATEGORIES, checked_name, checked_text
from tree.kinds import STAFF_KINDS
from tree.vocabulary import COMPANIES_ID, MAX_DEPTH, ROOT_ID, WAITING_ID

MAX_ID_CHARACTERS = 200  # of an id or key; ids stand in URLs, in drafts (SQL) and in indexes
MAX_PERSON_CHARACTERS = 150  # Django's limit of a user name
MAX_MESSAGE_CHARACTERS = 5_000
MAX_KEY_CHARACTERS = 500  # of a Codex key, which holds whatever Codex has for an id
MAX_PIXELS = 1_000_000
FIRST_YEAR, LAST_YEAR = 1970, 2200  # in any time zone, a time near the year 1 or 9999 cannot be shown
FRAME_IDS = (ROOT_ID, COMPANIES_ID, WAITING_ID)
_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,90}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

Form = Callable[[Any], str | None]


def id_fault(value: Any) -> str | None:
    """What is wrong with an id, as the predicate of a sentence; None if nothing is."""
    if not isinstance(value, str) or not value:
        return "must be an id"
    if len(value) > MAX_ID_CHARACTERS:
        return f"has {len(value):,} characters; an id has at most {MAX_ID_CHARACTERS}"
    if "/" in value or "\\" in value or ".." in value or value == ".":
        return "must not hold a slash or two dots"
    if value != value.strip() or any(unicodedata.category(c) in UNSEEN_CATEGORIES for c in value):
        return "must not hold blanks at its ends, nor characters that cannot be seen"
    return None


def own_id_fault(value: Any) -> str | None:
    """Like ``id_fault``; the ids of the tree's frame are refused too."""
    if value in FRAME_IDS or str(value).startswith(f"{WAITING_ID}:"):
        return f"is {value!r}, an id that belongs to the tree's frame"
    return id_fault(value)


def time_fault(value: Any) -> str | None:
    """What is wrong with a time; an empty one is allowed."""
    if value == "":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        example = datetime(2026, 3, 9, 10, 30, tzinfo=UTC).isoformat()
        return f"must be a time of the years {FIRST_YEAR} to {LAST_YEAR} like {example}"
    return None


def _key_fault(value: str) -> str | None:
    return _line_fault(value, MAX_KEY_CHARACTERS)


def _own_key_fault(value: str) -> str | None:
    return own_id_fault(value) if value else None


def _name_fault(value: str) -> str | None:
    return _refusal(checked_name, value)


def _old_name_fault(value: str) -> str | None:
    return _line_fault(value, 2 * MAX_ID_CHARACTERS) if value else "must not be empty"


def _text_fault(value: str) -> str | None:
    return _refusal(checked_text, value)


def _person_fault(value: str) -> str | None:
    return _line_fault(value, MAX_PERSON_CHARACTERS)


def _message_fault(value: str) -> str | None:
    if len(value) > MAX_MESSAGE_CHARACTERS:
        return f"has {len(value):,} characters; at most {MAX_MESSAGE_CHARACTERS:,} are possible"
    return _file_text_fault(value)


def _way_fault(value: str) -> str | None:
    return None if not value or value in set(Way) else f"is {value!r:.50}; it must be one of {', '.join(Way)}"


def _version_fault(value: int) -> str | None:
    return None if 1 <= value <= LARGEST else f"must be a number from 1 to {LARGEST:,}; versions count from 1"


def _kind_fault(value: str) -> str | None:
    return (
        None if value in STAFF_KINDS else f"is {value!r:.50}; staff make no such page, only {' and '.join(STAFF_KINDS)}"
    )


def _place_fault(value: list[str]) -> str | None:
    if len(value) > MAX_DEPTH:
        return f"has {len(value)} levels; at most {MAX_DEPTH} are possible"
    return next((fault for name in value if (fault := _message_fault(name))), None)


def _ids_fault(value: list[str]) -> str | None:
    if not value:
        return "must name a page that has the file"
    return next((fault for uid in value if (fault := id_fault(uid))), None)


def _keys_fault(value: list[str]) -> str | None:
    return next((fault for key in value if (fault := _key_fault(key))), None)


def _stored_name_fault(value: str) -> str | None:
    return None if storage.is_stored_name(value) else f"is {value!r:.80}, no name under which files are stored"


def _sha256_fault(value: str) -> str | None:
    return None if not value or _SHA256.fullmatch(value) else "must be a SHA-256 of 64 hexadecimal digits"


def _properties_fault(value: dict[str, Any]) -> str | None:
    strange = sorted(set(value) - set(_PROPERTIES))
    if strange:
        return f"holds {', '.join(strange)}, which are not known of files"
    faults = (f"{name} {fault}" for name, one in value.items() if (fault := _PROPERTIES[name](one)))
    return "; ".join(faults) or None


def _filename_fault(value: Any) -> str | None:
    is_clean = isinstance(value, str) and clean_filename(value) == value
    return None if is_clean else "must be a file's name without slashes or characters that cannot be seen"


def _content_type_fault(value: Any) -> str | None:
    return None if isinstance(value, str) and _CONTENT_TYPE.fullmatch(value) else "must be a content type"


def _number_fault(most: int) -> Form:
    def fault(value: Any) -> str | None:
        return None if type(value) is int and 0 <= value <= most else f"must be a whole number from 0 to {most:,}"

    return fault


def _file_text_fault(value: Any) -> str | None:
    if not isinstance(value, str) or "\0" in value or any(unicodedata.category(c) == "Cs" for c in value):
        return "must be a text without NUL and halves of characters"
    return None


def _flag_fault(value: Any) -> str | None:
    return None if isinstance(value, bool) else "must be true or false"


def _optional_person_fault(value: Any) -> str | None:
    return _person_fault(value) if isinstance(value, str) else "must be a text"


def _line_fault(value: str, most: int) -> str | None:
    if len(value) > most:
        return f"has {len(value):,} characters; at most {most:,} are possible"
    hidden = next((c for c in value if unicodedata.category(c) in ("Cc", "Cs")), None)
    return None if hidden is None else f"holds a control character (U+{ord(hidden):04X})"


def _refusal(check: Callable[[str], str], value: str) -> str | None:
    try:
        check(value)
    except Refused as error:
        return f"is not possible: {error}"
    return None


_PROPERTIES: dict[str, Form] = {
    "original_filename": _filename_fault,
    "content_type": _content_type_fault,
    "size": _number_fault(2**40),
    "width": _number_fault(MAX_PIXELS),
    "height": _number_fault(MAX_PIXELS),
    "created_at": time_fault,
    "created_by": _optional_person_fault,
    "text": _file_text_fault,
    "is_locked": _flag_fault,
}
_FORMS: dict[type, dict[str, Form]] = {
    StoredNode: {
        "id": own_id_fault,
        "kind": _kind_fault,
        "name": _name_fault,
        "parent": id_fault,
        "parent_key": _key_fault,
        "place": _place_fault,
        "version": _version_fault,
        "created_at": time_fault,
        "created_by": _person_fault,
        "updated_at": time_fault,
        "updated_by": _person_fault,
        "trashed_at": time_fault,
        "trashed_by": _person_fault,
        "trashed_with": _own_key_fault,
        "content": _text_fault,
    },
    StoredRevision: {
        "node": own_id_fault,
        "number": _version_fault,
        "name": _old_name_fault,
        "author": _person_fault,
        "message": _message_fault,
        "way": _way_fault,
        "through": _message_fault,
        "saved_at": time_fault,
        "content": _text_fault,
    },
    Manifest: {},
    StoredFile: {
        "id": id_fault,
        "filename": _stored_name_fault,
        "sha256": _sha256_fault,
        "owners": _ids_fault,
        "owner_keys": _keys_fault,
        "properties": _properties_fault,
    },
}


def faults_of(fields: dict[Any, Any], kind: type[msgspec.Struct]) -> Iterator[str]:
    """Every fault of these fields, each a sentence that begins with the field; ``kind`` is a struct of archive.py."""
    known = {field.name: field for field in msgspec.structs.fields(kind)}
    yield from (f"“{name}” is an unknown field." for name in map(str, fields) if name not in known)
    for name, field in known.items():
        if name not in fields:
            if field.required:
                yield f"“{name}” is missing."
            continue
        try:
            value = msgspec.convert(fields[name], field.type)
        except msgspec.ValidationError as error:
            mismatch = mismatch_of(error)
            path = f"{name}.{mismatch.field}" if mismatch.field else name
            yield in_words(msgspec.structs.replace(mismatch, field=path))
            continue
        check = _FORMS[kind].get(name)
        fault = check(value) if check else None
        if fault:
            yield f"“{name}” {fault.rstrip('.')}."
