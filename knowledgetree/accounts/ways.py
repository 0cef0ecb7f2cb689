"""Through what somebody acted, in words."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from knowledgetree.accounts.acting import Way

_WORDS = {
    Way.PAGE.value: "on a page",
    Way.CORE.value: "through Core",
    Way.TOKEN.value: "with the API token",
    Way.SERVICE.value: "",  # whose name says so
    Way.COMMAND.value: "by a command",
    Way.IMPORT.value: "by an import",
    Way.DRAFT.value: "from a draft",
    Way.JOB.value: "",
}
_ALONE = {Way.TOKEN.value: "with an API token", Way.SERVICE.value: "by a service", Way.JOB.value: "by a job"}
CHOICES = [(way, _ALONE.get(way, words)) for way, words in _WORDS.items()]  # for a menu
_OF = {Way.IMPORT.value: "of ", Way.DRAFT.value: "of "}


def in_words(way: str, through: str) -> SafeString:
    """What follows the name of whoever did something: with the API token “nightly”. Empty if it is not known."""
    words = _WORDS.get(way, way)
    if not through:
        return format_html("{}", words)
    return format_html("{} {}“<bdi>{}</bdi>”", words, _OF.get(way, ""), through)
