"""How we say who we are over HTTP: the value of an Authorization header, made for each request."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from connectors.credentials.secret import Secret

_HASHES = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}  # RFC 7616, 6.1; "-sess" may follow


class Auth(Protocol):
    """Gives the Authorization header of one request, None where there is none yet."""

    def header(self, verb: str, url: str) -> str | None: ...

    def challenged(self, challenge: str) -> bool:
        """Take the WWW-Authenticate header of a 401; tell whether another try has something new to say."""


class Bearer:
    """RFC 6750: a token."""

    def __init__(self, token: Secret) -> None:
        self._token = token

    def header(self, verb: str, url: str) -> str | None:  # noqa: ARG002  one shape
        return f"Bearer {self._token.reveal()}"

    def challenged(self, challenge: str) -> bool:  # noqa: ARG002  one shape
        return False


class Digest:
    """RFC 7616: the server sees a hash of the password, made with its own nonce."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user, self._password = user, password
        self._challenge: Mapping[str, str] = {}
        self._count = 0

    def header(self, verb: str, url: str) -> str | None:
        told = self._challenge
        if not told:
            return None
        self._count += 1
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        count, ours, algorithm = f"{self._count:08x}", secrets.token_hex(8), told.get("algorithm", "MD5")
        realm, nonce = told["realm"], told["nonce"]

        def digest(*texts: str) -> str:
            name = _HASHES[algorithm.upper().removesuffix("-SESS")]
            return hashlib.new(name, ":".join(texts).encode(), usedforsecurity=False).hexdigest()

        secret = digest(self._user, realm, self._password.reveal())
        if algorithm.upper().endswith("-SESS"):
            secret = digest(secret, nonce, ours)
        asked = digest(verb, path)
        fields = {"username": self._user, "realm": realm, "nonce": nonce, "uri": path}
        if "qop" in told:
            fields["response"] = digest(secret, nonce, count, ours, "auth", asked)
            fields["cnonce"] = ours
        else:  # RFC 2069, which RFC 7616 still knows
            fields["response"] = digest(secret, nonce, asked)
        if "opaque" in told:
            fields["opaque"] = told["opaque"]
        quoted = ", ".join(f'{name}="{_quoted(value)}"' for name, value in fields.items())
        return f"Digest {quoted}, algorithm={algorithm}" + (f", qop=auth, nc={count}" if "qop" in told else "")

    def challenged(self, challenge: str) -> bool:
        told = _digest_challenge(challenge)
        if told is None:
            return False
        # The same password under a new nonce is worth one more try only where there was none, or the old one is stale.
        first = not self._challenge
        self._challenge, self._count = told, 0
        return first or told.get("stale", "").lower() == "true"


class Basic:
    """RFC 7617, with the first request on; and Digest from then on where the server asks for nothing else."""

    def __init__(self, user: str, password: Secret) -> None:
        self._user, self._password = user, password
        self._digest = Digest(user, password)
        self._hashed = False

    def header(self, verb: str, url: str) -> str | None:
        if self._hashed:
            return self._digest.header(verb, url)
        return "Basic " + base64.b64encode(f"{self._user}:{self._password.reveal()}".encode()).decode("ascii")

    def challenged(self, challenge: str) -> bool:
        if not self._hashed and _challenges(challenge, "basic"):
            return False
        again = self._digest.challenged(challenge)
        self._hashed |= again
        return again


def _digest_challenge(header: str) -> Mapping[str, str] | None:
    """The fields of the first Digest challenge that can be answered; None where there is none."""
    for text in _challenges(header, "digest"):
        pairs = (part.partition("=") for part in _parts(text))
        told = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
        algorithm = told.get("algorithm", "MD5").upper().removesuffix("-SESS")
        offered = {word.strip() for word in told.get("qop", "auth").split(",")}
        if algorithm in _HASHES and "auth" in offered and {"realm", "nonce"} <= told.keys():
            return told
    return None


def _parts(text: str) -> list[str]:
    """What stands between the commas of a header that are in no quotes."""
    from urllib.request import parse_http_list  # noqa: PLC0415  few servers ask so; it loads all of urllib

    return parse_http_list(text)


def _challenges(header: str, scheme: str) -> list[str]:
    """What follows each naming of a scheme, up to the next scheme: a word, a blank and no `=` after the word."""
    found: list[str] = []
    ours = False
    for part in _parts(header):
        word, _, rest = part.partition(" ")
        if "=" not in word:
            ours = word.lower() == scheme
            if ours:
                found.append(rest)
        elif ours:
            found[-1] += f", {part}"
    return found


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
