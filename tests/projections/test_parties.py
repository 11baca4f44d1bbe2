"""Who stands on a mail is the same however its lists are looked up, and however they are written."""

from __future__ import annotations

import json
import sqlite3

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from projections.parties import ON_CC, ON_TO, Parties
from projections.rules import Rules
from projections.schema import TABLES
from projections.store import Store

ME = "me@example.org"
ADDRESSES = st.sampled_from(["", ME, "a@x.org", "b@x.org", "c@x.org", 'q"],["@x.org', "back\\"])
NAMES = st.one_of(st.just(""), st.text('"[],\\ aé', max_size=8))
LISTS = st.lists(st.tuples(ADDRESSES, NAMES), max_size=6)
SPACES = [(",", ":"), (", ", ": ")]


def _parties() -> tuple[Parties, Store]:
    db = sqlite3.connect(":memory:")
    db.executescript(TABLES)
    store = Store(db, Rules(addresses=(ME,)), fresh=True)
    return Parties(store), store


@given(LISTS, LISTS, LISTS, st.sampled_from(SPACES))
@example([("a@x.org", 'x"],["'), ("b@x.org", "")], [], [], SPACES[0])
@example([("a@x.org", "x\\"), ("b@x.org", '"],["')], [], [], SPACES[0])
def test_as_looked_up_one_by_one(
    to: list[tuple[str, str]], cc: list[tuple[str, str]], bcc: list[tuple[str, str]], spaces: tuple[str, str]
) -> None:
    parties, store = _parties()
    parties.recipients(b'[["c@x.org",""],["b@x.org",""]]', b"[]", b"[]")  # some were met before
    data = [json.dumps(some, separators=spaces, ensure_ascii=False).encode() for some in (to, cc, bcc)]
    found = parties.recipients(*data)
    ids: list[int] = []
    kept: list[list[int]] = [[], []]
    to_me = 0
    for some, others, place in ((to, kept[0], ON_TO), (cc, kept[1], ON_CC), (bcc, kept[1], 0)):
        for box in some:
            id_ = store.aliases.entry(box, "mail").id
            if id_ and id_ not in ids:
                ids.append(id_)
                if id_ in store.addresses.mine:
                    to_me = to_me or place
                else:
                    others.append(id_)
    assert (found.ids, [found.to, found.copied], found.to_me) == (ids, kept, to_me)
    assert [one.id for one in found.seen] == [store.aliases.entry(box, "mail").id for box in (*to, *cc, *bcc)]
    assert found.people == len(kept[0]) + len(kept[1])


@pytest.mark.parametrize("data", [b'[["a@x.org",5]]', b'[["a@x.org","]]', b'[["a"],"b"]', b'[["\xff",""]]'])
def test_what_is_no_list_of_mailboxes_is_refused(data: bytes) -> None:
    parties, _ = _parties()
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        parties.recipients(data, b"[]", b"[]")
