"""What tests do to DAV servers, whichever they are: they are the other client, the one that writes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

_TYPES = {".ics": "text/calendar; charset=utf-8", ".vcf": "text/vcard; charset=utf-8"}
_MAKE = {
    ".ics": '<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>'
    "<displayname>{title}</displayname></prop></set></c:mkcalendar>",
    ".vcf": '<mkcol xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav"><set><prop><resourcetype><collection/>'
    "<c:addressbook/></resourcetype><displayname>{title}</displayname></prop></set></mkcol>",
}


@dataclass
class DavServer:
    """A running server. `calendars` and `books`: the homes of its user, with a slash at the end."""

    name: str
    url: str
    user: str
    password: str
    calendars: str
    books: str
    log: Path

    def __post_init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = (self.user, self.password)

    def send(self, verb: str, path: str, body: str = "", **headers: str) -> requests.Response:
        """One request; an error is the test's mistake."""
        answer = self.raw(verb, path, body, **headers)
        if answer.status_code >= 400:
            raise RuntimeError(f"{self.name}: {verb} {path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def raw(self, verb: str, path: str, body: str = "", **headers: str) -> requests.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named.setdefault("Content-Type", "application/xml; charset=utf-8")
        for _ in range(3):
            with suppress(requests.ConnectionError):  # a kept connection that the server closed meanwhile
                return self.session.request(verb, self.url + path, data=body.encode(), headers=named, timeout=30)
        raise RuntimeError(f"{self.name}: {verb} {path}: no answer")

    def make(self, path: str, kind: str, title: str = "") -> str:
        """A new collection of `.ics` or `.vcf`; any old one is gone, title or not."""
        body = _MAKE[kind].format(title=title or path.strip("/").rpartition("/")[2])
        self.send("MKCALENDAR" if kind == ".ics" else "MKCOL", path, body)
        return path

    def put(self, path: str, text: str) -> None:
        self.send("PUT", path, text.replace("\r\n", "\n").replace("\n", "\r\n"), Content_Type=_TYPES[path[-4:]])

    def get(self, path: str) -> str:
        return self.send("GET", path).content.decode()

    def delete(self, path: str) -> None:
        self.send("DELETE", path)

    def rename(self, path: str, title: str) -> None:
        """Another display name."""
        self.send(
            "PROPPATCH", path,
            f'<propertyupdate xmlns="DAV:"><set><prop><displayname>{title}</displayname></prop></set></propertyupdate>',
        )  # fmt: skip

    def close(self) -> None:
        self.session.close()


def meeting(uid: str, *, title: str = "Talk", start: str = "20260105T100000Z", more: str = "") -> str:
    """A calendar resource of one meeting of half an hour, with one guest."""
    return (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//tests//EN\nBEGIN:VEVENT\n"
        f"UID:{uid}\nDTSTAMP:20260101T000000Z\nDTSTART:{start}\nDURATION:PT30M\nSUMMARY:{title}\n"
        "ORGANIZER:mailto:me@x.org\nATTENDEE;PARTSTAT=ACCEPTED:mailto:me@x.org\n"
        f"ATTENDEE;CN=Ana;PARTSTAT=ACCEPTED:mailto:ana@y.org\n{more}END:VEVENT\nEND:VCALENDAR\n"
    )


def card(uid: str, *, name: str = "Ana Ruiz", address: str = "ana@y.org", more: str = "") -> str:
    """A vCard 3.0."""
    family = name.rpartition(" ")[2]
    return (
        f"BEGIN:VCARD\nVERSION:3.0\nUID:{uid}\nFN:{name}\nN:{family};{name.partition(' ')[0]};;;\n"
        f"EMAIL;TYPE=work:{address}\n{more}END:VCARD\n"
    )


def text_of(path: str, uid: str, **said: Any) -> str:
    """What a resource of the kind of `path` says."""
    return meeting(uid, **said) if path.endswith(".ics") else card(uid, **said)
