"""The text of mails that were saved as files, for the search: .eml (RFC 5322) and Outlook's .msg ([MS-OXMSG])."""

import email
import email.errors
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import olefile

_MAX_PARTS = 200
_MAX_STREAM_BYTES = 2 * 2**20
_HEADERS = ("Subject", "From", "To", "Cc", "Date")
# Properties of a message: subject, sender's name and address, recipients, text; each as UTF-16 and as code page.
_PROPERTIES = ("0037", "0C1A", "0C1F", "5D01", "0E04", "0E03", "1000")
_BROKEN = (OSError, ValueError, IndexError, KeyError, TypeError, AttributeError, LookupError, email.errors.MessageError)


def eml_text(path: Path) -> Iterator[str]:
    """The headers that people know, then the texts. Attachments are left out."""
    try:
        with open(path, "rb") as file:
            mail = email.message_from_binary_file(file, policy=email.policy.default)
        for name in _HEADERS:
            yield str(mail.get(name, ""))
        for number, part in enumerate(mail.walk()):
            if number >= _MAX_PARTS:
                return
            if isinstance(part, EmailMessage) and not part.is_attachment():
                yield _text_of_part(part)
    except _BROKEN:
        return


def msg_text(path: Path) -> Iterator[str]:
    """Subject, people and text of a message that Outlook has saved."""
    try:
        with olefile.OleFileIO(str(path)) as container:
            for known in _PROPERTIES:
                for ending, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
                    name = f"__substg1.0_{known}{ending}"
                    if container.exists(name):
                        yield container.openstream([name]).read(_MAX_STREAM_BYTES).decode(encoding, "replace")
    except _BROKEN:
        return


def _text_of_part(part: EmailMessage) -> str:
    if part.get_content_maintype() != "text":
        return ""
    text = str(part.get_content())
    return _text_of_html(text) if part.get_content_subtype() == "html" else text


def _text_of_html(html: str) -> str:
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return " ".join(parser.texts)


class _Texts(HTMLParser):
    """Collects the texts between tags, without those of scripts and style sheets."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        if self.cdata_elem is None:  # the script or style that the parser is in
            self.texts.append(data)
