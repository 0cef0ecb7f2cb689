"""Plain bodies: typed, forwarded, quoted, and written by programs."""

from collections.abc import Callable

from tests.syncing.kinds.mails.words import LINE_STARTS, RULES, Mail, Writer

Client = Callable[[Writer], list[str]]


def typed(w: Writer) -> list[str]:
    return [w.rng.choice(LINE_STARTS) + w.sentence() if w.rng.random() < 0.85 else "" for _ in range(8)]


def one_line(w: Writer) -> list[str]:
    return [w.sentence(0.5)]


def outlook(w: Writer) -> list[str]:
    return [
        w.sentence(), "", "Kind regards", "Ana <https://zeta.example/a_b>", "________________________________",
        "From: Ana B <ana@zeta.example>", "Sent: Monday, 2 November 2026 10:00", "To: Help <help@msp.example>; Bob O'Neill <bob@zeta.example>",
        "Subject: RE: [EXTERNAL] #1234", "", w.sentence(),
    ]  # fmt: skip


def quoted(w: Writer) -> list[str]:
    return [w.sentence(), "", "On 01/11/2026 10:00, Bob <bob@zeta.example> wrote:"] + [
        f"{'>' * depth} {w.sentence()}" for depth in (1, 1, 2, 3, 2, 1)
    ]


def ndr(w: Writer) -> list[str]:
    return [
        "The mail system", "", "<ana@zeta.example>: host mx.zeta.example[203.0.113.5] said: 550 5.1.1",
        "    <ana@zeta.example>... User unknown (in reply to RCPT TO command)", "<<< 550 5.7.1 Unable to relay",
        "Final-Recipient: rfc822;ana_b@zeta.example", "Diagnostic-Code: smtp; 550 #5.1.0 *rejected*", w.sentence(),
    ]  # fmt: skip


def monitoring(w: Writer) -> list[str]:
    return [
        "***** Nagios *****", "", "Notification Type: PROBLEM", "Host: SRV_DB_01", "  State:   DOWN", f"\tInfo: {w.sentence()}",
        "Disk: C:\\ 98% (> 95%)", "Load < 5 && swap > 2", "# 3 of 4 *critical*", "=====", w.sentence(),
    ]  # fmt: skip


def xml(w: Writer) -> list[str]:
    return [
        w.sentence(), '<?xml version="1.0" encoding="utf-8"?>', "<configuration>", "  <appSettings>", '    <add key="a_b" value="*" />',
        "    <title>Title &amp; more</title>", "    <link>https://x.example/?a=1&amp;b=2</link>", "  </appSettings>", "</configuration>", w.sentence(),
    ]  # fmt: skip


def xml_alone(_w: Writer) -> list[str]:
    return [
        "<Event xmlns='http://schemas.example/win'>",
        "  <System>",
        "    <Data Name='p'>_x_</Data>",
        "    <p>1</p>",
        "  </System>",
        "</Event>",
    ]


def soap(w: Writer) -> list[str]:
    return ["<soap:Envelope>", "<soap:Body><m:Get>x</m:Get></soap:Body>", "</soap:Envelope>", w.sentence()]


def generics(w: Writer) -> list[str]:
    return [
        "public Dictionary<string, List<int>> Map<T>(Func<T, bool> f) where T : class {", "    if (a < b && c > d) return new List<S>();",
        "    for (int i=0;i<n;i++) { x[i] = y[i]*2*z[i]; }", "#include <stdio.h>", "std::vector<std::pair<int, B>> v;", "}", w.sentence(),
    ]  # fmt: skip


def powershell(w: Writer) -> list[str]:
    return [
        "PS C:\\Users\\_adm> Get-ADUser <username> | Select-Object *", "net use \\\\srv_fs_01\\data$ /user:CORP\\svc_backup *",
        "`r`n  $env:TEMP\\*.log", "icacls . /grant <DOMAIN>\\<user>:(OI)(CI)F", "1..5 | % { $_ * 2 }", "~~~", "cd ~", w.sentence(),
    ]  # fmt: skip


def diff(w: Writer) -> list[str]:
    return ["--- a/file_x", "+++ b/file_x", "@@ -1,3 +1,3 @@", f"-{w.sentence()}", f"+{w.sentence()}", " same", "- - -"]


def markdown(w: Writer) -> list[str]:
    return [
        "Subject line", w.rng.choice(RULES), "# Title", "* not bold *", "1. one", "2. two", "```", "code", "```", "[ref]: https://x.example/",
        "[^1]: note", "*[HTML]: abbreviation", "Term", ":   definition", "| a | b |", "|---|---|", "| 1 | 2 |", "- [ ] task", w.sentence(),
    ]  # fmt: skip


def ascii_table(w: Writer) -> list[str]:
    return [
        "+----+------+",
        "| id | name |",
        "+----+------+",
        "|  1 | a_b  |",
        "+----+------+",
        "id | name",
        "---|-----",
        "1 | x",
        w.sentence(),
    ]


def rules(w: Writer) -> list[str]:
    return [line for rule in RULES for line in (w.sentence(), rule)]


def iphone(w: Writer) -> list[str]:
    return [
        w.sentence(),
        "",
        "Sent from my iPhone",
        "",
        "> On 1 Nov 2026, at 10:00, Ana <ana@zeta.example> wrote:",
        "> ",
        f"> {w.sentence()}",
        "\ufeff> \u200b",
    ]


def log(w: Writer) -> list[str]:
    return [f"2026-11-01 10:0{n}:00 [ERROR] <module_{n}> {w.sentence()}" for n in range(6)]


def mentions_html(w: Writer) -> list[str]:
    return [
        "The page shows this:",
        '<div class="error">',
        "  <span>boom</span>",
        "</div>",
        "and <br> and <p> and &nbsp; too",
        w.sentence(),
    ]


def pasted_html(w: Writer) -> list[str]:
    return ['paste <div class="x">hello</div>', "into the page", w.sentence()]


def about_tags(w: Writer) -> list[str]:
    return ["Use <b> for bold and <br> for a break in the text, then <p>.", "Regards", w.sentence()]


def named_tags(w: Writer) -> list[str]:
    return [
        w.rng.choice((
            "<br> is shown in the subject", "<ul> and <li> for lists do nothing", "<html> is shown instead of the page",
            "<!DOCTYPE html> stands above the page", "The <font color=red> tag does nothing", "Press <b>, then <i> or <Enter>",
            "There is a </p> too many", "Error near <table>: row <tr> without <td>", "Tags: <h1> <h2>, and <a> without href",
        )),
        "please fix it", w.sentence(),
    ]  # fmt: skip


def missing_picture(w: Writer) -> list[str]:
    return ['<img src="logo.png">', "is missing", w.sentence()]


def snippet(w: Writer) -> list[str]:
    return ["<div>", "  <span>a</span>", "</div>", "does not render", w.sentence()]


CLIENTS: tuple[Client, ...] = (
    typed, one_line, outlook, quoted, ndr, monitoring, xml, xml_alone, soap, generics, powershell, diff, markdown,
    ascii_table, rules, iphone, log, mentions_html, pasted_html, about_tags, named_tags, missing_picture, snippet,
)  # fmt: skip


def mails(client: Client, seeds: int) -> list[Mail]:
    """Bodies of one client; every other one has the line ends of Windows."""
    made = []
    for seed in range(seeds):
        lines = client(Writer(f"{client.__name__}/{seed}"))
        made.append(Mail(("\r\n" if seed % 2 else "\n").join(lines), tuple(lines)))
    return made
