"""What may be done to a server that claims to be Google, be it ours or another's: change mails, ask, sign in."""

from __future__ import annotations

import html
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.peers.google import emulate
from tests.peers.google.asking import MAIL, Asker, Said
from tests.peers.google.pushing import Push
from tests.peers.google.server import Google
from tests.peers.post import OUTSIDE

FORM = "application/x-www-form-urlencoded"


class Place(Protocol):
    """`token_path`, `revoke_path`: the endpoints of OAuth."""

    token_path: str
    revoke_path: str

    def ask(self, verb: str, target: str, body: str = "", form: str = "", *, token: str | None = None) -> Said:
        """`token`: another one than that of the place; "": none."""

    def add(self, raw: bytes, labels: Iterable[str], at: float) -> str:
        """A mail came at a time, in seconds since 1970; its id."""

    def label(self, message: str, add: Iterable[str], remove: Iterable[str]) -> None: ...

    def remove(self, message: str) -> None: ...

    def consent(self, query: dict[str, str]) -> dict[str, str]:
        """The person agrees; the query that comes back to the loopback address."""


class Ours:
    token_path, revoke_path = "/token", "/revoke"

    def __init__(self, google: Google) -> None:
        self._google = google
        self._asker = Asker(google, "gmail.readonly", "calendar.readonly")

    def ask(self, verb: str, target: str, body: str = "", form: str = "", *, token: str | None = None) -> Said:
        if token is not None:
            return _ask(self._google.url, token, verb, target, body=body, form=form)
        return self._asker.ask(verb, target, body, form)

    def add(self, raw: bytes, labels: Iterable[str], at: float) -> str:
        return self._google.world.mail().add(raw, labels, at=at).id

    def label(self, message: str, add: Iterable[str], remove: Iterable[str]) -> None:
        self._google.world.mail().label(message, tuple(add), tuple(remove))

    def remove(self, message: str) -> None:
        self._google.world.mail().remove(message)

    def topic(self, name: str) -> None:
        """One that is there, and that nobody listens to."""
        self._google.world.pushing.topics[name] = Push(OUTSIDE)

    def consent(self, query: dict[str, str]) -> dict[str, str]:
        said = self.ask("GET", f"/o/oauth2/v2/auth?{urlencode(query)}")
        return dict(parse_qsl(urlsplit(said.headers["location"]).query))


class Emulate:
    token_path, revoke_path = "/oauth2/token", "/oauth2/revoke"

    def __init__(self, url: str) -> None:
        self._url = url

    def ask(self, verb: str, target: str, body: str = "", form: str = "", *, token: str | None = None) -> Said:
        return _ask(self._url, emulate.TOKEN if token is None else token, verb, target, body=body, form=form)

    def add(self, raw: bytes, labels: Iterable[str], at: float) -> str:
        del at  # it takes the mail's own Date, as Google does for messages.import
        text = urlsafe_b64encode(raw).decode()
        return str(self._json("POST", "/messages", {"raw": text, "labelIds": list(labels)}).body["id"])

    def label(self, message: str, add: Iterable[str], remove: Iterable[str]) -> None:
        self._json("POST", f"/messages/{message}/modify", {"addLabelIds": [*add], "removeLabelIds": [*remove]})

    def remove(self, message: str) -> None:
        assert self.ask("DELETE", f"{MAIL}/messages/{message}").status in (200, 204)

    def consent(self, query: dict[str, str]) -> dict[str, str]:
        page = str(self.ask("GET", f"/o/oauth2/v2/auth?{urlencode(query)}", token="").body["text"])
        action, inner = re.findall(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', page, re.DOTALL)[0]
        fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', inner)}
        said = self.ask("POST", urlsplit(html.unescape(action)).path, urlencode(fields), FORM, token="")
        return dict(parse_qsl(urlsplit(said.headers["location"]).query))

    def _json(self, verb: str, path: str, body: dict[str, Any]) -> Said:
        said = self.ask(verb, f"{MAIL}{path}", json.dumps(body), "application/json")
        assert said.status == 200, said
        return said


def _ask(url: str, token: str, verb: str, target: str, *, body: str, form: str) -> Said:
    connection = HTTPConnection("127.0.0.1", urlsplit(url).port, timeout=10)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        connection.request(verb, target, body or None, {**headers, **({"Content-Type": form} if form else {})})
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    said = {name.lower(): value for name, value in answer.getheaders()}
    json_came = "json" in said.get("content-type", "") and content
    return Said(answer.status, json.loads(content) if json_came else {"text": content.decode()}, said)
