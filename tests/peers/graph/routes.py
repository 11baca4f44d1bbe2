"""Which path is answered by whom, and which scopes it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple, TypeAlias

from tests.peers.graph import calendar, calendar_delta, mail, mail_delta, people
from tests.peers.graph.call import Call, Json
from tests.peers.graph.failures import bad_request
from tests.peers.graph.paging import Raw

Handler: TypeAlias = Callable[[Call], Json | Raw]
_MAIL: Mapping[str, Handler] = {
    "mailFolders": mail.folders, "mailFolders/delta": mail_delta.folders_delta, "mailFolders/{folder}": mail.folder,
    "mailFolders/{folder}/childFolders": mail.folders, "mailFolders/{folder}/messages": mail.messages,
    "mailFolders/{folder}/messages/delta": mail_delta.messages_delta,
    "mailFolders/{folder}/messages/{message}": mail.message, "messages": mail.messages,
    "messages/{message}": mail.message, "messages/{message}/$value": mail.source,
}  # fmt: skip
_CALENDAR: Mapping[str, Handler] = {
    "events": calendar.events, "events/{event}": calendar.event, "events/{event}/instances": calendar.instances,
    "events/{event}/calendar": calendar.calendar_of,
    "calendarView": calendar.view, "calendarView/delta": calendar_delta.view_delta,
}  # fmt: skip
_CALENDARS: Mapping[str, Handler] = {
    "calendars": calendar.calendars, "calendar": calendar.calendar, "calendars/{calendar}": calendar.calendar,
    **{
        prefix + path: handler for prefix in ("", "calendar/", "calendars/{calendar}/")
        for path, handler in _CALENDAR.items()
    },
}  # fmt: skip
_CONTACTS: Mapping[str, Handler] = {
    "contacts": people.contacts, "contacts/delta": people.contacts_delta, "contacts/{contact}": people.contact,
    "contactFolders": people.folders, "contactFolders/delta": people.folders_delta,
    "contactFolders/{folder}": people.folder, "contactFolders/{folder}/childFolders": people.folders,
    "contactFolders/{folder}/contacts": people.contacts,
    "contactFolders/{folder}/contacts/delta": people.contacts_delta,
    "contactFolders/{folder}/contacts/{contact}": people.contact,
}  # fmt: skip
_USER: Mapping[str, Handler] = {"": people.me}
_SETTINGS: Mapping[str, Handler] = {"outlook/masterCategories": people.categories}


class Route(NamedTuple):
    """`kinds`: the first words of scopes, one of which is needed."""

    steps: tuple[str, ...]
    handler: Handler
    kinds: tuple[str, ...]


_GROUPS: tuple[tuple[Mapping[str, Handler], tuple[str, ...]], ...] = (
    (_MAIL, ("Mail",)), (_CALENDARS, ("Calendars",)), (_CONTACTS, ("Contacts",)), (_USER, ("User",)),
    (_SETTINGS, ("MailboxSettings",)),
)  # fmt: skip
ROUTES = [
    Route(tuple(path.split("/")) if path else (), handler, kinds)
    for group, kinds in _GROUPS for path, handler in group.items()
]  # fmt: skip


def routed(steps: list[str]) -> tuple[Route, dict[str, str]]:
    """The words are compared without case, the ids with it. Raises GraphError."""
    for route in sorted(ROUTES, key=lambda each: sum(step[0] == "{" for step in each.steps)):
        if len(route.steps) == len(steps) and all(map(_fits, route.steps, steps)):
            pairs = zip(route.steps, steps, strict=True)
            return route, {name[1:-1]: value for name, value in pairs if name.startswith("{")}
    raise bad_request(f"Resource not found for the segment '{steps[-1] if steps else ''}'.")


def canonical(steps: list[str]) -> list[str]:
    """The words as Microsoft writes them, so that globs and logs need one spelling."""
    words = {word.lower(): word for route in ROUTES for word in route.steps if word[0] != "{"}
    return [words.get(step.lower(), step) for step in steps]


def _fits(wanted: str, step: str) -> bool:
    return wanted.startswith("{") or wanted.lower() == step.lower()
