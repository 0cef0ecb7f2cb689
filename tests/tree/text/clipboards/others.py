"""Google Docs and Sheets, LibreOffice, Word on the web, editors, terminals and web pages."""

GOOGLE_DOCS = (
    '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-0c1d2e3f-7fff-1234">'
    '<h2 dir="ltr" style="line-height:1.38;margin-top:18pt;"><span style="font-size:16pt;font-family:Arial,sans-serif;'
    'font-weight:400;font-style:normal;white-space:pre;white-space:pre-wrap;">Backup</span></h2>'
    '<p dir="ltr" style="line-height:1.38;"><span style="font-weight:400;white-space:pre-wrap;">Every </span>'
    '<span style="font-weight:700;white-space:pre-wrap;">night</span>'
    '<span style="font-weight:400;font-style:italic;white-space:pre-wrap;"> at two</span>'
    '<span style="font-weight:400;white-space:pre-wrap;">, see </span><a href="https://docs.example/b">'
    '<span style="color:#1155cc;text-decoration:underline;white-space:pre-wrap;">the plan</span></a></p>'
    '<ul style="margin-top:0;"><li dir="ltr" aria-level="1" style="list-style-type:disc;white-space:pre;">'
    '<p dir="ltr" role="presentation"><span style="white-space:pre-wrap;">one</span></p></li><ul>'
    '<li dir="ltr" aria-level="2"><p dir="ltr" role="presentation"><span style="white-space:pre-wrap;">'
    "deeper</span></p></li></ul>"
    '<li dir="ltr" aria-level="1"><p role="presentation"><span style="text-decoration:line-through;">two</span></p>'
    '</li></ul><br><div dir="ltr" align="left"><table><colgroup><col width="30" /><col /></colgroup>'
    '<tbody><tr style="height:0pt"><td><p dir="ltr"><span style="font-weight:700;">Day</span></p></td><td><p>'
    "<span>Tape</span></p></td></tr><tr><td><p><span>Mon</span></p></td><td><p><span>A1</span></p></td></tr></tbody>"
    '</table></div></b><br class="Apple-interchange-newline">'
)
GOOGLE_DOCS_MARKDOWN = """\
## Backup

Every **night** *at two*, see [the plan](https://docs.example/b)

- one
  * deeper
- ~~two~~

| Day | Tape |
| --- | --- |
| Mon | A1 |"""

GOOGLE_SHEETS = (
    '<meta name="generator" content="Sheets"/><style type="text/css"><!--td {border: 1px solid #cccccc;}br '
    "{mso-data-placement:same-cell;}--></style><google-sheets-html-origin>"
    '<table xmlns="http://www.w3.org/1999/xhtml" cellspacing="0" cellpadding="0" dir="ltr" border="1" '
    'data-sheets-root="1"><colgroup><col width="100"/><col width="100"/></colgroup><tbody><tr style="height:21px;">'
    '<td style="overflow:hidden;padding:2px 3px;font-weight:bold;" data-sheets-value="{&quot;1&quot;:2}">User</td>'
    '<td style="font-weight:bold;">Box</td></tr><tr><td style="font-style:italic;">Ana<br/>Kim</td><td>50 &lt; 100</td>'
    "</tr></tbody></table>"
)
GOOGLE_SHEETS_MARKDOWN = """\
| User | Box |
| --- | --- |
| *Ana*<br>*Kim* | 50 \\< 100 |"""

WRITER = """<!DOCTYPE html>
<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"/>
<title></title><meta name="generator" content="LibreOffice 7.6.4.1 (Linux)"/>
<style type="text/css">p { line-height: 115%; background: transparent }</style></head>
<body lang="en-US" dir="ltr"><h1 class="western">Printers</h1>
<p style="line-height: 100%; margin-bottom: 0in">
<font face="Liberation Serif, serif"><b>Two</b></font> of them<a class="sdfootnoteanc" name="sdfootnote1anc"
href="#sdfootnote1sym"><sup>1</sup></a></p>
<ol><li><p style="margin-bottom: 0in">first</p>
<ol><li><p>first of first</p></li></ol></li>
<li><p>second</p></li></ol>
<table width="100%" cellpadding="4" cellspacing="0"><col width="128*"/><col width="128*"/>
<tr valign="top"><th><p>Name</p></th><th><p>Room</p></th></tr>
<tr><td><p>P1</p></td><td><p>12</p></td></tr></table>
<div id="sdfootnote1"><p class="sdfootnote"><a class="sdfootnotesym" name="sdfootnote1sym"
href="#sdfootnote1anc">1</a>Both are old.</p></div>
</body></html>"""
WRITER_MARKDOWN = """\
# Printers

**Two** of them[^NOTE]

1. first
   1. first of first
2. second

| Name | Room |
| --- | --- |
| P1 | 12 |

[^NOTE]: Both are old."""

