"""Scripted faults: which call of which method goes wrong, and how.

world.faults.add("gmail.users.messages.get", error(429, "rateLimitExceeded", retry_after="7"), calls={3})
world.faults.add("calendar.events.*", cut(100))
world.faults.add("*.list", meanwhile(lambda: world.mail().add(raw)), calls={2})
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from fnmatch import fnmatchcase
from typing import Any, NamedTuple, TypeAlias

from tests.peers.google.failures import ApiError

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
    """`before` runs ahead of the method and may raise ApiError; `body` changes its answer, `wire` what is sent.

    `empty`: the page shows nothing, and names another one, which shows what this one should have. `itself`: the page
    names itself as the next.
    """

    before: Callable[[], None] | None = None
    body: Callable[[Json], Json] | None = None
    wire: Callable[[Answer], Answer] | None = None
    empty: bool = False
    itself: bool = False


class _Rule:
    def __init__(self, methods: str, fault: Fault, calls: Collection[int] | None) -> None:
        self.methods, self.fault, self.calls, self.count = methods, fault, calls, 0


class Faults:
    def __init__(self) -> None:
        self._rules: list[_Rule] = []

    def add(self, methods: str, fault: Fault, calls: Collection[int] | None = None) -> None:
        """`methods`: a glob over ids (oauth.token, gmail.users.messages.get). `calls`: from 1; None: every call."""
        self._rules.append(_Rule(methods, fault, calls))

    def clear(self) -> None:
        self._rules.clear()

    def of(self, method: str) -> list[Fault]:
        """Those of this call; it is counted."""
        matching = [rule for rule in self._rules if fnmatchcase(method, rule.methods)]
        for rule in matching:
            rule.count += 1
        return [rule.fault for rule in matching if rule.calls is None or rule.count in rule.calls]


def error(status: int, reason: str, message: str = "", *, retry_after: str = "", info: str = "") -> Fault:
    """Google's error body. `retry_after`: the header's text, seconds or an HTTP date."""
    headers = {"Retry-After": retry_after} if retry_after else {}

    def fail() -> None:
        raise ApiError(status, reason, message or reason, info=info, headers=headers)

    return Fault(before=fail)


def meanwhile(act: Callable[[], object]) -> Fault:
    """Something happens just before the answer: a mail arrives between two pages."""

    def run() -> None:
        act()

    return Fault(before=run)


def late(seconds: float) -> Fault:
    """Real seconds."""
    return Fault(before=lambda: time.sleep(seconds))


def html(status: int = 502) -> Fault:
    page = b"<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p>That's all we know.</html>"
    headers = {"Content-Type": "text/html; charset=UTF-8"}
    return Fault(wire=lambda _: Answer(status, headers, page))


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
    return Fault(body=change)


def same_token(token: str = "") -> Fault:
    """The page says that it itself comes next; or always the one with this token."""
    return Fault(body=lambda body: {**body, "nextPageToken": token}) if token else Fault(itself=True)


def repeated(key: str) -> Fault:
    """Each call also shows the last item of the call before: a duplicate over pages."""
    last: list[Any] = []

    def again(body: Json) -> Json:
        items = list(body.get(key, []))
        shown = [*last, *items]
        last[:] = items[-1:]
        return {**body, key: shown}

    return Fault(body=again)


def empty_page() -> Fault:
    return Fault(empty=True)
