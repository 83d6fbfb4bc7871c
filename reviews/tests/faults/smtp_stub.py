"""A mail server that misbehaves as it is told, and writes down what it stored.

It speaks as much SMTP as the product needs. Its record is one side of the oracle: what an inbox
really got, as against what the database says it was sent.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from threading import Event, Lock, Thread
from typing import BinaryIO

from directory.mail.texts import MAY_REPEAT

OK = "ok"
BUSY = "421"  # at the door, before a word is said
LATER = "451"  # to the recipient
REFUSED = "550"  # to the recipient
TOO_BIG = "552"  # after the text
DROP_BEFORE = "drop-before"  # the text is taken and lost, and the connection with it
DROP_AFTER = "drop-after"  # the text is stored, and the connection drops without an answer
HANG_CONNECT = "hang-connect"
HANG_DATA = "hang-data"  # the text is stored, and no answer ever comes
SLOW = "slow"
BOUNCE = "accept-then-bounce"

SLOW_SECONDS = 0.008
END = b"\r\n.\r\n"


@dataclass(frozen=True)
class StoredMessage:
    """One message as it was stored: its Message-ID, for whom, and whether it says it may repeat."""

    message_id: str
    to: str
    may_repeat: bool
    at: float


@dataclass
class SmtpStub:
    """Listens on a free port of the loopback until it is closed; `mode` may change at any time.

    `times` is how often the mode shows before the server is well again; `of` gives single
    recipients a mode of their own.
    """

    mode: str = OK
    times: int | None = None
    of: dict[str, str] = field(default_factory=dict)
    stored: list[StoredMessage] = field(default_factory=list)
    connected: list[float] = field(default_factory=list)
    left: list[float] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    bounced: list[str] = field(default_factory=list)
    most_recipients: int = 0

    def __post_init__(self) -> None:
        self._lock, self._closed = Lock(), Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        """Return the value of EMAIL_URL that leads here."""
        return f"smtp://127.0.0.1:{self.port}"

    def misbehave(self, mode: str, *, times: int | None = None) -> None:
        """Show this mode from now on, or so many times."""
        with self._lock:
            self.mode, self.times = mode, times

    def close(self) -> None:
        """Stop listening and let go of who hangs."""
        self._closed.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def open_lines(self) -> int:
        """Return how many connections are open."""
        return len(self.connected) - len(self.left)

    def copies(self) -> Counter[str]:
        """Return how often each Message-ID was stored."""
        return Counter(each.message_id for each in list(self.stored))

    def silent_repeats(self) -> int:
        """Return how many copies, beyond one of each, do not say that they may repeat."""
        silent = Counter(each.message_id for each in list(self.stored) if not each.may_repeat)
        return silent.total() - len(silent)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connected.append(time.monotonic())
            Thread(target=self._serve, args=[line], daemon=True).start()

    def _shows(self, mode: str, to: str = "") -> bool:
        """Say whether this mode is to be shown now, and count it."""
        with self._lock:
            if self.of.get(to) == mode:
                return True
            if self.mode != mode or self.times == 0:
                return False
            if self.times is not None:
                self.times -= 1
            return True

    def _serve(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError), line:
            if self._shows(BUSY):
                line.sendall(b"421 too many connections\r\n")
            elif self._shows(HANG_CONNECT):
                self._closed.wait(600)
            else:
                line.sendall(b"220 stub ready\r\n")
                self._talk(line)
        self.left.append(time.monotonic())

    def _talk(self, line: socket.socket) -> None:
        to, recipients, words = "", 0, line.makefile("rb")
        for said in words:
            verb = said[:4].upper().strip()
            answer: bytes | None = b"250 as you say"
            if verb in {b"MAIL", b"RSET"}:
                recipients = 0
            elif verb == b"RCPT":
                to = said.decode().partition("<")[2].partition(">")[0]
                answer, recipients = self._to_recipient(to), recipients + 1
            elif verb == b"DATA":
                self.most_recipients = max(self.most_recipients, recipients)
                line.sendall(b"354 go on\r\n")
                answer = self._to_text(_text(words), to)
            if answer is None:
                return
            line.sendall(answer + b"\r\n")
            if verb == b"QUIT":
                return

    def _to_recipient(self, to: str) -> bytes:
        if self._shows(LATER, to):
            return b"451 try later"
        if self._shows(REFUSED, to):
            return b"550 no such mailbox"
        return b"250 as you say"

    def _to_text(self, text: bytes, to: str) -> bytes | None:
        """Return the answer to a text, or None where the connection ends without one.

        A message is dropped once: its next copy fares better.
        """
        if self._shows(TOO_BIG, to):
            return b"552 too big"
        message_id, may_repeat = _read(text)
        drops = message_id not in self.dropped and self.mode in {DROP_BEFORE, DROP_AFTER}
        if drops:
            self.dropped.append(message_id)
        if drops and self.mode == DROP_BEFORE:
            return None
        if self._shows(SLOW, to):
            time.sleep(SLOW_SECONDS)
        self.stored.append(StoredMessage(message_id, to, may_repeat, time.monotonic()))
        if drops:
            return None
        if self._shows(HANG_DATA, to):
            self._closed.wait(600)
            return None
        if self._shows(BOUNCE, to):
            self.bounced.append(to)
        return b"250 stored"


def _text(words: BinaryIO) -> bytes:
    """Return what is said up to the end of a text; an error where the line ends before."""
    text = b""
    while not text.endswith(END):
        part = words.readline()
        if not part:
            raise ConnectionError
        text += part
    return text


def _read(text: bytes) -> tuple[str, bool]:
    """Return the Message-ID of a text, and whether it says that it may be a repeat."""
    message = message_from_bytes(text, policy=policy.default)
    body = message.get_content()
    return str(message["Message-ID"]), MAY_REPEAT.strip() in body
