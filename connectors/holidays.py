"""Days off from a feed of public holidays: nobody is asked to reach a week's target in four days.

The whole of a connector that another one can carry: options, a reading of each entry, and what to tell the person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from connectors.credentials.secret import Secret
from connectors.ics_feed import FeedConfig
from connectors.sync.port import Connector
from connectors.sync.provider import Provider
from events.vocabulary import MeetingObserved


def day_off(meeting: MeetingObserved, text: Callable[[str], str]) -> MeetingObserved:
    """An all-day entry of such a feed is a day off of mine; what has hours, or is only observed, is left as it is."""
    if not meeting.days or is_observance(text("DESCRIPTION")):
        return meeting
    return replace(meeting, busy="oof", kind="out_of_office", organizer=None, attendees=())


def is_observance(description: str) -> bool:
    """Whether people work on that day (Mother's Day).

    Google lists such days among the holidays, and says in each, in the calendar's language, how to hide them in Google
    Calendar; a day off names only its kind.
    """
    return description.lower().startswith("observance") or "google" in description.lower()


def _open(config: FeedConfig, secret: Secret | None, *, source: str, name: str) -> Connector:  # noqa: ARG001  a feed has none
    from connectors.feed.connector import opened  # noqa: PLC0415  only a run pays for HTTP

    return opened(config, day_off, source=source, name=name)


def _check(config: FeedConfig, secret: Secret | None) -> Sequence[str]:  # noqa: ARG001  a feed has none
    from connectors.feed.connector import checked  # noqa: PLC0415  as above

    return [
        *checked(config, day_off),
        "Its all-day entries will count as days off, those on which people work (observances) will not.",
    ]


PROVIDER = Provider(
    kind="holidays",
    help="days off, from a feed of public holidays (webcal://, https://)",
    config=FeedConfig,
    open=_open,
    check=_check,
)
