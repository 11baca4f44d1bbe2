"""Files of contact cards: any number of cards, each read alone, so that a broken one leaves its neighbours whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec

from connectors.contacts import contact_event, distinct
from connectors.content_lines import Component, Loose, components
from connectors.errors import ItemMalformed
from connectors.items import Item, Problem, Skipped
from connectors.vcard import members, observed
from events.envelope import NewEvent
from events.vocabulary import ContactObserved

HELD = 20_000  # cards of a file that wait for the groups behind them, about 20 MB; address books hold up to 10,000
_VCARD = frozenset({b"VCARD"})


def read(stream: BinaryIO, *, source: str, where: str, folder: str = "") -> Iterator[Item]:  # noqa: ARG001  readers have one shape
    """One item a card; who is in a group has its name as a label. Lines outside every card are one problem a run.

    Such lines may have been a card. Apple writes groups behind the cards that are in them: cards wait for the end.
    """
    held: list[ContactObserved] = []
    groups: dict[str, list[str]] = {}
    try:
        for item in cards(stream, source, where, groups):
            if isinstance(item, ContactObserved):
                held.append(item)
            else:
                yield item
            if len(held) > HELD:
                yield from labelled(held, groups)
                held = []
    except Exception:  # the stream broke: what stood before is whole
        yield from labelled(held, groups)
        raise
    yield from labelled(held, groups)


def cards(
    stream: BinaryIO, source: str, where: str, groups: dict[str, list[str]]
) -> Iterator[ContactObserved | Problem | Skipped]:
    """Every card as it stands; whom its groups list is noted in `groups` (member to names of groups)."""
    outside = False
    for part in components(stream, _VCARD):
        if not isinstance(part, Loose):
            outside = False
            yield _card(part, source, where, groups)
        elif part.data.strip(b" \t\0\x1a") and not outside:
            outside = True
            why = "these lines belong to no contact card; their BEGIN:VCARD is missing"
            yield Problem(f"{where}:{part.line}", why)


def _card(
    part: Component, source: str, where: str, groups: dict[str, list[str]]
) -> ContactObserved | Problem | Skipped:
    """What one card is; the members of a group are noted in `groups`."""
    place = f"{where}:{part.line}"
    try:
        card = observed(part, source=source, where=place)
    except ItemMalformed as error:
        return Problem(place, str(error))
    if card is None:
        return Skipped("empty_contact")
    if card.kind == "group":
        for member in members(part):
            groups.setdefault(member, []).append(card.name)
    return card


def labelled(found: Iterable[ContactObserved], groups: Mapping[str, Sequence[str]]) -> Iterator[NewEvent]:
    """The events of cards, those who are in a group with its name as a label."""
    for card in found:
        names = [name for key in (card.uid, *card.addresses) for name in groups.get(key, ())]
        labels = distinct([*card.labels, *names])
        yield contact_event(msgspec.structs.replace(card, labels=labels) if names else card)
