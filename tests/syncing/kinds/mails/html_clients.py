"""HTML bodies, each in the way of one client or sender."""

from collections.abc import Callable
from html import escape

from tests.syncing.kinds.mails.words import Mail, Writer

PICTURE = "data:image/png;base64," + "iVBORw0KGgoAAAANSUhEUgAA/PC42+AB" * 40 + "=="

Client = Callable[[Writer], str]


def outlook_desktop(w: Writer) -> str:
    paragraphs = "".join(
        f"<p class=MsoNormal><span style='font-size:11.0pt;font-family:\"Calibri\",sans-serif;mso-fareast-language:EN-US'>"
        f"{_(w)}<o:p></o:p></span></p>\r\n<p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        for _i in range(3)
    )
    header = (
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>"
        "<b><span lang=EN-US>From:</span></b><span lang=EN-US> Ana &lt;ana@zeta.example&gt; <br>\r\n<b>Sent:</b> Monday<br>\r\n"
        "<b>To:</b> Help<br>\r\n<b>Subject:</b> RE: x_y_z</span><o:p></o:p></p></div></div>"
    )
    w.lines += ["From: Ana <ana@zeta.example>", "Sent: Monday", "To: Help", "Subject: RE: x_y_z"]
    return (
        '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"><head>'
        '<meta http-equiv=Content-Type content="text/html; charset=utf-8"><meta name=Generator content="Microsoft Word 15">'
        "<!--[if !mso]><style>v\\:* {behavior:url(#default#VML);}</style><![endif]--><style><!--\r\n/* Font Definitions */\r\n"
        "@font-face {font-family:Calibri;}\r\np.MsoNormal {margin:0cm;}\r\n--></style><!--[if gte mso 9]><xml>\r\n"
        '<o:shapedefaults v:ext="edit" spidmax="1026" />\r\n</xml><![endif]--></head><body lang=DE link="#0563C1">'
        f"<div class=WordSection1>{paragraphs}{header}<p class=MsoNormal>{_(w)}<o:p></o:p></p></div></body></html>"
    )


def outlook_wrapped(w: Writer) -> str:
    """Quoted-printable mails break the source within sentences, which is a blank to people."""
    body = "".join(f"<p class=MsoNormal>{_(w).replace(' ', chr(13) + chr(10), 3)}<o:p></o:p></p>\n" for _i in range(4))
    return f"<html>\n<body>\n<div class=WordSection1>\n{body}</div>\n</body>\n</html>\n"


def outlook_list(w: Writer) -> str:
    entries = "".join(
        "<p class=MsoListParagraph style='margin-left:36.0pt;text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]>"
        f"<span style='font-family:Symbol'><span style='mso-list:Ignore'>{bullet}<span>&nbsp;&nbsp; </span></span></span>"
        f"<![endif]>{escape(w.say())}<o:p></o:p></p>"
        for bullet in ("·", "1.", "2)", "-")
    )
    return f"<div class=WordSection1>{entries}</div>"


def outlook_web(w: Writer) -> str:
    lines = "".join(
        f'<div class="elementToProof" style="font-family: Aptos; color: rgb(0, 0, 0);">{_(w)}</div>' for _i in range(3)
    )
    return (
        f'<div dir="ltr">{lines}<div id="appendonsend"></div><hr tabindex="-1" style="display:inline-block; width:98%">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif"><b>Von:</b> {_(w)}<br><b>An:</b> {_(w)}<br></font>'
        f"<div>&nbsp;</div></div><div>{_(w)}</div></div>"
    ).replace("{}", "")


def gmail(w: Writer) -> str:
    return (
        f'<div dir="ltr"><div>{_(w)}</div><div><br></div><div>{_(w)}<br>{_(w)}</div></div><br><div class="gmail_quote">'
        f'<div dir="ltr" class="gmail_attr">{_(w, "On Mon, Ana <ana@zeta.example> wrote:")}<br></div>'
        f'<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">'
        f'<div dir="ltr">{_(w)}<br><ul><li>{_(w)}</li><li>{_(w)}</li></ul></div></blockquote></div>'
    )


def apple_mail(w: Writer) -> str:
    return (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
        '<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">'
        f'{_(w)}<div><br id="lineBreakAtBeginningOfMessage"><div>{_(w)}</div><div><br><blockquote type="cite"><div>'
        f'{_(w, "On 1 Nov 2026, at 10:00, Bob <bob@zeta.example> wrote:")}</div><br class="Apple-interchange-newline">'
        f'<div><div><span class="Apple-tab-span" style="white-space:pre">\t</span>{_(w)}</div></div></blockquote></div></div>'
        "</body></html>"
    )


