"""Who stands behind each address: evidence from all tables, resolved by `projections.people`, written to `person`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import cast

import msgspec

from events import codec
from events.vocabulary import Payload, PeopleMerged, PeopleSplit
from projections import people
from projections.identity_profile import look, meet, meet_name
from projections.projection import Projection
from projections.store import Store, insert_rows, key_of

Merged = list[tuple[int, PeopleMerged]]
Split = list[tuple[int, PeopleSplit]]

_TOGETHER = """
SELECT 1 FROM address a, address b WHERE a.address = ? AND b.address = ? AND (
    EXISTS (SELECT 1 FROM member x JOIN member y ON y.circle = x.circle AND y.address_id = b.id
            WHERE x.address_id = a.id)
    OR EXISTS (SELECT 1 FROM meeting_guest x JOIN meeting_guest y ON y.position = x.position AND y.address_id = b.id
               WHERE x.address_id = a.id))"""


class Identity(Projection):
    """`person`, and `address.person`."""

    name = "identity"
    version = 4
    after = ("messages", "contacts", "decisions", "sightings")

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self._addresses_met = self._names_met = 0

    def flush(self) -> None:
        """Read what a batch has brought: while other processes still read mail, not when all of them wait for this."""
        if not self.store.fresh:
            return
        for address in self.store.addresses.after(self._addresses_met):
            self._addresses_met += 1
            meet(address)
        for name in self.store.aliases.names_after(self._names_met):
            self._names_met += 1
            meet_name(name)

    def settle(self) -> None:
        if self.store.fresh or self.store.dirty_people:
            self._resolve()
        if self.store.placed and not self.store.fresh:
            self._touch(self._ids("address IN (SELECT value FROM json_each(?))", self.store.placed))

    def _resolve(self) -> None:
        found = [(person_id(one.key), one) for one in people.resolve(_evidence(self.store))]
        after = {address: (id_, one.kind) for id_, one in found for address in one.addresses}
        before = self.store.db.execute(
            "SELECT address, a.id, person, coalesce(kind, '') FROM address a LEFT JOIN person p ON p.id = a.person"
        ).fetchall()
        changed = [
            (now[0], id_)
            for address, id_, person, kind in before
            if (now := after.get(address, _NOBODY)) != (person, kind)
        ]
        self.store.db.executemany("UPDATE address SET person = ? WHERE id = ?", changed)
        if not self.store.fresh:
            self._mark(changed, {id_: person for _, id_, person, _ in before})
        self._write(found)

    def _write(self, found: list[tuple[int, people.Person]]) -> None:
        labels = _labels(self.store)
        rows = [
            (id_, one.key, one.name, one.kind, _listed(_labels_of(one, labels)) if labels else "[]", _listed(one.why))
            for id_, one in found
        ]
        self.store.db.execute("DELETE FROM person")
        insert_rows(self.store.db, "person", sorted(rows), "?, ?, ?, ?, 0, NULL, NULL, 0, 0, 0, ?, ?")

    def _mark(self, changed: list[tuple[int, int]], before: dict[int, int]) -> None:
        """Whatever an address stands on whose person, or whose fellow addresses, have changed is computed anew."""
        persons = {person for person, _ in changed} | {before[id_] for _, id_ in changed}
        self._touch(self._ids("person IN (SELECT value FROM json_each(?))", persons) | {id_ for _, id_ in changed})

    def _ids(self, among: str, values: Iterable[int | str]) -> set[int]:
        """All addresses of the persons of whom some address is among the values."""
        sql = f"SELECT id FROM address WHERE person <> 0 AND person IN (SELECT person FROM address WHERE {among})"
        return {id_ for (id_,) in self.store.select_in(sql, values)}

    def _touch(self, ids: set[int]) -> None:
        """Whatever these addresses stand on is computed anew."""
        among = "IN (SELECT value FROM json_each(?))"
        sent = f"SELECT DISTINCT day FROM message WHERE sender {among} AND day NOT NULL"
        got = (
            "SELECT DISTINCT day FROM member p JOIN message m ON m.circle = p.circle "
            f"WHERE address_id {among} AND day NOT NULL"
        )
        notes = f"SELECT DISTINCT day FROM note WHERE address_id {among}"
        uids = (
            f"SELECT DISTINCT uid FROM attendance a JOIN occurrence o ON o.id = a.occurrence WHERE address_id {among}"
        )
        for sql in (sent, got, notes):
            for (day,) in self.store.select_in(sql, ids):
                self.store.dirty_days.update((day - 1, day, day + 1))  # what is written at midnight is of two days
        self.store.dirty_uids.update(uid for (uid,) in self.store.select_in(uids, ids))
        self.store.dirty_uids.update(uid for (uid,) in self.store.select_in(_ORGANIZED.format(among=among), ids))


_NOBODY = (0, "")
_ORGANIZED = "SELECT DISTINCT uid FROM occurrence WHERE organizer {among}"


def person_id(key: str) -> int:
    """Give the number of a person's key: 48 bits, the same on every machine and in every order of arrival."""
    return key_of(key) >> 15


def _texts(json: str) -> tuple[str, ...]:
    return tuple(msgspec.json.decode(json))


def _labels(store: Store) -> dict[str, set[str]]:
    labels: dict[str, set[str]] = defaultdict(set)
    for addresses, of_card in store.db.execute("SELECT addresses, labels FROM card"):
        for address in msgspec.json.decode(addresses):
            labels[address].update(msgspec.json.decode(of_card))
    return labels


def _labels_of(one: people.Person, labels: Mapping[str, set[str]]) -> list[str]:
    return sorted({label for address in one.addresses if address in labels for label in labels[address]})


def _listed(texts: Sequence[str]) -> str:
    return msgspec.json.encode(texts).decode() if texts else "[]"  # nothing, mostly


def _evidence(store: Store) -> people.Evidence:
    db = store.db
    cards = db.execute("SELECT name, other_names, addresses, kind, position FROM card ORDER BY position")

    def those(condition: str) -> frozenset[str]:
        return frozenset(address for (address,) in db.execute(f"SELECT address FROM address WHERE {condition}"))

    def together(first: str, second: str) -> bool:
        return db.execute(_TOGETHER, (first, second)).fetchone() is not None

    return people.Evidence(
        seen=[
            people.Seen(*row)
            for row in db.execute("SELECT address, name, source, n FROM alias JOIN address a ON a.id = address_id")
        ],
        cards=[
            people.Card(name, _texts(others), _texts(addresses), kind, position)
            for name, others, addresses, kind, position in cards
        ],
        reply_to=db.execute(
            "SELECT s.address, r.address, n FROM reply_to t "
            "JOIN address s ON s.id = t.sender JOIN address r ON r.id = t.reply_to"
        ).fetchall(),
        lists=those("listed"),
        rooms=those("room"),
        robots=those("robotic > 0 AND human = 0 AND messages_out = 0")
        | frozenset(one for one in those("messages_out = 0 AND messages_in > 0") if look(one).announces),
        mine=those("mine"),
        merged=[(one.first, one.second, at) for at, one in cast("Merged", _decided(store, PeopleMerged.wire))],
        split=[(one.address, one.others, at) for at, one in cast("Split", _decided(store, PeopleSplit.wire))],
        together=together,
    )


def _decided(store: Store, wire: str) -> list[tuple[int, Payload]]:
    sql = "SELECT position, payload FROM decision WHERE type = ? AND undone_by = 0 ORDER BY position"
    return [(position, codec.decode(wire, text.encode())) for position, text in store.db.execute(sql, (wire,))]


PROJECTION = Identity
