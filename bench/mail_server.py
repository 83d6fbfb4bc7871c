"""A mail server that takes everything and keeps nothing: `python -m bench.mail_server 0.005`.

It prints its port, answers one connection at a time, each time after so many seconds, and prints
the number of mails of each connection as it ends.
"""

from __future__ import annotations

import socket
import sys
from time import sleep

ANSWERS = {
    b"EHLO": b"250 bench\r\n",
    b"HELO": b"250 bench\r\n",
    b"MAIL": b"250 yes\r\n",
    b"RCPT": b"250 yes\r\n",
    b"RSET": b"250 yes\r\n",
    b"NOOP": b"250 yes\r\n",
    b"DATA": b"354 go on\r\n",
    b"QUIT": b"221 bye\r\n",
}
END_OF_TEXT = b".\r\n"


def serve(line: socket.socket, seconds: float) -> int:
    """Answer one connection until it ends, and return how many mails it brought."""
    mails = 0
    with line, line.makefile("rb") as heard:
        line.sendall(b"220 bench\r\n")
        for said in heard:
            word = said[:4].upper()
            sleep(seconds)
            line.sendall(ANSWERS.get(word, b"500 what\r\n"))
            if word == b"QUIT":
                break
            if word == b"DATA":
                while heard.readline() != END_OF_TEXT:
                    pass
                sleep(seconds)
                line.sendall(b"250 taken\r\n")
                mails += 1
    return mails


def main() -> None:
    """Serve until this process is ended."""
    seconds = float(sys.argv[1])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            line, _ = listener.accept()
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            print(serve(line, seconds), flush=True)


if __name__ == "__main__":
    main()
