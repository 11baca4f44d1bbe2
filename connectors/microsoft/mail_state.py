"""Where a run of one mail folder stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import reduce
from hashlib import blake2b
from operator import xor
from urllib.parse import quote

import msgspec

from connectors.microsoft.mail_folders import Uses

_SECOND = timedelta(seconds=1)  # times are shown without the fractions that they have


class Listing(msgspec.Struct, array_like=True, frozen=True):
    """Everything is listed: first the round that leads to the cursor, then the messages that it named, newest first.

    `link`: the round's next page; `cursor`: where it led. `oldest`, `newest`: between them came what must be got;
    `before`: it came before this what is still to be got; `more`: the next page of those that came in one second.
    `failed`, `sick`: as in `Following`. `open`: a sum over the messages that were named and not got, 0 where there are
    none; `alone`: pages did not show all of them, so each is got by itself.
    """

    link: str = ""
    cursor: str = ""
    oldest: datetime | None = None
    newest: datetime | None = None
    before: datetime | None = None
    more: str = ""
    failed: int = 0
    sick: tuple[str, ...] = ()
    open: int = 0
    alone: bool = False

    def with_missing(self, missing: Mapping[str, datetime]) -> Listing:
        """These must be got too; when each of them came."""
        if not missing:
            return self
        oldest, newest = min(missing.values()), max(missing.values())
        return msgspec.structs.replace(
            self.without(missing),
            oldest=min(self.oldest or oldest, oldest),
            newest=max(self.newest or newest, newest),
        )

    def without(self, items: Iterable[str]) -> Listing:
        """These were got, or named for the first time."""
        return msgspec.structs.replace(self, open=reduce(xor, map(_digest, items), self.open))

    def behind(self, last: datetime | None, link: str) -> Listing:
        """Behind a page whose last message came then. Times bound it, which new mail does not shift as it does pages.

        Whatever came in the same second is shown again; where that is a whole page, its own link leads on.
        """
        until = self.until
        following = last + _SECOND if last else until
        if following is None or until is None or following >= until:
            return msgspec.structs.replace(self, more=link)
        return msgspec.structs.replace(self, before=following, more="")

    @property
    def until(self) -> datetime | None:
        return self.before or (self.newest + _SECOND if self.newest else None)

    def query(self, asked: str, size: int) -> str:
        """What follows `/messages?`; `asked`: the options that say what is shown of each."""
        wanted = f"receivedDateTime lt {_stamp(self.until)} and receivedDateTime ge {_stamp(self.oldest)}"
        return f"$filter={quote(wanted)}&$orderby={quote('receivedDateTime desc')}&$top={size}&{asked}"


class Following(msgspec.Struct, array_like=True, frozen=True):
    """A round of changes: its next page. `failed`: the runs that failed here; `sick`: messages that were not shown."""

    link: str
    failed: int = 0
    sick: tuple[str, ...] = ()


class Rest(msgspec.Struct, array_like=True, frozen=True):
    """A cursor: the link of the changes, and `sick` as in `Following`; that of the inbox has what folders are for."""

    link: str
    uses: Uses | None = None
    sick: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The link alone, where there is nothing else."""
        return msgspec.json.encode(self).decode() if self.uses or self.sick else self.link


def rest_in(cursor: str) -> Rest:
    """What `Rest.text` made of it."""
    try:
        return msgspec.json.decode(cursor, type=Rest)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return Rest(cursor)


def _digest(item: str) -> int:
    return int.from_bytes(blake2b(item.encode("utf-8", "replace"), digest_size=6).digest())


def _stamp(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else ""
