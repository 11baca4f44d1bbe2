"""Which meetings count, and who was in them (F1). Pure: an observation and what is known of addresses, and no clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from events.vocabulary import MeetingObserved

LARGE = 9  # from nine invitees on, only who accepted, and the organiser, were there (Viva's large meeting)
LONG_MS, DAY_MS = 8 * 3_600_000, 24 * 3_600_000
SMALL = 2  # under `auto`, an unanswered invitation counts up to this many others
UNKNOWN = 19  # others behind a hidden guest list: more than 18, a broadcast
BY_KIND = {"focus": "focus", "out_of_office": "ooo", "working_location": "working_location", "birthday": "birthday"}
_HERE = frozenset({"organizer", "accepted", "attended"})
_STRENGTH = ("accepted", "tentative", "declined", "needs-action")


class Known(NamedTuple):
    """What is known of an address: the owner's own; person, list, room or robot; the number of its person."""

    mine: bool
    kind: str
    person: int


class Guest(NamedTuple):
    """Somebody on the guest list besides me; `kind`: person, group, room or robot."""

    address: str
    answer: str
    kind: str
    takes_part: bool


class Verdict(NamedTuple):
    """What F1 says of one occurrence, before other meetings are looked at; `reason` "" where it counts."""

    answer: str
    tier: int
    reason: str
    n: int
    mine: bool
    away: bool
    guests: tuple[Guest, ...]


class Policy(NamedTuple):
    """`inclusive`: uncertain ones count. `small`: unanswered ones of one or two others do."""

    inclusive: bool = False
    small: bool = False


def judge(
    meeting: MeetingObserved, length_ms: int, known: Callable[[str], Known], policy: Policy, mark: str = ""
) -> Verdict:
    """Judge one occurrence of `length_ms`. `mark`: the owner's word on it: attended, no-show, ignore, or ""."""
    organized = bool(meeting.organizer and known(meeting.organizer.address).mine)
    answer = mark if mark in ("attended", "no-show") else my_answer(meeting, known)
    guests = _guests(meeting, known)
    n = _count(guests, known)
    if meeting.hidden:
        n = max(n, UNKNOWN)
    tier = {"attended": 0, "tentative": 2, "needs-action": 3}.get(answer, 1)
    reason = _reason(meeting, length_ms, answer, n, policy=policy, mark=mark)
    own = organized or (not meeting.organizer and not _others_listed(meeting, known))
    away = own and _live(meeting, answer) and (meeting.kind == "out_of_office" or meeting.busy == "oof")
    return Verdict(answer, tier, reason, n, organized, away and mark != "ignore", guests)


def my_answer(meeting: MeetingObserved, known: Callable[[str], Known]) -> str:
    """Give organizer, accepted, tentative, declined, needs-action, or "" for a meeting that I have no part in."""
    organized = bool(meeting.organizer and known(meeting.organizer.address).mine)
    lines = {_plain(guest.answer) for guest in meeting.attendees if known(guest.address).mine}
    line = next((answer for answer in _STRENGTH if answer in lines), "")
    if line in ("declined", "accepted"):
        return "organizer" if organized and line == "accepted" else line
    if not line and not organized and _somebody(meeting, known):
        return ""
    if meeting.status == "tentative" or meeting.busy == "tentative":
        return "tentative"
    return "organizer" if organized else line or "organizer"


def is_cancelled(meeting: MeetingObserved) -> bool:
    return meeting.status == "cancelled"


def _plain(answer: str) -> str:
    if answer == "delegated":
        return "declined"
    return answer if answer in _STRENGTH else "needs-action"


def _live(meeting: MeetingObserved, answer: str) -> bool:
    return not is_cancelled(meeting) and answer not in ("declined", "no-show")


def _somebody(meeting: MeetingObserved, known: Callable[[str], Known]) -> bool:
    return bool(meeting.organizer and meeting.organizer.address) or _others_listed(meeting, known)


def _others_listed(meeting: MeetingObserved, known: Callable[[str], Known]) -> bool:
    return any(not known(guest.address).mine for guest in meeting.attendees)


def _reason(meeting: MeetingObserved, length_ms: int, answer: str, n: int, *, policy: Policy, mark: str) -> str:
    """Give the first rule that keeps it from counting."""
    if mark in ("ignore", "no-show"):
        return {"ignore": "ignored", "no-show": "no_show"}[mark]
    rules = (
        ("cancelled", is_cancelled(meeting)),
        (BY_KIND.get(meeting.kind, ""), meeting.kind in BY_KIND),
        ("ooo", meeting.busy == "oof"),
        ("all_day", meeting.days > 0),
        ("gt_8h", length_ms > (DAY_MS if mark else LONG_MS)),
        ("not_mine", answer == ""),
        ("declined", answer == "declined"),
        ("show_as_free", meeting.busy in ("free", "elsewhere") and not mark),
        ("solo", n == 0),
        ("uncertain:tentative", answer == "tentative" and not policy.inclusive),
        ("uncertain:needsAction", answer == "needs-action" and not _counts_unanswered(n, policy)),
    )
    return next((reason for reason, hit in rules if hit), "")


def _counts_unanswered(n: int, policy: Policy) -> bool:
    return policy.inclusive or (policy.small and n <= SMALL)


def _guests(meeting: MeetingObserved, known: Callable[[str], Known]) -> tuple[Guest, ...]:
    organizer = meeting.organizer.address if meeting.organizer else ""
    lines: dict[str, tuple[str, str]] = {}
    for guest in meeting.attendees:
        if guest.address and not known(guest.address).mine:
            answer = "organizer" if guest.address == organizer and guest.answer != "declined" else _plain(guest.answer)
            lines.setdefault(guest.address, (answer, _kind(guest.kind, known(guest.address).kind)))
    invited = {known(address).person or address for address, (_, kind) in lines.items() if kind == "person"}
    if organizer and organizer not in lines and not known(organizer).mine:
        kind = known(organizer).kind
        if kind == "person":  # a room or a group calendar is not somebody who came
            lines[organizer] = ("organizer", kind)
    few = len(invited) < LARGE
    return tuple(
        Guest(address, answer, kind, _takes_part(answer, kind, few=few))
        for address, (answer, kind) in sorted(lines.items())
    )


def _kind(written: str, known: str) -> str:
    if written in ("room", "resource"):
        return "room"
    if written == "group" or known == "list":
        return "group"
    return known


def _takes_part(answer: str, kind: str, *, few: bool) -> bool:
    if kind in ("room", "robot"):
        return False
    return answer != "declined" if few else answer in _HERE


def _count(guests: tuple[Guest, ...], known: Callable[[str], Known]) -> int:
    """Other participants: one per person, and one per group."""
    here = [guest for guest in guests if guest.takes_part]
    persons = {known(guest.address).person or guest.address for guest in here if guest.kind == "person"}
    return len(persons) + sum(1 for guest in here if guest.kind == "group")
