"""The calendars of a mailbox, and whose time they show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

import msgspec

from connectors.contacts import address_of
from connectors.microsoft.graph import NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered, Denied

_FIELDS = "$select=id,name,owner,canEdit,isDefaultCalendar"
_FIRST = f"/me/calendars?{_FIELDS}&$top=100"
_PAGES = 100


class _Owner(msgspec.Struct, frozen=True):
    address: str | None = None


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """A calendar of the list. `mailbox`: whose it is that was asked for it by address; "" for one of the list.

    `others`: it is somebody else's, and read because it was chosen.
    """

    id: str
    name: str | None = None
    owner: _Owner | None = None
    can_edit: bool | None = None
    is_default_calendar: bool | None = None
    mailbox: str = ""
    others: bool = False

    @property
    def view(self) -> str:
        """The path below which its windows lie."""
        if self.mailbox:
            return self.place
        return "/me" if self.is_default_calendar else f"/me/calendars/{quote(self.id, safe='')}"

    @property
    def itself(self) -> str:
        """Its own path."""
        return f"{self.view}/calendar" if self.view == "/me" else self.view

    @property
    def place(self) -> str:
        """The path below which its entries lie: what is mine may have gone to another calendar of mine."""
        if self.mailbox:
            return f"/users/{quote(self.mailbox, safe='')}/calendar"
        return self.view if self.others else "/me"

    @property
    def title(self) -> str:
        return self.name or "a calendar without a name"

    @property
    def owned_by(self) -> str:
        return address_of(self.owner.address or "") if self.owner else ""


class Calendars(NamedTuple):
    """`own` are read, the main one first; `left_out` says why the others are not."""

    own: list[Listed]
    left_out: list[str]


def ask_calendars(graph: Graph, chosen: Sequence[str] = ()) -> Calendars:
    """`chosen`: calendars of others that are the person's time too, by name, or by the address of a mailbox."""
    found = calendars_of(listed(graph, _FIRST), chosen)
    known = {word for one in found.own for word in _words(one)}
    for word in chosen:
        if word.lower() in known:
            continue
        one = _mailbox(graph, word) if "@" in word else None
        if one is not None and one.id not in {own.id for own in found.own}:
            found.own.append(one)
        elif one is None:
            found.left_out.append(f"{word} is not read: Outlook shows you no calendar of this name or address")
    return found


def _mailbox(graph: Graph, address: str) -> Listed | None:
    """The calendar of a mailbox that is not in the list; None where it is not shared."""
    try:
        document = graph.get(f"/users/{quote(address, safe='')}/calendar?{_FIELDS}")
    except (Answered, Denied):
        return None
    whose = {"mailbox": address, "others": True, "isDefaultCalendar": False, "name": document.get("name") or address}
    try:
        return msgspec.convert({**document, **whose}, Listed)
    except msgspec.ValidationError:
        return None


def _words(one: Listed) -> set[str]:
    """By which a calendar is chosen, in lower case."""
    return {one.title.lower(), one.owned_by} - {""}


def listed(graph: Graph, path: str) -> list[dict[str, Any]]:
    """The rows of all pages of a short list; a list that goes round in circles ends."""
    page = graph.get(path)
    found = rows(page)
    for _ in range(_PAGES):
        link = link_in(page, NEXT)
        if not link:
            break
        page = graph.follow(link)
        found += rows(page)
    return found


def calendars_of(documents: Iterable[dict[str, Any]], chosen: Collection[str] = ()) -> Calendars:
    """The calendars, sorted out; an entry that makes no sense is left out with a sentence."""
    words = {one.lower() for one in chosen}
    found: dict[str, Listed] = {}
    left_out: list[str] = []
    for document in documents:
        try:
            one = msgspec.convert(document, Listed)
        except msgspec.ValidationError as error:
            left_out.append(f"a calendar is not read, Outlook describes it in a way that is not understood: {error}")
            continue
        found[one.id] = one
    mine = next((one.owned_by for one in found.values() if one.is_default_calendar), "")
    why = {one.id: _why_not(one, mine) for one in found.values()}
    own = [one for one in found.values() if not why[one.id]]
    others = [one for one in found.values() if why[one.id]]
    own += [msgspec.structs.replace(one, others=True) for one in others if words & _words(one)]
    left_out += [f"{one.title} is not read: {why[one.id]}" for one in others if not words & _words(one)]
    return Calendars(sorted(own, key=lambda one: not one.is_default_calendar), left_out)


def _why_not(one: Listed, mine: str) -> str:
    """An account of Outlook.com may own its calendars under a name of Microsoft's, so they are compared by owner."""
    if one.is_default_calendar:
        return ""
    if one.owned_by and mine and one.owned_by != mine:
        return (
            f"it is the time of {one.owned_by}; what you take part in stands in your own calendar; if it is yours too:"
            f" --shared {one.title!r}"
        )
    if one.can_edit is False:
        return f"it cannot be edited, so it is a copy; if it is yours, connect its source, or: --shared {one.title!r}"
    return ""
