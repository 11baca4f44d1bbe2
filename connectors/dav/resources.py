"""One resource of a server, as bytes, to what it says, by the readers of files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from io import BytesIO
from typing import NamedTuple

from connectors.files import ics, vcf
from connectors.ical import Calendar
from connectors.items import Item, Problem, Skipped
from events.envelope import NewEvent
from events.vocabulary import ContactObserved


class Resource(NamedTuple):
    """What a resource says: events; else why it is none of ours; and what of it could not be read."""

    events: tuple[NewEvent, ...] = ()
    skip: str = ""
    problems: tuple[Problem, ...] = ()


def calendar_resource(body: bytes, *, source: str, where: str, title: str) -> Resource:
    """A master and its changed instances, or some of them (RFC 4791, 4.1). `title`: what the calendar is called."""
    calendar = Calendar(title, named=bool(title))
    return _gathered(ics.entries(BytesIO(body), calendar, source=source, where=where), where, "calendar entry")


def card_resource(body: bytes, *, source: str, where: str, groups: Mapping[str, Sequence[str]]) -> Resource:
    """One card (RFC 6352, 5.1). `groups`: the names of the groups that each member, a UID or an address, is in."""

    def items() -> Iterator[Item]:
        for found in vcf.cards(BytesIO(body), source, where, {}):
            if isinstance(found, ContactObserved):
                yield from vcf.labelled([found], groups)
            else:
                yield found

    return _gathered(items(), where, "contact card")


def groups_of(bodies: Sequence[bytes]) -> dict[str, list[str]]:
    """Member (a UID or an address) to the names of the groups it is in, from the cards of an address book."""
    groups: dict[str, list[str]] = {}
    for body in bodies:
        for _ in vcf.cards(BytesIO(body), "", "", groups):
            pass
    return {member: sorted(set(groups[member])) for member in sorted(groups)}


def _gathered(items: Iterator[Item], where: str, noun: str) -> Resource:
    events: list[NewEvent] = []
    skips: list[str] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, Problem):
            problems.append(item)
        elif isinstance(item, Skipped):
            skips.append(item.reason)
        else:
            events.append(item)
    if not events and not skips and not problems:
        problems.append(Problem(where, f"this resource holds no {noun}; look at it in the program that made it"))
    skip = skips[0] if skips and not events and not problems else ""
    return Resource(tuple(events), skip, tuple(problems))