def iphone(w: Writer) -> str:
    return (
        '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head><body dir="auto">'
        f'{_(w)}<div>{_(w)}<br><div dir="ltr">{_(w, "Sent from my iPhone")}</div><div dir="ltr"><br>'
        f'<blockquote type="cite">{_(w)}<br><br></blockquote></div></div></body></html>'
    )


def thunderbird(w: Writer) -> str:
    quoted = "\n".join(escape(w.say(), quote=False) for _i in range(3))
    return (
        "<!DOCTYPE html><html><head><meta http-equiv='Content-Type' content='text/html; charset=UTF-8'></head><body>"
        f'<blockquote type="cite" cite="mid:1@x.example"><pre class="moz-quote-pre" wrap="">{quoted}\n</pre></blockquote>'
        f'<p>{_(w)}</p><div class="moz-cite-prefix">{_(w)}<br></div><pre class="moz-signature" cols="72">{_(w, "-- ")}\n'
        f"{escape(w.say(), quote=False)}</pre></body></html>"
    )


def exchange_ndr(w: Writer) -> str:
    return (
        '<html><head><meta content="text/html; charset=us-ascii"></head><body><table cellspacing="0" cellpadding="0" '
        'width="600"><tbody><tr><td style="padding:10px"><h2>'
        + _(w, "Your message to ana@zeta.example couldn't be delivered.")
        + f'</h2></td></tr><tr><td><table width="100%"><tr><td width="33%">{_(w)}</td><td>{_(w)}</td></tr></table></td></tr>'
        f"<tr><td><p>{_(w)}</p><p>{_(w)}</p></td></tr></tbody></table><font size=2><b>{_(w, 'Reported error:')}</b> <i>"
        f"{_(w, '550 5.1.10 RESOLVER.ADR.RecipientNotFound; <ana@zeta.example> #SMTP#')}</i></font><pre>"
        f"{escape(w.say('Received: from A_B.example (10.0.0.5) by <x>'), quote=False)}\n  {escape(w.say(), quote=False)}</pre></body></html>"
    )


def monitoring(w: Writer) -> str:
    rows = "".join(
        f"<tr><td>{_(w)}</td><td>{_(w)}<br>{_(w)}</td><td><font color=red>{_(w, 'DOWN')}</font></td></tr>"
        for _i in range(3)
    )
    return (
        f'<html><body style="font-family:Arial"><h1>{_(w)}</h1><table border=1><tr><th>{_(w, "Host")}</th><th>'
        f"{_(w, 'IP | port')}</th><th>{_(w, 'State')}</th></tr>{rows}</table></body></html>"
    )


def rmm(w: Writer) -> str:
    rows = "\n".join(
        f"<tr>\n<td><b>{_(w, name)}</b></td>\n<td><p style='margin:0'>{_(w)}</p><p style='margin:0'>{_(w)}</p></td>\n</tr>"
        for name in ("Device", "Alert_Id", "Policy")
    )
    return f"<div>{_(w)}</div>\n<table cellpadding=4>\n<tbody>\n{rows}\n</tbody>\n</table>\n<div>{_(w)}</div>"


def backup(w: Writer) -> str:
    inner = "".join(
        f'<tr style="height:17px"><td nowrap>{_(w, f"SRV_DB_0{number}")}</td><td nowrap><span style="color:#00B050">'
        f"{_(w, 'Success')}</span></td><td>{_(w)}</td></tr>"
        for number in range(3)
    )
    return (
        '<html><body><table width="100%" cellspacing="0"><tr><td><table width="100%"><tr><td style="background:#00B050">'
        f"{_(w, 'Backup job: Daily_Full *')}<div class='jobDescription'>{_(w)}</div></td><td>{_(w, '3 of 3 VMs processed')}</td></tr></table>"
        f"</td></tr><tr><td><table><tr><td><b>{_(w, 'Name')}</b></td><td><b>{_(w, 'Status')}</b></td><td><b>{_(w, 'Details')}"
        f"</b></td></tr>{inner}</table></td></tr><tr><td>{_(w)}</td></tr></table></body></html>"
    )


def newsletter(w: Writer) -> str:
    return (
        "<!doctype html><html><head><title>News</title><style>.x{color:#fff}</style></head><body><div style='display:none;"
        'max-height:0;overflow:hidden\'>Preview text</div><table role="presentation" width="100%" border="0"><tr><td align=center>'
        '<table role="presentation" width="600"><tr><td><img src="https://cdn.example/a_b.png" alt="Logo" width="1"></td></tr>'
        f"<tr><td><h1 style='overflow:hidden'>{_(w)}</h1><p>{_(w)}</p></td></tr><tr><td><a href='https://x.example/a_b?c=1&amp;d=2'>"
        f"<b>{_(w)}</b></a></td></tr></table></td></tr></table><center><small>{_(w)}</small></center></body></html>"
    )


