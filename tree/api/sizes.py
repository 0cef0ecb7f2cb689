"""How much a request may hold, and how much of a text a response shows, in both APIs."""

MAX_BODY_BYTES = 2 * 1024 * 1024  # enough for a text of 256 kB with JSON escapes
SUMMARY_CHARACTERS = 200


def summary(text: str) -> str:
    """The first 200 characters, followed by dots if the text is longer."""
    return text if len(text) <= SUMMARY_CHARACTERS else text[:SUMMARY_CHARACTERS] + "..."
