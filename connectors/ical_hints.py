"""What calendar programs say beside the standard: busy status, focus time, birthdays, booking links. Pure.

The words are those that the programs themselves write; a title counts only where nobody else is invited, so that a
meeting *about* focus time stays a meeting.
"""

from __future__ import annotations

import re

_BUSY = {
    "FREE": "free", "TENTATIVE": "tentative", "OOF": "oof", "WORKINGELSEWHERE": "elsewhere",
}  # fmt: skip
# Google Calendar API, Event.eventType; exports of other programs carry it in X-GOOGLE-EVENT-TYPE.
_EVENT_TYPES = {
    "OUTOFOFFICE": "out_of_office", "FOCUSTIME": "focus", "WORKINGLOCATION": "working_location",
    "BIRTHDAY": "birthday", "FROMGMAIL": "from_mail",
}  # fmt: skip
_FOCUS = frozenset({
    "focus time", "focus", "fokuszeit", "temps de concentration", "moment de concentration", "tiempo para concentrarse",
    "tiempo de concentración", "tempo de foco", "hora de se concentrar", "focustijd", "fokustid",
})  # fmt: skip
_AWAY = frozenset({
    "out of office", "ooo", "out of the office", "abwesend", "außer haus", "absent du bureau", "absence du bureau",
    "fuera de la oficina", "fuori sede", "fora do escritório", "afwezig", "frånvarande",
})  # fmt: skip
_ELSEWHERE = frozenset({"working from home", "wfh", "home office", "homeoffice", "télétravail", "teletrabajo"})
_BIRTHDAY_LABELS = frozenset({"birthday", "birthdays", "anniversary", "geburtstag", "anniversaire", "cumpleaños"})
_BIRTHDAY_CALENDARS = frozenset({
    "birthdays", "contacts' birthdays and events", "geburtstage", "anniversaires", "cumpleaños", "compleanni",
    "aniversários", "verjaardagen", "födelsedagar",
})  # fmt: skip
_BIRTHDAY_TITLE = re.compile(
    "(?:.{1,80}['\u2019]s birthday|happy birthday!?|birthday .{1,80}|geburtstag.{0,80})", re.IGNORECASE
)
# A link to one's booking page stands in many signatures; only these are written when somebody has booked.
_BOOKED = re.compile(
    r"calendly\.com/(?:cancellations|reschedulings)|powered by calendly|//(?:app\.)?cal\.com/(?:booking|reschedule)"
    r"|youcanbook\.me/[^\s]{0,200}(?:cancel|resched)|acuityscheduling\.com/[^\s]{0,200}(?:cancel|appt|id\[\])"
    r"|savvycal\.com/[^\s]{0,200}(?:cancel|resched)|zcal\.co/[^\s]{0,200}(?:cancel|resched)"
    r"|tidycal\.com/[^\s]{0,200}(?:cancel|resched|booking)|meetings\.hubspot\.com/[^\s]{0,200}(?:cancel|resched)"
    r"|<b>booked by</b>|outlook\.office365\.com/[^\s]{0,100}bookings"
    r"|scheduled (?:with|via|by) (?:calendly|savvycal|doodle)",
    re.IGNORECASE,
)
# One of these is in all of the above: plain searches are ten times faster, and most descriptions hold none.
_BOOKED_MARKS = ("cancel", "resched", "book", "calendly", "appt", "id[]", "scheduled ")


def busy_of(transparent: bool, status: str, intended: str) -> str:  # noqa: FBT001  TRANSP has two values
    """Show-as, by Microsoft's busy status, else the status its sender intended, else TRANSP; "" is busy."""
    busy = _BUSY.get((status or intended).strip().upper(), "")
    return busy or ("free" if transparent else "")


def kind_of(event_type: str, title: str, labels: tuple[str, ...], calendar: str, *, all_day: bool, alone: bool) -> str:
    """What the entry is if it is no meeting: focus, out_of_office, working_location, birthday, from_mail; else ""."""
    declared = _EVENT_TYPES.get(event_type.replace("_", "").upper())
    if declared or not alone:
        return declared or ""
    words = {title.strip().lower(), *(label.lower() for label in labels)}
    for kind, known in (("focus", _FOCUS), ("out_of_office", _AWAY), ("working_location", _ELSEWHERE)):
        if words & known:
            return kind
    by_calendar = calendar.lower() in _BIRTHDAY_CALENDARS
    if all_day and (by_calendar or words & _BIRTHDAY_LABELS or _BIRTHDAY_TITLE.fullmatch(title)):
        return "birthday"
    return ""


def is_booked(description: str) -> bool:
    """Whether a scheduling page made the entry: then whoever booked it initiated it, not its organiser."""
    lower = description.lower()
    return any(mark in lower for mark in _BOOKED_MARKS) and _BOOKED.search(lower) is not None
