"""What every source of contact cards shares: how an address and a name are cleaned, and how a card is known again."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from events.codec import encode
from events.envelope import NewEvent, revision_of, stream_of
from events.vocabulary import ContactObserved

ADDRESSES = 100  # of one card; the largest real ones have about ten
NAME_CHARS = 500
LABELS = 200

_ADDRESS = re.compile(r"(?:mailto:)?([^\s@<>,;:\"()]{1,64}@[^\s@<>,;:\"()]{1,253})", re.IGNORECASE)
_IN_ANGLES = re.compile(r"<\s*([^<>]+?)\s*>")
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2060\ufeff]")


def address_of(text: str) -> str:
    """The mail address that `text` is (`Ana@X.org`, `mailto:…`, `Ana <ana@x.org>`), lower case; "" where it is none."""
    angles = _IN_ANGLES.search(text)
    found = _ADDRESS.fullmatch((angles[1] if angles else text).strip().strip("'\""))
    return found[1].lower() if found else ""


def squeezed(text: str) -> str:
    """A name or label on one line: invisible characters are blanks, blanks are single, the length bounded."""
    return " ".join(_INVISIBLE.sub(" ", text[: 4 * NAME_CHARS]).split())[:NAME_CHARS]


def distinct(texts: Iterable[str], *, without: str = "", limit: int = LABELS) -> tuple[str, ...]:
    """The texts that are not empty and not `without`, each once, in their order."""
    return tuple(text for text in dict.fromkeys(texts) if text and text != without)[:limit]


def contact_event(card: ContactObserved) -> NewEvent:
    """The event of a card. A card with a UID is known by it, one without by its name and addresses.

    A card has no instant of its own, it always holds: `happened_ms` is 0. Where it was read makes no new revision.
    """
    if card.uid:
        stream = stream_of(None, "contact", "uid", card.uid)
    else:
        stream = stream_of(None, "contact", "card", card.name, *sorted(card.addresses))
    said = msgspec.structs.replace(card, source="", where="")
    return NewEvent(stream, revision_of(encode(said)), 0, card)
