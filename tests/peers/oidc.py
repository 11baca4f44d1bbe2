"""oidc-provider (npm, MIT): a certified OpenID provider whose refresh tokens rotate, and whose access tokens last three
seconds; a refresh token that is used twice kills the grant (RFC 9700, 4.14.2). And emulate's Entra part.

Both are optional; `.ci/peers` installs them. They stand where login.microsoftonline.com is.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import requests

from tests.peers.daemon import folder, free_port, give, running
from tests.peers.google.emulate import HOME, programs
from tests.peers.graph.browser import Rewrite

LOGIN = "https://login.microsoftonline.com"
LIFETIME = 3.0  # seconds of an access token
_PACKAGE = HOME / "node_modules" / "oidc-provider" / "lib" / "index.js"
_SEED = "microsoft:\n  users: [{email: me@example.com, name: Me}]\n"  # with clients it would want their secrets
_FORM = re.compile(r'<form[^>]*action="([^"]*)"')
_FIELD = re.compile(r'<input[^>]*name="([^"]*)"[^>]*value="([^"]*)"')
_PAGES = 10  # of a sign-in
_WORDS = 3  # verb, path, status


class SignInServer(NamedTuple):
    """`url`: where it listens. `log`: what oidc-provider was asked, a line for each request."""

    url: str
    log: Path

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return len(self._answers(path))

    def refused(self, path: str) -> int:
        """How often it was answered with 401."""
        return self._answers(path).count("401")

    def _answers(self, path: str) -> list[str]:
        lines = (line.split() for line in self.log.read_text().splitlines())
        return [words[2] for words in lines if len(words) == _WORDS and words[1] == path]

    def browser(self) -> requests.Session:
        """A person's, with its cookies; it sees the server under Microsoft's name."""
        made = requests.Session()
        made.trust_env = False
        made.mount(LOGIN, Rewrite(self.url))
        return made

    def revoke(self, token: str, client: str) -> None:
        """RFC 7009: of a refresh token it takes back the grant."""
        with self.browser() as page:
            page.post(f"{LOGIN}/token/revocation", data={"token": token, "client_id": client}).raise_for_status()


def browse(server: SignInServer, address: str, answers: dict[str, str], *, follow: bool = True) -> str:
    """A person goes through pages of forms, as far as they lead; `answers`: what is typed into which field.

    The address at this machine to which it led, "" for none; `follow`: it is opened. Of several forms on a page the
    last one is sent.
    """
    with server.browser() as page:
        said = page.get(f"{LOGIN}{urlsplit(address).path}?{urlsplit(address).query}", allow_redirects=False)
        for _ in range(_PAGES):
            while said.is_redirect:
                there = urljoin(said.url, said.headers["Location"])
                if not there.startswith(LOGIN):
                    if follow:
                        requests.get(there, timeout=10)
                    return there
                said = page.get(there, allow_redirects=False)
            form = _FORM.search(said.text)
            if form is None:
                return ""
            fields = {name: html.unescape(value) for name, value in _FIELD.findall(said.text)}
            typed = {name: value for name, value in answers.items() if f'name="{name}"' in said.text}
            there = urljoin(said.url, html.unescape(form[1]))
            said = page.post(there, data={**fields, **typed}, allow_redirects=False)
    raise AssertionError(said.text)


def provider_program() -> Path | None:
    """Node; None where it or the package is not here."""
    found = programs()
    return found[0] if found is not None and _PACKAGE.exists() else None


@contextmanager
def oidc_provider(node: Path) -> Iterator[SignInServer]:
    """A new provider that knows nobody yet: whoever types a name is that person."""
    with folder("oidc") as home:
        port, log = free_port(), home / "server.log"
        script = Path(__file__).with_name("oidc_provider.mjs")
        with running([node, script, str(port), _PACKAGE], port, log):
            yield SignInServer(f"http://127.0.0.1:{port}", log)


@contextmanager
def entra(node: Path, package: Path) -> Iterator[SignInServer]:
    """emulate's Entra, with one person."""
    with folder("entra") as home:
        seed, port, log = home / "seed.yaml", free_port(), home / "server.log"
        seed.write_text(_SEED)
        give(seed)
        command: list[str | Path] = [
            node, package, "start", "--service", "microsoft", "--port", str(port), "--seed", seed, "--base-url", LOGIN,
        ]  # fmt: skip
        with running(command, port, log):
            yield SignInServer(f"http://127.0.0.1:{port}", log)
