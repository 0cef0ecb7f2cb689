"""Texts of Windows programs: each is read in the encoding that it was written in, which nothing names."""

import pytest

from tests.cases import case
from tree.files.text_decoding import decoded

TEXTS = {
    "German": ("Die Geräte im Büro müssen überprüft werden; größere Schäden wären möglich.", ("cp1252", "cp850")),
    "French": (
        "Le réseau a été redémarré à 10 h, les employés peuvent travailler. Où est le câble ?",
        ("cp1252", "cp850"),
    ),
    "Spanish": ("El servidor está en la habitación pequeña; la contraseña caducó mañana.", ("cp1252", "cp850")),
    "Italian": ("La stampante non è più collegata, perché il cavo è rotto. Così però funzionerà.", ("cp1252", "cp850")),
    "Swedish": ("Servern är omstartad och användarna kan fortsätta på måndag.", ("cp1252", "cp850")),
    "Danish": ("Serveren er genstartet, brugerne må gøre sådan på mandag. Nøgle på værelset.", ("cp1252", "cp850")),
    "Polish": ("Serwer został uruchomiony ponownie, użytkownicy mogą pracować dalej.", ("cp1250", "cp852")),
    "Czech": ("Server byl restartován, uživatelé můžou pokračovat. Heslo bylo změněno.", ("cp1250", "cp852")),
    "Russian": ("Сервер перезагружен, пользователи могут работать дальше.", ("cp1251", "cp866", "koi8-r")),
    "Greek": ("Ο διακομιστής επανεκκινήθηκε, οι χρήστες μπορούν να συνεχίσουν.", ("cp1253",)),
    "Turkish": ("Sunucu yeniden başlatıldı, kullanıcılar çalışmaya devam edebilir.", ("cp1254", "cp857")),
    "Hebrew": ("השרת הופעל מחדש, המשתמשים יכולים להמשיך לעבוד", ("cp1255",)),
    "Arabic": ("تمت إعادة تشغيل الخادم ويمكن للمستخدمين متابعة العمل", ("cp1256",)),
    "Japanese": ("サーバーを再起動しました。ユーザーは作業を続けることができます。", ("cp932", "euc-jp")),
    "Chinese": ("服务器已重新启动，用户可以继续工作。", ("gb18030",)),
    "Taiwanese": ("伺服器已重新啟動，使用者可以繼續工作。", ("big5",)),
    "Korean": ("서버가 다시 시작되었습니다. 사용자는 계속 작업할 수 있습니다.", ("cp949",)),
}
UNICODE = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")


@pytest.mark.parametrize("language", TEXTS)
def test_code_pages(language: str) -> None:
    text, encodings = TEXTS[language]
    log = f"2024-01-01 10:00:01 INFO srv01 {text}\r\n" * 5
    for encoding in encodings:
        for written in (text, log, "x" * 300_000 + f"\r\n{text}\r\n"):  # far behind the beginning, too
            assert decoded(written.encode(encoding)) == written, encoding


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("encoding", UNICODE)
def test_unicode_with_and_without_mark(language: str, encoding: str) -> None:
    written = f"Name;Serial\r\n{TEXTS[language][0]};4711\r\n"
    assert decoded(written.encode(encoding)) == written


@pytest.mark.parametrize("word", ["Grüße", "Müller", "café", "señor", "Ærø", "Привет"])
def test_one_word(word: str) -> None:
    assert decoded(word.encode("cp1251" if word == "Привет" else "cp1252")) == word


def test_texts_from_the_field() -> None:
    assert decoded(case("cp850.txt")) == "quokkaoem Gerät Größe\r\n"
    assert decoded(case("utf16_without_mark.csv")) == "Name;Serial\r\nquokkanobom;4711\r\n"


@pytest.mark.parametrize(
    "content",
    [
        b"a\0b",
        b"MZ" + bytes(300),
        b"\x7fELF" + bytes(300),
        b"text\x01",
        "text\x01".encode("utf-16-le"),
        b"\xff\xfea",
        b"a\0\0\xd8b\0",
    ],
)
def test_what_is_no_text(content: bytes) -> None:
    assert decoded(content) is None
