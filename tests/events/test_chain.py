"""Every byte and every number of a stored event is covered by its hash, and every place by the chain."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import chain
from events.chain import GENESIS, Checker, Head
from events.envelope import NewEvent, stream_of
from events.vocabulary import NoteAdded

Stored = tuple[Any, ...]


def a_log(events: int = 4) -> tuple[list[Stored], Head]:
    admitted = [
        (NewEvent(stream_of(n, "note"), n, n, NoteAdded(addresses=(), text=str(n))), b'{"text":"%d"}' % n, n)
        for n in range(events)
    ]
    rows = list(chain.forge(admitted, Head(), owner="me", recorded_ms=7))
    stored = [tuple(one.encode() if isinstance(one, str) else one for one in row) for row in rows]
    return stored, Head(events, rows[-1][-1], 7) if rows else Head()


def first_bad(rows: list[Stored], head: Head) -> int | None:
    checker = Checker(head)
    accepted = [checker.accepts(row) for row in rows]
    assert accepted == sorted(accepted, reverse=True)  # nothing is accepted after the first bad one
    return checker.first_bad()


def changes(value: Any) -> list[Any]:
    """Every bit of bytes flipped, a byte more and a byte less; every bit of a number flipped."""
    if isinstance(value, int):
        return [value ^ (1 << bit) for bit in range(63)] + [-value - 1, str(value), None, float(value) + 0.5]
    flipped = [
        value[:at] + bytes([value[at] ^ (1 << bit)]) + value[at + 1 :] for at in range(len(value)) for bit in range(8)
    ]
    return [*flipped, value + b"x", value[:-1], 5, None]


@pytest.mark.parametrize("position", [1, 3, 4])
@pytest.mark.parametrize("column", range(9))
def test_every_change_of_a_column_is_named(position: int, column: int) -> None:
    rows, head = a_log()
    row = rows[position - 1]
    for value in changes(row[column]):
        changed = (*row[:column], value, *row[column + 1 :])
        assert first_bad([*rows[: position - 1], changed, *rows[position:]], head) == position


@given(st.permutations(range(6)))
def test_every_other_order_is_named(order: list[int]) -> None:
    rows, head = a_log(6)
    misplaced = [place + 1 for place, index in enumerate(order) if place != index]
    renumbered = [(row[0], place + 1, *row[2:]) for place, row in enumerate(rows[index] for index in order)]
    assert first_bad([rows[index] for index in order], head) == (misplaced[0] if misplaced else None)
    assert first_bad(renumbered, head) == (misplaced[0] if misplaced else None)


@given(st.sets(st.integers(0, 5)))
def test_every_missing_event_is_named(missing: set[int]) -> None:
    rows, head = a_log(6)
    left = [row for place, row in enumerate(rows) if place not in missing]
    assert first_bad(left, head) == (min(missing) + 1 if missing else None)


def test_text_cannot_move_from_one_column_to_the_next() -> None:
    one = chain.link(GENESIS, b"me", 1, b"s", 1, b"note", 1, 1, b"{}")
    assert one != chain.link(GENESIS, b"men", 1, b"s", 1, b"ote", 1, 1, b"{}")
    assert one != chain.link(GENESIS, b"me", 1, b"s{", 1, b"note", 1, 1, b"}")
    assert one != chain.link(GENESIS, b"me", 1, b"s", 1, b"not", 1, 1, b"e{}")


def test_the_formula_is_fixed_as_logs_that_exist_depend_on_it() -> None:
    stream, wire, payload = b"0123456789abcdef", b"note.added.v1", b'{"text":"x"}'
    numbers = b"".join(number.to_bytes(8, "big", signed=True) for number in (1, -5, -1, 1_700_000_000_000))
    lengths = bytes([0, 2, 0, 13, 0, 16])
    expected = hashlib.sha256(bytes(32) + numbers + lengths + b"me" + wire + stream + payload).digest()
    assert chain.link(GENESIS, b"me", 1, stream, -5, wire, -1, 1_700_000_000_000, payload) == expected
