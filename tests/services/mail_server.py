"""A mail server that keeps what it is sent: as much of SMTP as ``smtplib`` asks for."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


class MailServer(socketserver.ThreadingTCPServer):
    """``answers``: to a command other than the usual, such as ``{"RCPT": "550 no such user"}``."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.answers: dict[str, str] = {}
        self.mails: list[EmailMessage] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 mail.msp.example")
        while line := self.rfile.readline():
            command = line.split()[0].decode().upper() if line.strip() else ""
            if command == "DATA" and command not in self.server.answers:
                self._say("354 go on")
                self._take()
            self._say(self.server.answers.get(command, "221 bye" if command == "QUIT" else "250 well"))

    def _take(self) -> None:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        message = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(message, EmailMessage)
        self.server.mails.append(message)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """A running server on a free port."""
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
