"""A DAV server within the test: what real ones do alike, and by its switches what only some of them do."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from email.message import Message
from html import unescape
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from connectors.errors import TryLater
from connectors.http import Answer

HOME = "/dav/me/"
WORK = "/dav/me/work/"


@dataclass
class Model:
    """One user, one home. Stands in for `connectors.http.Http`: `ask` is all that the client calls."""

    kind: str = "calendar"
    syncs: bool = True  # knows sync-collection
    says_reports: bool = True
    ctags: bool = True
    etags: str = "strong"  # or weak, none
    multiget: bool = True
    limit: int = 0  # rows of a sync-collection that are given at once; 0: all
    expired: int = 403  # the status of an answer to an unknown token
    names_precondition: bool = True
    broken: Mapping[str, int] = field(default_factory=dict)  # statuses of single resources
    spoil: Callable[[str, Answer], Answer] | None = None  # changes any answer; is given "VERB path"
    collections: dict[str, dict[str, tuple[int, str]]] = field(default_factory=lambda: {WORK: {}})
    titles: dict[str, str] = field(default_factory=lambda: {WORK: "Work"})
    deleted: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    serial: int = 1
    epoch: int = 1  # tokens of another one are unknown

    # -- what the other client does

    def put(self, path: str, text: str) -> None:
        self.serial += 1
        folder, _, name = path.rpartition("/")
        self.collections[folder + "/"][name] = (self.serial, text)
        self.deleted.pop(path, None)

    def delete(self, path: str) -> None:
        self.serial += 1
        folder, _, name = path.rpartition("/")
        del self.collections[folder + "/"][name]
        self.deleted[path] = self.serial

    # -- what a connector asks

    def ask(
        self, verb: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"",
        returns: Container[int] = (),
    ) -> Answer:  # fmt: skip
        path, text = urlsplit(url).path, body.decode()
        report = re.search(r"<x:([a-z-]+)", text)
        line = f"{verb} {path}" if verb != "REPORT" else f"REPORT {report[1] if report else ''} {path}"
        self.asked.append(line)
        answer = self._answer(verb, path, text, (headers or {}).get("Depth", ""))
        if self.spoil is not None:
            answer = self.spoil(line, answer)
        answer = answer._replace(url=url)
        if answer.status >= 500 and answer.status != 507 and answer.status not in returns:
            raise TryLater(f"HTTP {answer.status}")
        return answer

    def trust(self, url: str) -> None:
        raise AssertionError(url)

    def close(self) -> None:
        pass

    def _answer(self, verb: str, path: str, text: str, depth: str) -> Answer:
        if verb == "GET":
            return self._get(path)
        if verb == "PROPFIND":
            return self._propfind(path, depth)
        if path not in self.collections:
            return answered(404)
        if "sync-collection" in text:
            return self._sync(path, text) if self.syncs else answered(501)
        if "multiget" in text:
            return self._multiget(path, text) if self.multiget else answered(400)
        return answered(403)

    def _get(self, path: str) -> Answer:
        folder, _, name = path.rpartition("/")
        found = self.collections.get(folder + "/", {}).get(name)
        if path in self.broken:
            return answered(self.broken[path])
        if found is None:
            return answered(404)
        headers = {"ETag": self._etag(found[0])} if self.etags != "none" else {}
        return answered(200, found[1], media=f"text/{self.kind}", **headers)

    def _propfind(self, path: str, depth: str) -> Answer:
        if path == HOME:
            below = [self._collection(one) for one in self.collections] if depth == "1" else []
            return multistatus(row(HOME, "<resourcetype><collection/></resourcetype>"), *below)
        if path in self.collections:
            below = [self._row(path, name) for name in self.collections[path]] if depth == "1" else []
            return multistatus(self._collection(path), *below)
        return answered(404)

    def _collection(self, path: str) -> str:
        space = "caldav" if self.kind == "calendar" else "carddav"
        kind = "calendar" if self.kind == "calendar" else "addressbook"
        props = f'<resourcetype><collection/><x:{kind} xmlns:x="urn:ietf:params:xml:ns:{space}"/></resourcetype>'
        props += f"<displayname>{escape(self.titles[path])}</displayname>"
        if self.syncs:
            props += f"<sync-token>{self._token(self.serial)}</sync-token>"
        if self.ctags:
            props += f'<x:getctag xmlns:x="http://calendarserver.org/ns/">{self.serial}</x:getctag>'
        if self.says_reports:
            props += "<supported-report-set>"
            props += "<supported-report><report><sync-collection/></report></supported-report>" if self.syncs else ""
            props += "</supported-report-set>"
        return row(path, props)

    def _sync(self, path: str, text: str) -> Answer:
        token = unescape(re.search(r"<d:sync-token>(.*?)</d:sync-token>", text)[1])  # type: ignore[index]
        since = 0
        if token:
            found = re.fullmatch(rf"tok:{self.epoch}:(\d+)", token)
            if found is None:
                named = '<error xmlns="DAV:"><valid-sync-token/></error>' if self.names_precondition else "no"
                return answered(self.expired, named, media="application/xml")
            since = int(found[1])
        changed = sorted(
            [(serial, self._row(path, name)) for name, (serial, _) in self.collections[path].items()]
            + [
                (serial, f"<response><href>{one}</href><status>HTTP/1.1 404 Not Found</status></response>")
                for one, serial in self.deleted.items()
                if one.startswith(path)
            ]
        )
        rows = [(serial, text) for serial, text in changed if serial > since]
        more = []
        end = self.serial
        if self.limit and len(rows) > self.limit:
            rows = rows[: self.limit]
            end = rows[-1][0]
            more = [f"<response><href>{path}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"]
        return multistatus(*(text for _, text in rows), *more, f"<sync-token>{self._token(end)}</sync-token>")

    def _multiget(self, path: str, text: str) -> Answer:
        space, name = ("caldav", "calendar-data") if self.kind == "calendar" else ("carddav", "address-data")
        rows = []
        for href in map(unescape, re.findall(r"<d:href>(.*?)</d:href>", text)):
            found = self.collections[path].get(href.rpartition("/")[2])
            if href in self.broken or found is None:
                status = self.broken.get(href, 404)
                rows.append(f"<response><href>{href}</href><status>HTTP/1.1 {status} No</status></response>")
                continue
            data = f'<x:{name} xmlns:x="urn:ietf:params:xml:ns:{space}">{escape(found[1])}</x:{name}>'
            rows.append(row(href, self._etag_prop(found[0]) + data))
        return multistatus(*rows)

    def _row(self, path: str, name: str) -> str:
        return row(path + name, self._etag_prop(self.collections[path][name][0]))

    def _etag_prop(self, serial: int) -> str:
        return f"<getetag>{escape(self._etag(serial))}</getetag>" if self.etags != "none" else ""

    def _etag(self, serial: int) -> str:
        return {"strong": f'"{serial}"', "weak": 'W/"same"', "none": ""}[self.etags]

    def _token(self, serial: int) -> str:
        return f"tok:{self.epoch}:{serial}"


def row(href: str, props: str) -> str:
    """A row with properties that the server has, and one that it has not."""
    return (
        f"<response><href>{escape(href)}</href>"
        f"<propstat><prop>{props}</prop><status>HTTP/1.1 200 OK</status></propstat>"
        "<propstat><prop><owner/></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>"
    )


def multistatus(*rows: str) -> Answer:
    text = f'<?xml version="1.0"?><multistatus xmlns="DAV:">{"".join(rows)}</multistatus>'
    return answered(207, text, "application/xml")


def answered(status: int, text: str = "", media: str = "text/plain", **headers: str) -> Answer:
    head = Message()
    head["Content-Type"] = media
    for name, value in headers.items():
        head[name] = value
    return Answer(status, head, text.encode(), "http://127.0.0.1/")
