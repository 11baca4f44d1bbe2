"""What a source's streams hold, item by item, and what each item says. Functions of a connection.

Texts in, texts out; nothing here decides. An item is *gone* and a thing *dropped* until the end of a complete run of
the account decides whether it is withdrawn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, text

CHUNK = 5_000  # bound values of one statement

_STREAM = "owner = :owner AND source = :source AND stream = :stream"
_ITEMS = text(
    f"SELECT item, version, run, gone, place, why, reader FROM sync_items WHERE {_STREAM} AND item IN :some"
).bindparams(bindparam("some", expanding=True))
_SAID = text(
    f"SELECT stream, item, thing, content, stored, dropped FROM sync_things WHERE {_STREAM} AND item IN :some"
).bindparams(bindparam("some", expanding=True))
_SAYING = text(
    "SELECT stream, item, thing, content, stored, dropped FROM sync_things"
    " WHERE owner = :owner AND source = :source AND thing IN :some"
).bindparams(bindparam("some", expanding=True))
_READABLE = "gone = 0 AND reader IN (0, :reader)"  # what a former reader could not read is asked for again
_VERSIONS = text(
    f"SELECT item, version FROM sync_items WHERE {_STREAM} AND item IN :some AND {_READABLE}"
).bindparams(bindparam("some", expanding=True))
_BINARY = {"sqlite": "BINARY", "postgresql": '"C"'}  # one order of texts everywhere: that of their bytes
_PUT_ITEM = text(
    "INSERT INTO sync_items (owner, source, stream, item, version, run, gone, place, why, reader)"
    " VALUES (:owner, :source, :stream, :item, :version, :run, :gone, :place, :why, :reader)"
    " ON CONFLICT (owner, source, stream, item) DO UPDATE SET version = excluded.version, run = excluded.run,"
    " gone = excluded.gone, place = excluded.place, why = excluded.why, reader = excluded.reader"
)
_PUT_SAID = text(
    "INSERT INTO sync_things (owner, source, stream, item, thing, content, stored, dropped)"
    " VALUES (:owner, :source, :stream, :item, :thing, :content, :stored, :dropped)"
    " ON CONFLICT (owner, source, stream, item, thing) DO UPDATE"
    " SET content = excluded.content, stored = excluded.stored, dropped = excluded.dropped"
)


class ItemRow(NamedTuple):
    """One item of one stream; `why` is empty unless it is quarantined."""

    item: str
    version: str
    run: int
    gone: int = 0
    place: str = ""
    why: str = ""
    reader: int = 0


class Said(NamedTuple):
    """What one item says of one thing (a stream of events): `content` as the source shows it, `stored` in the log."""

    stream: str
    item: str
    thing: bytes
    content: int
    stored: int
    dropped: int = 0


class Scope(NamedTuple):
    """One source of one owner, in one transaction."""

    connection: Connection
    owner: str
    source: str

    def run(self, sql: Any, **values: Any) -> Any:
        return self.connection.execute(sql, {"owner": self.owner, "source": self.source, **values})

    def run_many(self, sql: Any, rows: Sequence[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(sql, [{"owner": self.owner, "source": self.source, **row} for row in rows])


def items(scope: Scope, stream: str, some: Collection[str]) -> dict[str, ItemRow]:
    """The rows of those of the items that the stream has, gone ones too."""
    found = (row for part in _parts(some) for row in scope.run(_ITEMS, stream=stream, some=part))
    return {row.item: row for row in map(ItemRow._make, found)}


def said_by(scope: Scope, stream: str, some: Collection[str]) -> list[Said]:
    """What these items of one stream say."""
    return [Said._make(row) for part in _parts(some) for row in scope.run(_SAID, stream=stream, some=part)]


def saying(scope: Scope, things: Collection[bytes]) -> list[Said]:
    """Every item of the source, of whatever stream, that says one of these things."""
    return [Said._make(row) for part in _parts(things) for row in scope.run(_SAYING, some=part)]


def put_items(scope: Scope, stream: str, rows: Iterable[ItemRow]) -> None:
    scope.run_many(_PUT_ITEM, [{"stream": stream, **row._asdict()} for row in rows])


def put_said(scope: Scope, rows: Iterable[Said]) -> None:
    scope.run_many(_PUT_SAID, [row._asdict() for row in rows])


def miss(scope: Scope, stream: str, run: int) -> None:
    """Mark as gone what the run has not shown."""
    scope.run(
        text(f"UPDATE sync_items SET gone = 1 WHERE {_STREAM} AND run < :run AND gone = 0"), stream=stream, run=run
    )
    scope.run(
        text(
            f"UPDATE sync_things SET dropped = 1 WHERE {_STREAM} AND dropped = 0 AND item IN"
            f" (SELECT item FROM sync_items WHERE {_STREAM} AND gone = 1)"
        ),
        stream=stream,
    )


def dropped(scope: Scope) -> list[Said]:
    """All that items of the source no longer say, and of which nothing is decided yet."""
    sql = text(
        "SELECT stream, item, thing, content, stored, dropped FROM sync_things"
        " WHERE owner = :owner AND source = :source AND dropped = 1 ORDER BY stream, item, thing"
    )
    return [Said._make(row) for row in scope.run(sql)]


def counts(scope: Scope) -> dict[str, tuple[int, int]]:
    """How many things each stream said, and how many of them it says no more."""
    sql = text(
        "SELECT stream, count(*), sum(missed) FROM (SELECT stream, thing, min(dropped) AS missed FROM sync_things"
        " WHERE owner = :owner AND source = :source GROUP BY stream, thing) AS each_thing GROUP BY stream"
    )
    return {stream: (held, int(missed)) for stream, held, missed in scope.run(sql)}


def count_things(scope: Scope) -> int:
    """How many things the source said, in whatever streams."""
    sql = text("SELECT count(DISTINCT thing) FROM sync_things WHERE owner = :owner AND source = :source")
    return int(scope.run(sql).scalar_one())


def forget_things(scope: Scope, rows: Iterable[Said]) -> None:
    """Take away what was decided."""
    sql = text(f"DELETE FROM sync_things WHERE {_STREAM} AND item = :item AND thing = :thing")
    scope.run_many(sql, [{"stream": row.stream, "item": row.item, "thing": row.thing} for row in rows])


def forget_gone(scope: Scope, stream: str) -> None:
    """Take away the gone items of a stream of which nothing is left to decide."""
    scope.run(
        text(
            f"DELETE FROM sync_items WHERE {_STREAM} AND gone = 1 AND NOT EXISTS (SELECT 1 FROM sync_things AS said"
            " WHERE said.owner = sync_items.owner AND said.source = sync_items.source"
            " AND said.stream = sync_items.stream AND said.item = sync_items.item)"
        ),
        stream=stream,
    )


def quarantined(connection: Connection, owner: str) -> list[tuple[str, str, str, str]]:
    """Every item that stands unreadable: source, stream, where, why."""
    sql = text(
        "SELECT source, stream, place, why FROM sync_items WHERE owner = :owner AND why <> '' AND gone = 0"
        " ORDER BY source, stream, item"
    )
    return [(source, stream, place, why) for source, stream, place, why in connection.execute(sql, {"owner": owner})]


def versions(scope: Scope, stream: str, some: Collection[str], reader: int) -> dict[str, str]:
    """The versions of those items that are held, except what is gone or what a former reader could not read."""
    asked = (scope.run(_VERSIONS, stream=stream, some=part, reader=reader) for part in _parts(some))
    found = (row for rows in asked for row in rows)
    return dict(found)


def after(scope: Scope, stream: str, item: str, reader: int) -> list[tuple[str, str]]:
    """The next held (item, version) pairs behind an item, in the order of the bytes of `item`; none at the end."""
    order = _BINARY[scope.connection.dialect.name]
    sql = text(
        f"SELECT item, version FROM sync_items WHERE {_STREAM} AND item COLLATE {order} > :after AND {_READABLE}"
        f" ORDER BY item COLLATE {order} LIMIT {CHUNK}"
    )
    return [(found, version) for found, version in scope.run(sql, stream=stream, after=item, reader=reader)]


def _parts(some: Collection[Any]) -> Iterator[list[Any]]:
    every = list(some)
    return (every[start : start + CHUNK] for start in range(0, len(every), CHUNK))
