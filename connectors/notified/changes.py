"""The only requests to a provider that are no question: they begin, prolong and end notifications to us.

Nothing of the person's is touched by them. Each is a verb and a whole address; `connectors.http.Http` sends no other.
"""

from __future__ import annotations

import re

from connectors.http import Change

POST, PATCH, DELETE = "POST", "PATCH", "DELETE"
_ONE = "[^/?#]+"  # one part of a path


def gmail(base: str) -> tuple[Change, ...]:
    """https://developers.google.com/workspace/gmail/api/reference/rest/v1/users/watch and …/stop."""
    return (_change(POST, base, "gmail/v1/users/me/(?:watch|stop)"),)


def calendar(base: str) -> tuple[Change, ...]:
    """https://developers.google.com/workspace/calendar/api/v3/reference/events/watch and …/channels/stop."""
    return (_change(POST, base, f"calendars/{_ONE}/events/watch"), _change(POST, base, "channels/stop"))


def graph(base: str) -> tuple[Change, ...]:
    """https://learn.microsoft.com/graph/api/resources/subscription."""
    one = f"/subscriptions/{_ONE}"
    return (_change(POST, base, "/subscriptions"), _change(PATCH, base, one), _change(DELETE, base, one))


def _change(verb: str, base: str, path: str) -> Change:
    return Change(verb, re.compile(re.escape(base) + path))
