"""What the made-up mails say: sentences with the signs that people and programs put into them."""

import random
from dataclasses import dataclass

AWKWARD = (
    "ACME\\jdoe", "<ZETA\\jdoe>", "<server>", "<ana@zeta.example>", "<https://portal.example/x?a=1&b=2>", "x<y", "a>b",
    "List<String>", "Dictionary<string,", "List<int>>", "Map<Integer,Object>", "vector<P>", "<T>", "<address>", "<b>",
    "<title>", "<link>", "file_name_v2", "__init__", "_draft_", "2*3*4", "*urgent*", "**now**", "`ipconfig`", "``x``",
    "[EXTERNAL]", "[x](y)", "[1]", "![x](y)", "[^1]", "#1234", "#", "~~old~~", "PROGRA~1", "a|b", "|", "R&D", "&",
    "&amp;", "&copy;", "&copy=1", "C:\\Users\\_x\\*.log", "\\\\nas01\\share$", "\\*", "end\\", "{{name}}", "{:", "$HOME",
    "%TEMP%", "10.0.0.5", "SRV_DB_01", "CORP\\svc_backup", "https://kb.example/a_b_(c)?q=1&r=2#frag_1", "==", "^2",
    "https://intra.example/_layouts/15/start.aspx", "ana_k@zeta.example", ":)", "<!--x-->", "<3", "<-", "->", "=>", "<=",
    "שלום", "مرحبا", "東方", "🙏", "Zoë's", '"quoted"', "it's", "—", "<C:\\Temp>", "<tel:+15550100>", "</server>", "<?>",
    "<mailto:bob@zeta.example>", "<Company_Name>", "<your-name>", "{x}", "@ana", "+1", "1.", "2)", "-", ":smile:",
)  # fmt: skip
COMMON = [
    "the",
    "printer",
    "server",
    "backup",
    "failed",
    "again",
    "please",
    "restart",
    "node",
    "after",
    "update",
    "user",
    "cannot",
    "log",
    "in",
    "since",
    "Monday",
    "morning",
    "we",
    "tried",
    "another",
    "cable",
    "and",
    "it",
    "works",
    "now",
    "thanks",
    "error",
    "code",
    "service",
    "disk",
    "full",
    "account",
    "locked",
    "out",
    "of",
    "office",
]
LINE_STARTS = (
    "",
    "",
    "",
    "",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "2) ",
    "# ",
    "## ",
    "> ",
    ">> ",
    ": ",
    "    ",
    "\t",
    "~~~ ",
    "``` ",
    "| ",
)
RULES = ("=====", "-----", "***", "___", "~~~~", "----|----", "- - -", "+-----+", "________________________________")


@dataclass(frozen=True)
class Mail:
    """A body with the lines that a person sees of it."""

    body: str
    lines: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return [word for line in self.lines for word in line.split()]


class Writer:
    """Writes sentences and collects the lines that are to be seen."""

    def __init__(self, seed: str) -> None:
        self.rng = random.Random(seed)  # noqa: S311 made-up mails, no secrets
        self.lines: list[str] = []

    def sentence(self, awkward: float = 0.35) -> str:
        """A line of four to twelve words."""
        pick = self.rng.choice
        words = [pick(AWKWARD if self.rng.random() < awkward else COMMON) for _ in range(self.rng.randint(4, 12))]
        return " ".join(words)

    def say(self, text: str | None = None) -> str:
        """A sentence that is to be seen on a line of its own."""
        line = self.sentence() if text is None else text
        self.lines.append(line)
        return line
