"""Query options of OData, as far as Outlook's part of Graph understands them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol, TypeVar
from urllib.parse import parse_qsl

from tests.peers.graph.failures import bad_request

Json = dict[str, Any]
_TERM = re.compile(r"^\(*\s*([\w/]+)\s+(eq|ne|ge|gt|le|lt)\s+('(?:[^']|'')*'|[^\s')]+)\s*\)*$", re.IGNORECASE)
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b, "ge": lambda a, b: a >= b, "gt": lambda a, b: a > b,
    "le": lambda a, b: a <= b, "lt": lambda a, b: a < b,
}  # fmt: skip


class Bodied(Protocol):
    body: Json


Row = TypeVar("Row", bound=Bodied)


class Term(NamedTuple):
    """receivedDateTime ge 2026-01-01T00:00:00Z."""

    name: str
    test: str
    value: Any

    def fits(self, item: Json) -> bool:
        held = _at(item, self.name)
        if isinstance(self.value, datetime):
            held = instant(held["dateTime"] + "Z" if isinstance(held, dict) else held)
        return held is not None and _TESTS[self.test](held, self.value)


def options(query: str) -> dict[str, str]:
    """Names without `$`, in lower case: $skipToken, $skiptoken and skiptoken are one."""
    return {name.lstrip("$").lower(): value for name, value in parse_qsl(query, keep_blank_values=True)}


def terms(text: str) -> list[Term]:
    """Of $filter: comparisons joined by `and`. Raises GraphError."""
    return [_term(part) for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE)] if text.strip() else []


def order(text: str) -> list[tuple[str, bool]]:
    """Of $orderby: (property, whether it falls)."""
    parts = [part.split() for part in text.split(",") if part.strip()]
    return [(part[0], len(part) > 1 and part[1].lower() == "desc") for part in parts]


def selected(item: Json, select: str) -> Json:
    """$select; the id and the annotations always stay."""
    if not select or select == "*":
        return item
    wanted = {name.strip().lower() for name in select.split(",")}
    return {name: value for name, value in item.items() if name.lower() in wanted or name == "id" or "@" in name}


def ordered(rows: Iterable[Row], name: str, *, falls: bool) -> list[Row]:
    """By one property of $orderby."""
    return sorted(rows, key=lambda row: str(_at(row.body, name) or ""), reverse=falls)


def instant(text: str) -> datetime:
    """Without an offset: UTC. Raises GraphError."""
    try:
        read = datetime.fromisoformat(text.strip("'"))
    except ValueError:
        raise bad_request(f"Invalid date: {text}", "ErrorInvalidParameter") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _term(part: str) -> Term:
    match = _TERM.match(part.strip())
    if not match:
        raise bad_request(f"Invalid filter clause: {part}")
    name, test, value = match[1], match[2].lower(), match[3]
    if name.lower().endswith("datetime"):
        return Term(name, test, instant(value))
    literals = {"true": True, "false": False, "null": None}
    return Term(name, test, literals.get(value.lower(), value.strip("'").replace("''", "'")))


def _at(item: Json, name: str) -> Any:
    held: Any = item
    for step in name.split("/"):
        held = held.get(step) if isinstance(held, dict) else None
    return held
