"""Providers of OpenID Connect for tests: a real one in a process of its own, and one that lies."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

CLIENT = "permanency-tracker"


@contextmanager
def real_provider() -> Iterator[str]:
    """Give the address of a provider that runs in a child process, on this machine alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock"]
    child = subprocess.Popen(  # noqa: S603  # our own interpreter
        [*command, "--host", "127.0.0.1", "--port", str(port), "--require-nonce", "True"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"{address}/.well-known/openid-configuration", child)
        yield address
    finally:
        child.terminate()
        child.wait(timeout=10)


def _wait_for(url: str, child: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert child.poll() is None, "the provider did not start"
        try:
            requests.get(url, timeout=2).raise_for_status()
        except requests.RequestException:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the provider does not answer")


class FaultyProvider:
    """A provider that signs what it is told to, with the key it is told to."""

    def __init__(self) -> None:
        self.key, self.other = (rsa.generate_private_key(65537, 2048) for _ in range(2))
        self.address = ""
        self.kid = "first"
        self.named: str | None = None
        self.claims: dict[str, Any] = {}
        self.without: set[str] = set()
        self.metadata: dict[str, Any] = {}
        self.algorithm, self.signs_with = "RS256", self.key
        self.token: str | None = None
        self.status = 200
        self.asked: dict[str, list[str]] = {}
        self.received: dict[str, list[str]] = {}

    def note_request(self, address: str) -> None:
        """Remember what the product asked for when it led somebody here."""
        self.asked = parse_qs(urlsplit(address).query)

    def callback_path(self) -> str:
        """Return the path to which somebody who signed in here is led."""
        return f"/accounts/agency/answer/?code=one&state={self.asked['state'][0]}"

    def metadata_document(self) -> dict[str, Any]:
        """Return the metadata."""
        told = {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
        }
        return {**told, **self.metadata}

    def keys(self) -> dict[str, Any]:
        """Return the public key."""
        public = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": self.kid, "alg": "RS256", "use": "sig"}]}

    def id_token(self) -> str:
        """Return the token, with whatever is false about it."""
        if self.token is not None:
            return self.token
        now = int(time.time())
        claims = {
            "iss": self.address,
            "sub": "subject-1",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": self.asked["nonce"][0],
            **self.claims,
        }
        kept = {name: value for name, value in claims.items() if name not in self.without}
        key: Any = {"RS256": self.signs_with, "none": None}.get(self.algorithm, "k" * 40)
        return jwt.encode(kept, key, self.algorithm, headers={"kid": self.named or self.kid})

    def has_matching_verifier(self) -> bool:
        """Say whether the token was asked for with the verifier of the challenge."""
        digest = sha256(self.received["code_verifier"][0].encode()).digest()
        expected = urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self.asked["code_challenge"] == [expected]


@contextmanager
def run_faulty_provider() -> Iterator[FaultyProvider]:
    """Give a provider on this machine that says what a test wants it to say."""
    faulty_provider = FaultyProvider()

    class Answers(BaseHTTPRequestHandler):
        whose: ClassVar[FaultyProvider] = faulty_provider

        def _say(self, content: Any) -> None:
            body = json.dumps(content).encode()
            self.send_response(faulty_provider.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            is_keys = self.path == "/keys"
            self._say(faulty_provider.keys() if is_keys else faulty_provider.metadata_document())

        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            faulty_provider.received = parse_qs(sent)
            self._say(
                {
                    "access_token": "x",
                    "token_type": "Bearer",
                    "id_token": faulty_provider.id_token(),
                }
            )

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    faulty_provider.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield faulty_provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