CALC = """<!DOCTYPE html>
<html><head><meta name="generator" content="LibreOffice 7.6.4.1 (Linux)"/>
<style type="text/css">body,div,table,td,p { font-family:"Liberation Sans"; font-size:x-small }</style></head>
<body><table cellspacing="0" border="0"><colgroup width="85"></colgroup><colgroup width="85"></colgroup>
<tr><td height="17" align="left" valign=bottom><b><font face="Arial">VLAN</font></b></td>
<td align="left" valign=bottom><b>Use</b></td></tr>
<tr><td height="17" align="right" valign=bottom sdval="20" sdnum="1033;">20</td>
<td align="left" valign=bottom><i>phones</i></td></tr></table></body></html>"""
CALC_MARKDOWN = """\
| VLAN | Use |
| --- | --- |
| 20 | *phones* |"""

WORD_ON_THE_WEB = (
    '<meta charset="utf-8"><div class="OutlineElement Ltr SCXW1 BCX0"><p class="Paragraph SCXW1" role="heading" '
    'aria-level="2" style="font-weight:normal;"><span class="TextRun" style="font-size:16pt;"><span>Steps</span></span>'
    '<span class="EOP">&nbsp;</span></p></div><div class="ListContainerWrapper SCXW1"><ol class="NumberListStyle1" '
    'start="1"><li data-leveltext="%1." data-aria-level="1" role="listitem"><p class="Paragraph"><span>'
    "Shut down</span></p></li></ol></div>"
    '<div class="ListContainerWrapper SCXW1"><ul class="BulletListStyle1"><li data-aria-level="2"><p class="Paragraph">'
    "<span>the guests</span></p></li></ul></div>"
    '<div class="ListContainerWrapper SCXW1"><ol class="NumberListStyle1" start="2"><li data-aria-level="1">'
    '<p class="Paragraph"><span>Wait</span></p></li></ol></div>'
)
WORD_ON_THE_WEB_MARKDOWN = """\
## Steps

1. Shut down
   - the guests
2. Wait"""

VS_CODE = (
    "<meta charset='utf-8'><div style=\"color: #cccccc;background-color: #1f1f1f;font-family: Consolas, 'Courier New', "
    'monospace;font-weight: normal;font-size: 14px;line-height: 19px;white-space: pre;"><div><span style="color: '
    '#c586c0;">foreach</span><span> ($pc </span><span>in</span><span> $all) {</span></div><div><span>    </span>'
    "<span>Restart-Computer $pc  # *now*</span></div><br><div><span>}</span></div></div>"
)
VS_CODE_MARKDOWN = """\
```
foreach ($pc in $all) {
    Restart-Computer $pc  # *now*

}
```"""

TERMINAL = (
    '<!DOCTYPE><HTML><HEAD></HEAD><BODY><DIV STYLE="display:inline-block;white-space:pre;background-color:#0C0C0C;'
    'font-family:\'Cascadia Mono\',monospace;font-size:12pt;padding:4px;"><SPAN STYLE="color:#CCCCCC;">'
    "PS C:\\&gt; ipconfig</SPAN><BR>   IPv4 Address. . . : 10.0.3.19<BR></DIV></BODY></HTML>"
)
TERMINAL_MARKDOWN = """\
```
PS C:\\> ipconfig
   IPv4 Address. . . : 10.0.3.19
```"""

WEB_PAGE = (
    '<meta charset=\'utf-8\'><h1 style="box-sizing: border-box; font-weight: 600;">Set up the VPN</h1><p style="'
    'color: rgb(31, 35, 40); font-weight: 400; white-space: normal;">Install<span>&nbsp;</span><code style="font-'
    'family: ui-monospace, SFMono-Regular;">wireguard_tools</code>&nbsp;and<span class="Apple-converted-spac'
    'e">&nbsp;</span><strong>restart</strong>.<sup id="ref-1"><a href="https://vpn.example/p#note-1">[1]</a></sup></p>'
    '<div class="highlight"><pre><span class="pl-c"># all of it</span>\nsudo apt  install *\n</pre><button>Copy</but'
    'ton></div><blockquote><p>Not on <em>Fridays</em></p></blockquote><ul class="contains-task-list"><li class='
    '"task-list-item"><input type="checkbox" disabled checked> done</li><li><input type="checkbox" disabled> open'
    '</li></ul><p><img src="https://vpn.example/logo.png" alt="Logo"><img src="https://vpn.example/pixel.gif">'
    '<a href="http://testserver/node/n1/#part">our note</a> <a href="javascript:alert(1)">bad</a> '
    '<a href="data:text/html,x">worse</a> <a href="https://vpn.example/">https://vpn.example/</a></p>'
    '<ol><li id="note-1"><a href="https://vpn.example/p#ref-1">^</a> Version 1.0</li></ol>'
    "<script>alert(1)</script><style>p { color: red }</style><svg><text>x</text></svg>"
)
WEB_PAGE_MARKDOWN = """\
# Set up the VPN

Install `wireguard_tools` and **restart**.[^NOTE]

```
# all of it
sudo apt  install *
```
> Not on *Fridays*

- [x] done
- [ ] open

\\[Logo\\][our note](/node/n1/#part) bad worse <https://vpn.example/>

[^NOTE]: Version 1.0"""
