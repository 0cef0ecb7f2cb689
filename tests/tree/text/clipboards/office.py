"""Excel, Word and Outlook: conditional comments, classes whose names begin with Mso, line breaks within tags."""

EXCEL = """<html xmlns:v="urn:schemas-microsoft-com:vml"
xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:x="urn:schemas-microsoft-com:office:excel"
xmlns="http://www.w3.org/TR/REC-html40">

<head>
<meta http-equiv=Content-Type content="text/html; charset=utf-8">
<meta name=ProgId content=Excel.Sheet>
<meta name=Generator content="Microsoft Excel 15">
<link id=Main-File rel=Main-File
href="file:///C:/Users/ana/AppData/Local/Temp/msohtmlclip1/01/clip.htm">
<style>
<!--table
	{mso-displayed-decimal-separator:"\\.";
	mso-displayed-thousand-separator:"\\,";}
@page
	{margin:.75in .7in .75in .7in;}
tr
	{mso-height-source:auto;}
br
	{mso-data-placement:same-cell;}
.xl65
	{font-weight:700;
	text-align:center;}
.xl66
	{mso-number-format:"\\#\\,\\#\\#0\\.00";}
.xl67
	{font-weight:700;}
-->
</style>
</head>

<body link="#0563C1" vlink="#954F72">

<table border=0 cellpadding=0 cellspacing=0 width=324 style='border-collapse:
 collapse;width:243pt'>
<!--StartFragment-->
 <col width=120 style='mso-width-source:userset;mso-width-alt:4266;width:90pt'>
 <col width=64 span=3 style='width:48pt'>
 <tr height=20 style='height:15.0pt'>
  <td colspan=4 height=20 class=xl65 width=312 style='height:15.0pt;width:234pt'>Servers
  of Acme</td>
 </tr>
 <tr height=20 style='height:15.0pt'>
  <td height=20 class=xl67 style='height:15.0pt'>Name</td>
  <td class=xl67>IP</td>
  <td class=xl67>Size</td>
  <td class=xl67>Comment</td>
 </tr>
 <tr height=40 style='height:30.0pt'>
  <td rowspan=2 height=60 style='height:45.0pt'>DC01</td>
  <td>10.0.3.19</td>
  <td align=right class=xl66>1,234.50</td>
  <td width=64 style='width:48pt'>first line<br>
    second | line</td>
 </tr>
 <tr height=20 style='height:15.0pt'>
  <td height=20 style='height:15.0pt'>10.0.3.20</td>
  <td align=right class=xl66>7.00</td>
  <td></td>
 </tr>
 <tr height=0 style='display:none'>
  <td>hidden</td>
  <td>1</td>
  <td>2</td>
  <td>3</td>
 </tr>
 <tr height=20 style='height:15.0pt'>
  <td height=20 class=xl67 style='height:15.0pt'>Total</td>
  <td><a href="https://portal.example/x?a=1&amp;b=2"><span style='color:#0563C1'>portal</span></a></td>
  <td align=right class=xl66>-1,241.50</td>
  <td>C:\\*_temp_</td>
 </tr>
<!--EndFragment-->
</table>

</body>

</html>
"""
EXCEL_MARKDOWN = """\
**Servers of Acme**

| Name | IP | Size | Comment |
| --- | --- | --- | --- |
| DC01 | 10.0.3.19 | 1,234.50 | first line<br>second \\| line |
| | 10.0.3.20 | 7.00 | |
| **Total** | [portal](https://portal.example/x?a=1&b=2) | -1,241.50 | C:\\\\\\*\\_temp\\_ |"""

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">
<head>
<meta name=Generator content="Microsoft Word 15">
<!--[if gte mso 9]><xml>
 <w:WordDocument><w:View>Normal</w:View></w:WordDocument>
</xml><![endif]-->
<style>
<!--
 p.MsoListParagraph, li.MsoListParagraph
	{mso-style-priority:34;
	margin-left:36.0pt;}
@list l0:level1
	{mso-level-number-format:bullet;}
-->
</style>
<!--[if gte mso 10]>
<style>
 table.MsoNormalTable {mso-style-name:"Table Normal";}
</style>
<![endif]-->
</head>
<body lang=EN-US style='tab-interval:36.0pt;word-wrap:break-word'>
<!--StartFragment-->

<p class=MsoTitle>Moving the <span class=SpellE>fileserver</span><o:p></o:p></p>

<h2><a name="_Toc123"><span lang=EN-US style='mso-fareast-font-family:"Times New Roman"'>Before
you start</span></a><span lang=EN-US><o:p></o:p></span></h2>

<p class=MsoNormal><span lang=EN-US>Say <b style='mso-bidi-font-weight:normal'>goodbye</b><b> to</b>
the \u201cold\u201d one \u2013 it\u2019s <i>slow</i>.<a style='mso-footnote-id:ftn1' href="#_ftn1"
name="_ftnref1" title=""><span class=MsoFootnoteReference><span style='mso-special-character:
footnote'><![if !supportFootnotes]><span class=MsoFootnoteReference><span lang=EN-US
style='font-size:11.0pt;line-height:107%'>[1]</span></span><![endif]></span></span></a>
See <a href="https://docs.example/move">the guide</a>.<o:p></o:p></span></p>

<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=EN-US style='mso-ascii-font-family:Calibri'><span style='mso-list:Ignore'>1.<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; </span></span></span><![endif]><span
lang=EN-US>Copy the data:<o:p></o:p></span></p>

