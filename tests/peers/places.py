"""A calendar and a mailbox at a server that claims to be Google: at our fake, or at myworld."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from tests.peers import myworld
from tests.peers.google import faults as scripted
from tests.peers.google.asking import Said
from tests.peers.google.server import Google

HOSTS = {"calendar": "www.googleapis.com", "gmail": "gmail.googleapis.com", "people": "people.googleapis.com"}
EVENTS = "/calendar/v3/calendars/primary/events"
MAIL = "/gmail/v1/users/me"
CONTACTS = "/v1/people/me/connections"
_FAULTS = {  # by myworld's name
    "rate_limit": scripted.error(429, "rateLimitExceeded"),
    "unavailable": scripted.error(503, "backendError"),
    "not_found": scripted.error(404, "notFound"),
    "transport_error": scripted.html(),
    "truncated": scripted.truncated(40),
}


class Place(Protocol):
    """`token`: of a person who may read everything."""

    token: str

    def endpoint(self, service: str) -> str:
        """The address below which a service lies as below Google's own host."""

    def put(self, **event: Any) -> str:
        """A new entry in the person's calendar; its id."""

    def change(self, event: str, **fields: Any) -> None: ...

    def cancel(self, event: str) -> None: ...

    def send(self, message: str, subject: str) -> str:
        """A new mail, whose Message-ID is given; its id."""

    def label(self, message: str, label: str) -> None: ...

    def remove(self, message: str) -> None: ...

    def meet(self, given: str, family: str, address: str) -> str:
        """A new contact; its resource name."""

    def fail(self, service: str, method: str, kind: str) -> None:
        """The next call of a method (gmail.users.getProfile) goes wrong in that way."""

    def pass_time(self) -> None: ...


def get(place: Place, service: str, path: str, *, token: str | None = None, **query: Any) -> Said:
    return request(place, service, "GET", f"{path}?{urlencode(query, doseq=True)}", token=token)


def request(
    place: Place, service: str, verb: str, target: str, body: object = None, *, token: str | None = None
) -> Said:
    """One request, whatever the answer is."""
    url = urlsplit(place.endpoint(service))
    connection = HTTPConnection("127.0.0.1", url.port, timeout=30)
    headers = {"Authorization": f"Bearer {token or place.token}", "Content-Type": "application/json"}
    try:
        connection.request(verb, url.path + target, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        content = answer.read()
    finally:
        connection.close()
    named = {name.lower(): value for name, value in answer.getheaders()}
    return Said(answer.status, json.loads(content) if content.startswith(b"{") else {}, named)


class Ours:
    def __init__(self, google: Google) -> None:
        self._google, self._world = google, google.world
        self.token = google.world.grant("gmail.readonly", "calendar.readonly", "contacts.readonly").access

    def endpoint(self, service: str) -> str:
        del service  # all are at one address
        return self._google.url

    def put(self, **event: Any) -> str:
        return str(self._world.calendar().put(**event)["id"])

    def change(self, event: str, **fields: Any) -> None:
        if "_" not in event:
            self._world.calendar().put(id=event, **fields)
            return
        self._world.calendar().instance(*_occurrence(event), **fields)

    def cancel(self, event: str) -> None:
        if "_" not in event:
            self._world.calendar().cancel(event)
            return
        self._world.calendar().cancel_instance(*_occurrence(event))

    def send(self, message: str, subject: str) -> str:
        self.pass_time()
        return self._world.mail().add(_mail(message, subject)).id

    def label(self, message: str, label: str) -> None:
        self._world.mail().label(message, add=[label])

    def remove(self, message: str) -> None:
        self._world.mail().remove(message)

    def meet(self, given: str, family: str, address: str) -> str:
        return str(self._world.person(f"{given} {family}", address)["resourceName"])

    def fail(self, service: str, method: str, kind: str) -> None:
        del service
        self._world.faults.add(method, _FAULTS[kind], calls={1})

    def pass_time(self) -> None:
        self._world.clock.advance(60)


class Myworld:
    def __init__(self, world: myworld.World) -> None:
        self._world, self.token = world, world.token

    def endpoint(self, service: str) -> str:
        return f"http://127.0.0.1:{self._world.port}{self._world.home(HOSTS[service])}"

    def put(self, **event: Any) -> str:
        return str(self._done("calendar", "POST", EVENTS, event)["id"])

    def change(self, event: str, **fields: Any) -> None:
        self._done("calendar", "PATCH", f"{EVENTS}/{event}", fields)

    def cancel(self, event: str) -> None:
        self._done("calendar", "DELETE", f"{EVENTS}/{event}")

    def send(self, message: str, subject: str) -> str:
        self.pass_time()
        raw = base64.urlsafe_b64encode(_mail(message, subject)).decode()
        return str(self._done("gmail", "POST", f"{MAIL}/messages", {"raw": raw, "labelIds": ["INBOX"]})["id"])

    def label(self, message: str, label: str) -> None:
        self._done("gmail", "POST", f"{MAIL}/messages/{message}/modify", {"addLabelIds": [label]})

    def remove(self, message: str) -> None:
        self._done("gmail", "DELETE", f"{MAIL}/messages/{message}")

    def meet(self, given: str, family: str, address: str) -> str:
        person = {"names": [{"givenName": given, "familyName": family}], "emailAddresses": [{"value": address}]}
        return str(self._done("people", "POST", "/v1/people:createContact", person)["resourceName"])

    def fail(self, service: str, method: str, kind: str) -> None:
        self._world.faults(service, {"tool": method, "kind": kind, "on_call": 1})

    def pass_time(self) -> None:
        self._world.advance(60)

    def _done(self, service: str, verb: str, target: str, body: object = None) -> dict[str, Any]:
        said = request(self, service, verb, target, body)
        assert said.status in {200, 204}, (verb, target, said)
        return said.body


def _occurrence(event: str) -> tuple[str, str]:
    """The series, and when the occurrence begins by its rules."""
    series, _, stamp = event.partition("_")
    return series, f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:11]}:{stamp[11:13]}:{stamp[13:15]}+00:00"


def _mail(message: str, subject: str) -> bytes:
    return (
        f"From: Anne Moe <anne@example.org>\r\nTo: me@example.com\r\nSubject: {subject}\r\nMessage-ID: <{message}>\r\n"
        f"Date: Mon, 21 Sep 2026 10:00:00 +0000\r\nContent-Type: text/plain\r\n\r\nHello, this is {subject}.\r\n"
    ).encode()
