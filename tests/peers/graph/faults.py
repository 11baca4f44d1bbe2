"""Scripted faults: which call of which path goes wrong, and how.

world.faults.add("/me/mailFolders/*/messages/delta", error(429, "ApplicationThrottled", retry_after="7"), calls={3})
world.faults.add("/me/calendarView/delta", cut(100))
world.faults.add("*/token", refused(70043), calls={2})
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias

from tests.peers.graph.aadsts import OAuthError
from tests.peers.graph.failures import GraphError

Json: TypeAlias = dict[str, Any]


class Answer(NamedTuple):
    """`length`: what Content-Length says instead of the truth. `cut`: bytes of the whole answer, head included, after
    which the connection ends; `reset`: it ends with RST."""

    status: int
    headers: dict[str, str]
    body: bytes
    length: int | None = None
    cut: int | None = None
    reset: bool = False


class Fault(NamedTuple):
    """`delay`: real seconds. `before` runs ahead of the answer and may raise GraphError; `body` changes the answer
    (its second argument is the URL that was asked), `wire` what is sent. `empty`: the page shows nothing, and links to
    another one that shows what this one should have."""

    delay: float = 0.0
    before: Callable[[], None] | None = None
    body: Callable[[Json, str], Json] | None = None
    wire: Callable[[Answer], Answer] | None = None
    empty: bool = False


class _Rule:
    def __init__(self, paths: str, fault: Fault, calls: Collection[int] | None, verb: str) -> None:
        self.paths, self.fault, self.calls, self.verb, self.count = paths, fault, calls, verb, 0


class Faults:
    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, paths: str, fault: Fault, calls: Collection[int] | None = None, *, verb: str = "*") -> None:
        """`paths`: a glob over paths without version and query (/me/messages, /common/oauth2/v2.0/token), with every
        spelling of delta as /delta. `calls`: from 1; None: every call."""
        self._rules.append(_Rule(paths, fault, calls, verb))

    def clear(self) -> None:
        self._rules.clear()

    def of(self, verb: str, path: str) -> list[Fault]:
        """Those of this call; it is counted."""
        matching = [rule for rule in self._rules if fnmatchcase(path, rule.paths) and fnmatchcase(verb, rule.verb)]
        for rule in matching:
            rule.count += 1
        return [rule.fault for rule in matching if rule.calls is None or rule.count in rule.calls]


def error(status: int, code: str, message: str = "", *, retry_after: str = "", **headers: str) -> Fault:
    """Graph's error body. `retry_after`: the header's text, seconds or an HTTP date."""
    said = {**({"Retry-After": retry_after} if retry_after else {}), **headers}

    def fail() -> None:
        raise GraphError(status, code, message, said)

    return Fault(before=fail)


def refused(code: int, claims: str = "") -> Fault:
    """Of the authority: an AADSTS number."""

    def fail() -> None:
        raise OAuthError(code, claims)

    return Fault(before=fail)


def meanwhile(act: Callable[[], object]) -> Fault:
    """Something happens just before the answer: a mail arrives between two pages."""

    def run() -> None:
        act()

    return Fault(before=run)


def late(seconds: float) -> Fault:
    return Fault(delay=seconds)


def html(status: int = 502) -> Fault:
    page = b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body>"
    return Fault(wire=lambda _: Answer(status, {"Content-Type": "text/html"}, page))


def truncated(keep: int) -> Fault:
    """A complete HTTP answer whose body ends in the middle of the JSON."""
    return Fault(wire=lambda answer: answer._replace(body=answer.body[:keep]))


def cut(after: int) -> Fault:
    """The connection closes after so many bytes of the answer, counted from its first line."""
    return Fault(wire=lambda answer: answer._replace(cut=after))


def reset(after: int = 0) -> Fault:
    return Fault(wire=lambda answer: answer._replace(cut=after, reset=True))


def wrong_length(more: int) -> Fault:
    """Content-Length promises more (or, below zero, less) than follows."""
    return Fault(wire=lambda answer: answer._replace(length=len(answer.body) + more, cut=1 << 40))


def changed(change: Callable[[Json], Json]) -> Fault:
    return Fault(body=lambda body, _: change(body))


def same_link() -> Fault:
    """The page says that it itself comes next."""

    def turned(body: Json, url: str) -> Json:
        kept = {name: value for name, value in body.items() if name != "@odata.deltaLink"}
        return {**kept, "@odata.nextLink": url}

    return Fault(body=turned)


def repeated() -> Fault:
    """Each call also shows the last item of the call before: a duplicate over pages."""
    last: list[Any] = []

    def again(body: Json, _: str) -> Json:
        items = list(body.get("value", []))
        shown = [*last, *items]
        last[:] = items[-1:]
        return {**body, "value": shown}

    return Fault(body=again)


def empty_page() -> Fault:
    return Fault(empty=True)
