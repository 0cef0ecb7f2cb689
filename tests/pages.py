"""How tests read pages."""


def squeezed(page: str) -> str:
    """The page with one space for each run of white space, as a browser shows it outside of <pre>."""
    return " ".join(page.split())
