"""The calendars of a mailbox, and whose time they show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from connectors.contacts import address_of
from connectors.microsoft.graph import NEXT, Graph, link_in, rows

_FIRST = "/me/calendars?$select=id,name,owner,canEdit,isDefaultCalendar&$top=100"
_PAGES = 100


class _Owner(msgspec.Struct, frozen=True):
    address: str | None = None


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """A calendar of the list."""

    id: str
    name: str | None = None
    owner: _Owner | None = None
    can_edit: bool | None = None
    is_default_calendar: bool | None = None

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


def ask_calendars(graph: Graph) -> Calendars:
    return calendars_of(listed(graph, _FIRST))


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


def calendars_of(documents: Iterable[dict[str, Any]]) -> Calendars:
    """The calendars, sorted out; an entry that makes no sense is left out with a sentence."""
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
    left_out += [f"{one.title} is not read: {why[one.id]}" for one in found.values() if why[one.id]]
    return Calendars(sorted(own, key=lambda one: not one.is_default_calendar), left_out)


def _why_not(one: Listed, mine: str) -> str:
    """An account of Outlook.com may own its calendars under a name of Microsoft's, so they are compared by owner."""
    if one.is_default_calendar:
        return ""
    if one.owned_by and mine and one.owned_by != mine:
        return f"it is the time of {one.owned_by}; what you take part in stands in your own calendar"
    if one.can_edit is False:
        return "it cannot be edited, so it is a copy; if it is yours, connect its source"
    return ""
