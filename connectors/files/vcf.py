"""Files of contact cards: any number of cards, each read alone, so that a broken one leaves its neighbours whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from connectors.contacts import contact_event
from connectors.content_lines import Loose, components
from connectors.errors import ItemMalformed
from connectors.items import Item, Problem, Skipped
from connectors.vcard import observed

_VCARD = frozenset({b"VCARD"})


def read(stream: BinaryIO, *, source: str, where: str, folder: str = "") -> Iterator[Item]:  # noqa: ARG001  readers have one shape
    """One item a card. Lines that stand outside every card are one problem a run: they may have been a card."""
    outside = False
    for part in components(stream, _VCARD):
        if isinstance(part, Loose):
            if part.data.strip(b" \t\0\x1a") and not outside:
                outside = True
                why = "these lines belong to no contact card; their BEGIN:VCARD is missing"
                yield Problem(f"{where}:{part.line}", why)
            continue
        outside = False
        place = f"{where}:{part.line}"
        try:
            card = observed(part, source=source, where=place)
        except ItemMalformed as error:
            yield Problem(place, str(error))
            continue
        yield contact_event(card) if card else Skipped("empty_contact")
