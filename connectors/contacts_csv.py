"""Address books exported as tables: Google, Outlook, Thunderbird and their like. Pure: text in, observations out.

The header decides the delimiter and, where no byte order mark does, the encoding: whichever makes the most columns mean
something. Outlook writes the code page of the machine, Google UTF-8, some spreadsheets UTF-16.
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from connectors.columns import Role, holds_contacts, roles
from connectors.contacts import ADDRESSES, address_of, distinct, squeezed
from connectors.vcard import name_of
from events.vocabulary import ContactObserved

DELIMITERS = (",", ";", "\t", "|")
# ANSI code pages of Windows in the languages of connectors.columns; the first one that reads the most headers wins.
CODE_PAGES = ("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp932", "gbk", "big5", "cp949")

_GROUPS_APART = ":::"  # Google's separator of several values in one cell
_SYSTEM_GROUP = "* "  # Google's mark of its own groups: `* My Contacts`


class Table(NamedTuple):
    """How to read one file: its `encoding`, `delimiter`, the meaning of its columns and how many there are."""

    encoding: str
    delimiter: str
    roles: dict[int, Role]
    columns: int


class Row(NamedTuple):
    """One row; `line` counts from 1. `cells` is None where it cannot be read."""

    line: int
    cells: list[str] | None


_NO_ROW = Row(0, None)


def table_of(head: bytes) -> Table | None:
    """How to read the file that begins with `head` (some kB); None where its first row is no header of contacts."""
    best: tuple[int, Table] | None = None
    for encoding in _encodings(head):
        text = head.decode(encoding, "replace").lstrip("\ufeff\r\n")
        if text[:4].lower() == "sep=":  # Excel's own first line
            text = text.partition("\n")[2]
        lines = text.splitlines(keepends=True)
        for delimiter in DELIMITERS:
            header, first = [
                row.cells or [] for row in (*islice(rows(lines, delimiter), 2), _NO_ROW, _NO_ROW)
            ][:2]
            found = roles(header)
            bare = Role.MAIL in found.values() and any(
                map(address_of, first)
            )  # a list of addresses without names
            if (holds_contacts(found) or bare) and (best is None or len(found) > best[0]):
                best = (len(found), Table(encoding, delimiter, found, len(header)))
    return best[1] if best else None


def _encodings(head: bytes) -> tuple[str, ...]:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    sample = head[:400]
    zeros = len(sample) // 4  # three in four characters of a header are Latin, also in Japan: `E-mail`
    if sample[1::2].count(0) > zeros:
        return ("utf-16-le",)
    if sample[0::2].count(0) > zeros:
        return ("utf-16-be",)
    if _is_utf8(head):
        return ("utf-8-sig",)
    return CODE_PAGES


def _is_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def rows(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    """The rows of a table, its header included; empty lines, and Excel's `sep=;`, are none.

    A quote that nobody closes costs its own row only: the file goes on with the line behind it.
    """
    feed = _Feed(lines)
    while (first := feed.begin()) is not None:
        if not first.strip() or (feed.line == 1 and first[:4].lower() == "sep="):
            continue
        yield Row(feed.line, _cells(feed, first, delimiter))


def _cells(feed: _Feed, first: str, delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader(feed.record(first), delimiter=delimiter, strict=True))
    except csv.Error:
        # Text behind a closing quote is forgiven where the row is one line; what else fails is an open quote.
        if feed.give_back():
            return None
    try:
        return next(csv.reader([first], delimiter=delimiter))
    except csv.Error:
        return None


class _Feed:
    """Lines for one row at a time, that can be given back; the csv module's limit of a cell, 128 kB, bounds them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self._back: deque[str] = deque()
        self._taken: list[str] = []
        self._open = False
        self.line = 0  # of the row's first line
        self._next_line = 1

    def begin(self) -> str | None:
        """The first line of the next row; None at the end."""
        self.line = self._next_line
        self._taken, self._open = [], False
        return self._line()

    def record(self, first: str) -> Iterator[str]:
        """The row's lines, as long as the reader asks for more of them."""
        yield first
        self._open = True
        while (another := self._line()) is not None:
            self._taken.append(another)
            yield another

    def give_back(self) -> bool:
        """Undo all lines but the first; True where the reader had asked for more than the first."""
        self._back.extendleft(reversed(self._taken))
        self._next_line = self.line + 1
        return self._open

    def _line(self) -> str | None:
        found = self._back.popleft() if self._back else next(self._source, None)
        self._next_line += found is not None
        return found


def observed(cells: list[str], table: Table, *, source: str, where: str) -> ContactObserved | None:
    """What one row says; None where it names nobody."""
    by_role = _by_role(cells, table.roles)
    name, others = _names(by_role)
    organization = next(iter(by_role.get(Role.ORGANIZATION, ())), "")
    addresses = _addresses(by_role, cells, table)
    if not name and not addresses and not organization:
        return None
    return ContactObserved(
        source=source,
        where=where,
        uid=next(iter(by_role.get(Role.UID, ())), ""),
        name=name or ("" if addresses else organization),
        other_names=distinct(others, without=name),
        addresses=addresses,
        organization=organization,
        labels=distinct(_labels(by_role.get(Role.LABELS, ()))),
        kind="" if name or addresses else "org",
    )


def _by_role(cells: list[str], meaning: dict[int, Role]) -> dict[Role, list[str]]:
    found: dict[Role, list[str]] = {}
    for at, role in meaning.items():
        if at < len(cells) and cells[at].strip():
            found.setdefault(role, []).append(cells[at])
    return found


def _names(by_role: dict[Role, list[str]]) -> tuple[str, list[str]]:
    """The name to show, and the others: nick names, the parts put together, what the entry is filed as."""

    def first(role: Role) -> str:
        return squeezed(next(iter(by_role.get(role, ())), ""))

    built = name_of(first(Role.GIVEN), first(Role.MIDDLE), first(Role.FAMILY))
    nicks = [squeezed(nick) for nick in by_role.get(Role.NICK, ())]
    candidates = [first(Role.FULL), built, first(Role.FILE_AS)]
    name = next(filter(None, candidates), "")
    return name, [*nicks, *(candidate for candidate in candidates if candidate.casefold() != name.casefold())]


def _addresses(by_role: dict[Role, list[str]], cells: list[str], table: Table) -> tuple[str, ...]:
    """The cells of mail columns that are addresses; in a table whose mail columns we do not know, any such cell."""
    known = Role.MAIL in table.roles.values()
    candidates = by_role.get(Role.MAIL, []) if known else cells
    parts = (
        part
        for cell in candidates
        for part in cell.replace(_GROUPS_APART, "\n").replace(";", "\n").split("\n")
    )
    return distinct(map(address_of, parts), limit=ADDRESSES)


def _labels(cells: Iterable[str]) -> Iterator[str]:
    """Google: `* My Contacts ::: Test`; Outlook: `Family;Friends`, with the list separator of the country."""
    for cell in cells:
        parts = cell.split(_GROUPS_APART) if _GROUPS_APART in cell else cell.replace(";", ",").split(",")
        for part in parts:
            yield squeezed(part).removeprefix(_SYSTEM_GROUP)