def signature(w: Writer) -> str:
    return (
        f'<div>{_(w)}</div><table cellpadding="0" cellspacing="0"><tr><td><img src="cid:image001.png@01DA" alt="{_(w, "[logo_1.png]")[1:-1]}"></td>'
        f"<td><p><strong>{_(w, 'Ana Kim')}</strong></p><p>{_(w)}</p><p>{_(w, 'T: +1 555 0100 | F: +1 555 0101')}</p></td></tr></table>"
    )


def screenshot(w: Writer) -> str:
    return (
        f'<p>{_(w)}</p><p><img alt="" src="{PICTURE}" width="640"></p><p style="background:url(&quot;{PICTURE}&quot;)">{_(w)}</p>'
        f"<div><img src='{PICTURE}'>{_(w)}</div>"
    )


def portal(w: Writer) -> str:
    """Written by a form of a web site with line breaks, and addresses that it did not encode."""
    w.lines += ["From: Ana B <ana@zeta.example>", "Login: <ZETA\\jdoe>", "if x<y then #1"]
    return f"{_(w, 'Hello')},<br />\nFrom: Ana B <ana@zeta.example><br />\nLogin: <ZETA\\jdoe><br />\nif x<y then #1<br /><br />\n{_(w)}<br />\n{_(w)}"


def old_program(w: Writer) -> str:
    return f"<P>{_(w)}\n<P>{_(w)}<BR>{_(w)}\n<P><FONT COLOR=RED>{_(w)}</FONT>"


def cut_off(w: Writer) -> str:
    return f"<html><body><div><table><tr><td><div><p>{_(w)}</p><div><b>{_(w)}</b><p>{_(w)}"


def deep_thread(w: Writer) -> str:
    html = f"<div>{_(w)}</div>"
    tail = ""
    for number in range(25):
        html += f"<div><div>{_(w, f'On day {number} Ana_{number} wrote:')}</div><blockquote type='cite'><div dir='ltr'><span><p>{_(w)}</p>"
        tail += "</span></div></blockquote></div>"
    return html + tail


def teams(w: Writer) -> str:
    return (
        f'<div><div itemprop="copy-paste-block">{_(w)}</div><ol><li>{_(w)}<ol><li>{_(w)}</li></ol></li><li><p>{_(w)}</p><p>{_(w)}</p></li></ol>'
        f"<pre><code>{escape(w.say(), quote=False)}\n{escape(w.say(), quote=False)}</code></pre><p><code>{_(w, 'a_b*c')}</code>{_(w)}</p></div>"
    )


def formatted(w: Writer) -> str:
    return (
        f"<p><b>{_(w)}</b><i>{_(w)}</i></p><p><u><b><i>{_(w)}</i></b></u> <s>{_(w)}</s></p><b><p>{_(w)}</p><p>{_(w)}</p></b>"
        f"<h3>{_(w)}</h3><div><b><div>{_(w)}</div></b></div><p>{_(w)}<b> </b>{_(w)}</p><mark>{_(w)}</mark>"
    )


def calendar(w: Writer) -> str:
    return (
        f'<div style="font-family:monospace;white-space:pre-wrap">{escape(w.say(), quote=False)}\n{escape(w.say(), quote=False)}\n'
        f"{escape(w.say(), quote=False)}</div><dl><dt>{_(w, 'When')}</dt><dd>{_(w)}</dd></dl><address>{_(w)}</address>"
    )


def inline_only(w: Writer) -> str:
    return f'<b>{_(w)}</b>\n{_(w)}\n<a href="https://x.example/">{_(w)}</a>'


def hand_written(w: Writer) -> str:
    return f"<div><nav>{_(w)}</nav><header>{_(w)}</header><form><fieldset><legend>{_(w)}</legend><label>{_(w)}</label><button>{_(w)}</button></fieldset></form><noscript>{_(w)}</noscript><details><summary>{_(w)}</summary>{_(w)}</details></div>"


def _(w: Writer, text: str | None = None) -> str:
    return escape(w.say(text), quote=False)


CLIENTS: tuple[Client, ...] = (
    outlook_desktop, outlook_wrapped, outlook_list, outlook_web, gmail, apple_mail, iphone, thunderbird, exchange_ndr,
    monitoring, rmm, backup, newsletter, signature, screenshot, portal, old_program, cut_off, deep_thread, teams,
    formatted, calendar, inline_only, hand_written,
)  # fmt: skip


def mails(client: Client, seeds: int) -> list[Mail]:
    """Bodies of one client."""
    made = []
    for seed in range(seeds):
        writer = Writer(f"{client.__name__}/{seed}")
        body = client(writer)
        made.append(Mail(body, tuple(writer.lines)))
    return made
