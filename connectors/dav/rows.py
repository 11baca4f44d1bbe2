"""The rows of an answer that are items of the collection that was asked. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from connectors.dav import names
from connectors.dav.fetch import strong
from connectors.dav.hrefs import path_of
from connectors.dav.multistatus import Row

_GONE = frozenset({404, 410})
_MORE = 507  # of the collection itself: the answer was cut short, and there is more behind its token (RFC 6578, 3.6)


class Listed(NamedTuple):
    """What a server says of its items.

    `hrefs`: those it has, each with its address as the server writes it; `etags`: "" where there is no strong one;
    `gone`: those it says that it has no more; `more`: the answer was cut short.
    """

    hrefs: dict[str, str]
    etags: dict[str, str]
    gone: list[str]
    more: bool


def listed(rows: Iterable[Row], url: str) -> Listed:
    """The items among rows, those changed last first; what is no direct member of the collection is passed over."""
    home = path_of(url, url).rstrip("/") + "/"
    hrefs: dict[str, str] = {}
    etags: dict[str, str] = {}
    changed: dict[str, float] = {}
    gone, more = [], False
    for row in rows:
        try:
            item = path_of(row.href, url)
        except ValueError:  # no address
            continue
        if item.rstrip("/") + "/" == home:
            more = more or row.status == _MORE
        elif not _is_member(item, home) or row.has(names.RESOURCE_TYPE, names.COLLECTION):
            continue
        elif row.status in _GONE:
            gone.append(item)
        else:
            hrefs[item] = _asked(row.href, item)
            etags[item] = strong(row.text(names.ETAG))
            changed[item] = _instant(row.text(names.MODIFIED))
    order = sorted(hrefs, key=lambda item: -changed[item])
    return Listed({item: hrefs[item] for item in order}, etags, [item for item in gone if item not in hrefs], more)


def _is_member(item: str, home: str) -> bool:
    """Whether a path lies directly in the collection: one segment more, and none that leads out again."""
    name = item.removeprefix(home)
    return item.startswith(home) and name not in {"", ".", ".."} and "/" not in name


def _asked(href: str, item: str) -> str:
    """How to ask for an item: in the server's own spelling, as long as that is a path and so leads nowhere else."""
    return href if href.startswith("/") and not href.startswith("//") else item


def _instant(text: str) -> float:
    try:
        return parsedate_to_datetime(text).timestamp() if text else 0.0
    except (ValueError, OverflowError):
        return 0.0
