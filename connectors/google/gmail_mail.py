"""One message of Gmail to what it says for the log; whatever is wrong with it is its own trouble."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from connectors.errors import ItemMalformed
from connectors.google.gmail_labels import Labels, Names
from connectors.google.gmail_text import from_payload, raw_of
from connectors.mime.marks import from_server
from connectors.mime.message import to_event, translate
from connectors.sync.port import Change, Poison, Seen

REFUSED = "refused"  # the digest of what could not be read: unlike any other


class Version(NamedTuple):
    """`history`: the last change at Gmail that it holds, 0 where it is unknown; `digest` of `Names`."""

    history: int
    digest: str

    @property
    def text(self) -> str:
        return f"{self.history} {self.digest}"


def version_in(text: str) -> Version:
    """What a held version says."""
    history, _, digest = text.partition(" ")
    return Version(number(history), digest)


class Reader(NamedTuple):
    """Turns messages into changes. `source` is the account's."""

    source: str
    names: Names

    def read(self, item: str, message: Mapping[str, Any]) -> Change:
        """What an answer to messages.get says, whichever format it was asked for in."""
        labels = labels_in(message.get("labelIds"))
        version = Version(number(message.get("historyId")), self.names.digest(labels))
        if labels.skip:
            return Seen(item, version.text, skip=labels.skip)
        try:
            raw = raw_of(message.get("raw")) if "raw" in message else from_payload(message.get("payload"))
            if raw is None:
                return self.poison(item, "Google lists this message but does not give it", version)
            found = translate(
                from_server(raw, self.names.of(labels)),
                source=self.source, where=self.where(item), seen=labels.seen, extra_box=labels.box,
            )  # fmt: skip
        except ItemMalformed as error:
            return self.poison(item, str(error).removeprefix(f"{self.where(item)}: "), version)
        except Exception as error:  # noqa: BLE001  one message must never cost the others
            return self.poison(item, f"this message cannot be read ({error!r}); nothing was read from it", version)
        if found.payload is None:
            return Seen(item, version.text, skip=found.skip)
        return Seen(item, version.text, (to_event(found),))

    def poison(self, item: str, why: str, version: Version | None = None) -> Poison:
        return Poison(item, (version or Version(0, REFUSED)).text, self.where(item), why)

    def where(self, item: str) -> str:
        """Where a person finds it again: `#all/…` behind the address of their mailbox in a browser."""
        return f"{self.source}/#all/{item}"


def labels_in(found: object) -> Labels:
    """Labels as they stand in a message."""
    return Labels(frozenset(one for one in found if isinstance(one, str)) if isinstance(found, list) else frozenset())


def number(text: object) -> int:
    """A history id, which may have more than 64 bits; 0 for what is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < 40 else 0  # noqa: PLR2004
