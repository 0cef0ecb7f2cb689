import csv
import io

from knowledgetree.basics.csv_lines import csv_lines


def test_no_text_is_a_formula_and_the_file_is_utf_8_for_spreadsheets() -> None:
    values = ["=1+1", "+1 555", "-2", "@SUM(1)", "\t=1", "\n=1", "＝1", "Ä, “b”", None, True, -3, ["a", "b"]]
    sent = b"".join(csv_lines([values] * 500))
    assert sent.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(sent.decode("utf-8-sig"))))
    assert len(lines) == 500
    assert lines[-1] == [
        *("'=1+1", "'+1 555", "'-2", "'@SUM(1)", "'\t=1", "'\n=1", "'＝1"),
        *("Ä, “b”", "", "yes", "-3", "a, b"),
    ]
