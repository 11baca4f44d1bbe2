"""Where Google's APIs are; a test points them at a server of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# Units or requests a user may spend in a minute: https://developers.google.com/workspace/gmail/api/reference/quota
# (projects made since 2026-05-01) and …/calendar/api/guides/quota; of People what its console shows.
GMAIL_QUOTA, CALENDAR_QUOTA, PEOPLE_QUOTA = 6_000, 600, 90


class Api(NamedTuple):
    """One of Google's APIs as its discovery document names it; `path` follows the root.

    `quota`: units a minute; `burst`: the part of it that may be spent at once, while the rest is spread evenly, so that
    no minute ever has more than all. `saved`: whether a burst is there from the beginning; not where a run that was
    just killed may have used up its minute.
    """

    name: str
    version: str
    title: str
    root: str
    path: str
    quota: int
    burst: float = 0.1
    saved: bool = True


APIS: Mapping[str, Api] = MappingProxyType({
    "gmail": Api(
        "gmail", "v1", "Gmail", "https://gmail.googleapis.com", "/", GMAIL_QUOTA, burst=0.01, saved=False
    ),
    "calendar": Api(
        "calendar", "v3", "Google Calendar", "https://www.googleapis.com", "/calendar/v3/", CALENDAR_QUOTA
    ),
    "people": Api("people", "v1", "Google Contacts", "https://people.googleapis.com", "/", PEOPLE_QUOTA),
})


def address(api: Api, endpoint: str) -> str:
    """The base of an API's addresses; `endpoint`: another server that has all of them, "" for Google's own."""
    return (endpoint.rstrip("/") or api.root) + api.path
