"""What is known about addresses and names (`Evidence`), and who they are taken to be (`Person`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple


class Seen(NamedTuple):
    """A display name beside an address, `n` times; `name` may be empty. `source`: mail, meeting, contact, commit."""

    address: str
    name: str = ""
    source: str = "mail"
    n: int = 1
    first_ms: int | None = None
    last_ms: int | None = None


class Card(NamedTuple):
    """A contact card. `kind`: "" (individual), group, org; `position`: where the log has it."""

    name: str
    other_names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    kind: str = ""
    position: int = 0


def never(_first: str, _second: str) -> bool:
    """Answer that two addresses never stood side by side."""
    return False


class Evidence(NamedTuple):
    """All that `resolve` looks at. Addresses are lower case; the order within each field does not matter.

    `reply_to`: (From address, Reply-To address, count) of human mail. `lists`: known by List-Id, List-Post or
    CUTYPE=GROUP. `rooms`: CUTYPE ROOM or RESOURCE. `robots`: senders only ever automatic or bulk.
    `merged`: the owner's (first addresses, second addresses, position); `split`: (address, the others, position);
    decisions that were undone are left out. `together(a, b)`: a and b were both recipients of one mail, or both
    guests of one meeting; it is symmetric, and asked only about addresses that bear one name.
    """

    seen: Sequence[Seen] = ()
    cards: Sequence[Card] = ()
    reply_to: Sequence[tuple[str, str, int]] = ()
    lists: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    robots: frozenset[str] = frozenset()
    mine: frozenset[str] = frozenset()
    merged: Sequence[tuple[tuple[str, ...], tuple[str, ...], int]] = ()
    split: Sequence[tuple[str, tuple[str, ...], int]] = ()
    together: Callable[[str, str], bool] = never


class Person(NamedTuple):
    """One entry of `people`: names and addresses sorted; `kind`: person, list, room, robot.

    `key` is 'p' and ten characters, of the first address: the same in every run.

    `why` has one reason for each join of two sets of addresses, in the order they were made.
    """

    key: str
    name: str
    names: tuple[str, ...]
    addresses: tuple[str, ...]
    kind: str
    why: tuple[str, ...]