<p class=MsoListParagraphCxSpMiddle style='margin-left:72.0pt;mso-add-space:auto;
text-indent:-18.0pt;mso-list:l0 level2 lfo1'><![if !supportLists]><span lang=EN-US
style='font-family:"Courier New";mso-fareast-font-family:"Courier New"'><span style='mso-list:
Ignore'>o<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp; </span></span></span><![endif]><span
lang=EN-US>with <span style='font-family:Consolas'>robocopy /MIR</span><o:p></o:p></span></p>

<p class=MsoListParagraphCxSpMiddle style='margin-left:108.0pt;mso-list:l0 level3 lfo1'><![if !supportLists]><span
lang=EN-US style='font-family:Wingdings'><span style='mso-list:Ignore'>\uf0a7<span
style='font:7.0pt "Times New Roman"'>&nbsp; </span></span></span><![endif]>at night</p>

<p class=MsoListParagraphCxSpLast style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span
lang=EN-US><span style='mso-list:Ignore'>2.<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]><span lang=EN-US>Change the path.<o:p></o:p></span></p>

<p class=MsoNormal><span lang=EN-US><o:p>&nbsp;</o:p></span></p>

<p class=MsoNormal><!--[if gte vml 1]><v:shape id="Picture_x0020_1" style='width:10pt'>
 <v:imagedata src="file:///C:/Users/ana/AppData/Local/Temp/clip_image001.png"/></v:shape><![endif]--><![if !vml]><img
width=10 height=10 src="file:///C:/Users/ana/AppData/Local/Temp/clip_image001.png"
alt="The old rack" v:shapes="Picture_x0020_1"><![endif]></p>

<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse'>
 <tr style='mso-yfti-irow:0;mso-yfti-firstrow:yes'>
  <td width=100 valign=top style='width:75.0pt'>
  <p class=MsoNormal style='margin-bottom:0cm'><b>Share<o:p></o:p></b></p>
  </td>
  <td width=100 valign=top>
  <p class=MsoNormal><b>Who<o:p></o:p></b></p>
  </td>
 </tr>
 <tr style='mso-yfti-irow:1;mso-yfti-lastrow:yes'>
  <td><p class=MsoNormal>\\\\nas\\finance</p></td>
  <td><p class=MsoNormal>Ana</p><p class=MsoNormal>Ben</p></td>
 </tr>
</table>

<div style='mso-element:footnote-list'><![if !supportFootnotes]><br clear=all>

<hr align=left size=1 width="33%">

<![endif]>

<div style='mso-element:footnote' id=ftn1>

<p class=MsoFootnoteText><a style='mso-footnote-id:ftn1' href="#_ftnref1"
name="_ftn1" title=""><span class=MsoFootnoteReference><span style='mso-special-character:
footnote'><![if !supportFootnotes]><span class=MsoFootnoteReference>[1]</span><![endif]></span></span></a><span
lang=EN-US> Measured in <i>May</i>.<o:p></o:p></span></p>

</div>

</div>

<!--EndFragment-->
</body>
</html>
"""
WORD_MARKDOWN = """\
# Moving the fileserver

## Before you start

Say **goodbye to** the \u201cold\u201d one \u2013 it\u2019s *slow*.[^NOTE] See [the guide](https://docs.example/move).

1. Copy the data:
   - with `robocopy /MIR`
     * at night
2. Change the path.

\\[The old rack\\]

| Share | Who |
| --- | --- |
| \\\\\\nas\\finance | Ana<br>Ben |

[^NOTE]: Measured in *May*."""

OUTLOOK = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head>
<meta name=Generator content="Microsoft Word 15">
<style><!-- p.MsoNormal {margin:0cm;font-family:"Calibri",sans-serif;} --></style></head>
<body lang=DE link="#0563C1" vlink="#954F72" style='word-wrap:break-word'><!--StartFragment-->
<p class=MsoNormal>Hello Tess,<o:p></o:p></p>
<p class=MsoNormal><o:p>&nbsp;</o:p></p>
<p class=MsoNormal><span style='color:red;font-weight:bold'>please</span> check:<o:p></o:p></p>
<ul style='margin-top:0cm' type=disc>
 <li class=MsoListParagraph style='margin-left:0cm;mso-list:l0 level1 lfo1'>the VPN<o:p></o:p></li>
 <ul style='margin-top:0cm' type=circle>
  <li class=MsoListParagraph style='mso-list:l0 level2 lfo1'>of <a
  href="mailto:ana@zeta.example">ana@zeta.example</a><o:p></o:p></li>
 </ul>
 <li class=MsoListParagraph style='mso-list:l0 level1 lfo1'>the printer<o:p></o:p></li>
</ul>
<p class=MsoNormal style='font-family:"Courier New"'>net use P: \\\\nas\\print<o:p></o:p></p>
<p class=MsoNormal><span style='font-family:"Courier New"'>whoami /all<o:p></o:p></span></p>
<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>
<p class=MsoNormal><b>Von:</b> Ben &lt;ben@zeta.example&gt; <br><b>Gesendet:</b> Montag<o:p></o:p></p></div></div>
<p class=MsoNormal><img width=1 height=1 src="https://track.example/open.gif"><o:p></o:p></p>
<!--EndFragment--></body></html>"""
OUTLOOK_MARKDOWN = """\
Hello Tess,

**please** check:

- the VPN
  * of <ana@zeta.example>
- the printer

```
net use P: \\\\nas\\print
whoami /all
```

**Von:** Ben \\<ben@zeta.example>
**Gesendet:** Montag"""
