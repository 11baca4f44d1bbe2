"""What stands around the items of a collection and changes what they say: a calendar's name, the groups of a book.

No etag changes with it. A short mark of it is therefore part of every version: under another mark everything is listed,
and each item fetched and translated again.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import NamedTuple, Protocol

import msgspec

from connectors.dav import names
from connectors.dav.client import Answered, Client
from connectors.dav.flavour import CARDDAV, Flavour
from connectors.dav.resources import Resource, calendar_resource, card_resource, groups_of


class Translate(Protocol):
    """The bytes of a resource to what it says; `where` is its path."""

    def __call__(self, body: bytes, *, source: str, where: str) -> Resource: ...


class Around(NamedTuple):
    """The mark, and how a resource is read under it."""

    mark: str
    translate: Translate


def named(title: str) -> Around:
    """Around the entries of a calendar stands its name, which goals match."""
    return Around(_mark(title), partial(calendar_resource, title=title))


def grouped(client: Client, url: str) -> Around:
    """Around the cards of an address book stand its groups, which are cards that list their members.

    A server that cannot be asked for them gives no labels by groups.
    """
    try:
        rows = client.groups(url).rows
    except Answered:
        rows = []
    bodies = [row.text(names.CARD_DATA).encode("utf-8", "replace") for row in rows]
    groups = groups_of(bodies)
    return Around(_mark(groups) if groups else "", partial(card_resource, groups=groups))


def around(client: Client, flavour: Flavour, url: str, title: str) -> Around:
    """What stands around the items now. Ask after the changes were asked for: then none is missed in between."""
    return grouped(client, url) if flavour is CARDDAV else named(title)


def _mark(value: object) -> str:
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=6).hexdigest()
