"""What a connector is: streams of items at one source, pulled page by page. The loop does everything else.

A connector never writes, neither at its source nor here. It keeps nothing between calls: where it stands is in the
`Position` that the loop gives it, which was stored in the transaction of the page before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import NamedTuple, Protocol, TypeAlias, runtime_checkable

from events.envelope import NewEvent


class Kind(Enum):
    """What a stream holds."""

    MAIL = "mail"
    CALENDAR = "calendar"
    CONTACTS = "contacts"


class Stream(NamedTuple):
    """A part of a source with a cursor of its own: a folder, a calendar, an address book.

    `name` is stable as long as the source can tell that it is the same one (it survives a rename where the server has
    ids); `title` is what people call it.
    """

    name: str
    title: str
    kind: Kind


class Position(NamedTuple):
    """Where a stream stands.

    `cursor`: the connector's own text behind the last page of the last complete run; None: list everything (the first
    run, or a reconcile). `state`: the connector's own text behind the last stored page of a run that was interrupted;
    "" at the beginning of a run. A cursor that an API gives only before the listing is carried through `state`.
    """

    cursor: str | None
    state: str = ""


class Seen(NamedTuple):
    """An item as the source shows it now. `item` is the source's id within the stream (UID, href, …).

    `version`: etag, flags, content hash; the same version as held means that nothing is new. `events`: what it says; a
    calendar resource says one event for its master and one for each changed instance. None of ours: `skip` names the
    reason and there are no events.
    """

    item: str
    version: str
    events: tuple[NewEvent, ...] = ()
    skip: str = ""


class Same(NamedTuple):
    """An item that a listing showed with the version that is held: there is nothing to fetch."""

    item: str


class Gone(NamedTuple):
    """The source says that it no longer has the item (a tombstone, never a mere absence). Unknown items are ignored."""

    item: str


class Poison(NamedTuple):
    """An item that cannot be read: it is quarantined, and asked for again when its version or the reader changes."""

    item: str
    version: str
    where: str
    why: str


Change: TypeAlias = Seen | Same | Gone | Poison


class Page(NamedTuple):
    """Some items, and where the run stands behind them; stored together in one transaction.

    `state` is for `Position.state` and empty on the last page; the last page alone has `cursor`. `total`: how many
    items this run will show in all, as far as known. `listed`: this run shows every item the stream has (then what it
    did not show is gone); a run whose position had a cursor may still list (servers without tombstones).
    """

    changes: Sequence[Change]
    state: str = ""
    cursor: str | None = None
    total: int | None = None
    listed: bool = False


class Held(Protocol):
    """What the log holds of the stream: read-only, and only what was stored by earlier pages."""

    def versions(self, items: Iterable[str]) -> Mapping[str, str]:
        """The versions held of those of the items that are held (poison and skipped ones too)."""

    def all(self) -> Iterator[tuple[str, str]]:
        """Every held (item, version), in the order of `item`."""


class Connector(Protocol):
    """One account at one provider. `source` stands in every payload: `imap:work`.

    Every method may raise the errors of `connectors.errors`: they say what the caller must do.
    """

    source: str

    def streams(self) -> Sequence[Stream]:
        """All streams, those that matter most first."""

    def pull(self, stream: Stream, at: Position, held: Held) -> Iterator[Page]:
        """The pages from a position on; newest items first where there is a choice. Raises CursorExpired."""

    def close(self) -> None:
        """Let go of the connection."""


@runtime_checkable
class Recalling(Protocol):
    """A connector whose list of streams costs less when it is told what it knew."""

    def recall(self, cursors: Mapping[str, str]) -> None:
        """The cursors of all streams, by name, before `streams` is asked. What they say may be out of date."""
