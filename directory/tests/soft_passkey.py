"""A passkey in software: answers a page's question as a browser with an authenticator would."""

from __future__ import annotations

import json
import os
import re
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
ORIGIN = "https://testserver"


class SoftPasskey:
    """One passkey of one person; what it says of itself can be falsified."""

    def __init__(
        self, *, origin: str = ORIGIN, host: str = "testserver", verifies: bool = True
    ) -> None:
        self.origin, self.host, self.verifies = origin, host, verifies
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.handle = ""

    def _flags(self) -> Any:
        return FLAG.UP | (FLAG.UV if self.verifies else FLAG(0))

    def _told(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(
            type=kind, challenge=websafe_decode(challenge), origin=self.origin
        )

    def made(self, options: dict[str, Any]) -> str:
        """Return the answer to a page that wants a new passkey."""
        asked = options["creation_options"]["publicKey"]
        self.handle = asked["user"]["id"]
        told = self._told(CollectedClientData.TYPE.CREATE, asked["challenge"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        held = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(
            sha256(self.host.encode()), self._flags() | FLAG.AT, 0, held
        )
        attested = AttestationObject.create("none", data, {})
        return self._answer(told, attestationObject=websafe_encode(bytes(attested)))

    def used(self, options: dict[str, Any]) -> str:
        """Return the answer to a page that wants a passkey used."""
        asked = options["request_options"]["publicKey"]
        told = self._told(CollectedClientData.TYPE.GET, asked["challenge"])
        data = AuthenticatorData.create(sha256(self.host.encode()), self._flags(), 1)
        signature = self.key.sign(bytes(data) + told.hash, ec.ECDSA(SHA256()))
        return self._answer(
            told,
            authenticatorData=websafe_encode(bytes(data)),
            signature=websafe_encode(signature),
            userHandle=self.handle,
        )

    def _answer(self, told: CollectedClientData, **rest: str) -> str:
        identity = websafe_encode(self.id)
        response = {"clientDataJSON": websafe_encode(bytes(told)), **rest}
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )


def passkey_options(client: Client, url: str) -> dict[str, Any]:
    """Return what the page of this address asks the browser."""
    return asked_on(client.get(url, secure=True).text)


def asked_on(page: str) -> dict[str, Any]:
    """Return what a page asks the browser."""
    found = re.search(r'<script id="asked" type="application/json">(.*?)</script>', page, re.S)
    assert found, page
    options: dict[str, Any] = json.loads(found[1])
    return options
