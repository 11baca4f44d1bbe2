"""Planted calendars, address books and settings as files."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.world.plot import Plot
from tests.world.values import Meeting, Who


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _when(name: str, moment: datetime, zone: str) -> str:
    return f"{name};TZID={zone}:{moment:%Y%m%dT%H%M%S}"


class _Calendar:
    """Writes entries in the owner's zone; single ones sometimes in UTC."""

    def __init__(self, plot: Plot, chance: random.Random) -> None:
        self.plot, self.chance, self.zone = plot, chance, str(plot.zone)

    def entry(self, meeting: Meeting) -> str:
        body = self._body(meeting)
        lines = [*self._span(meeting, meeting.start), *([f"RRULE:{meeting.rule}"] if meeting.rule else [])]
        lines += [_when("EXDATE", moment, self.zone) for moment in meeting.dropped]
        found = [self._event(meeting, [*lines, *body])]
        for original, moved in sorted(meeting.moved.items()):
            override = [_when("RECURRENCE-ID", original, self.zone), *self._span(meeting, moved)]
            found.append(self._event(meeting, [*override, *body]))
        return "".join(found)

    def _event(self, meeting: Meeting, lines: list[str]) -> str:
        made = meeting.created or min(meeting.start - timedelta(days=6), self.plot.end)
        head = [f"UID:{meeting.uid}", f"DTSTAMP:{_stamp(made)}", f"CREATED:{_stamp(made)}"]
        return "\r\n".join(["BEGIN:VEVENT", *head, *map(_folded, lines), "END:VEVENT", ""])

    def _body(self, meeting: Meeting) -> list[str]:
        lines = [f"SUMMARY:{_escaped(meeting.title)}"]
        if meeting.guests:
            address, name = meeting.organizer or (self.plot.me.address, self.plot.me.name)
            lines.append(f'ORGANIZER;CN="{name}":mailto:{address}')
            if meeting.organizer is not None or self.chance.random() < 0.7:
                lines.append(f'ATTENDEE;CN="{self.plot.me.name}";PARTSTAT={meeting.mine}:mailto:{self.plot.me.address}')
        for guest in meeting.guests:
            name = f';CN="{guest.name}"' if guest.name else ""
            kind = f";CUTYPE={guest.kind}" if guest.kind else ""
            lines.append(f"ATTENDEE{name}{kind};PARTSTAT={guest.answer};RSVP=TRUE:mailto:{guest.address}")
        return lines + [line for line in meeting.lines if not line.startswith("X-ZONE:")]

    def _span(self, meeting: Meeting, start: datetime) -> list[str]:
        if meeting.days:
            end = start.date() + timedelta(days=meeting.days)
            return [f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"]
        zone = next((line[7:] for line in meeting.lines if line.startswith("X-ZONE:")), self.zone)
        end = (start.astimezone(UTC) + timedelta(minutes=meeting.minutes)).astimezone(start.tzinfo)
        if zone != self.zone or (not meeting.rule and not meeting.moved and self.chance.random() < 0.3):
            return [f"DTSTART:{_stamp(start)}", f"DTEND:{_stamp(end)}"]
        return [_when("DTSTART", start, zone), f"DURATION:PT{meeting.minutes}M"]


def _folded(line: str) -> str:
    """RFC 5545 folds at 75 octets; every program reads longer lines too, and some write them."""
    data, parts = line.encode(), []
    while len(data) > 75:
        cut = 75
        while data[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(data[:cut].decode())
        data = b" " + data[cut:]
    return "\r\n".join([*parts, data.decode()])


def write_calendars(folder: Path, plot: Plot) -> list[Path]:
    chance = random.Random(plot.seed + 1)  # noqa: S311  how it is written
    calendar, paths = _Calendar(plot, chance), []
    split = chance.random() < 0.3
    parts = (plot.meetings[::2], plot.meetings[1::2]) if split else (plot.meetings,)
    for number, meetings in enumerate(parts):
        name = ("Work", "Home")[number]
        text = "".join(map(calendar.entry, meetings))
        path = folder / f"{name}.ics"
        head = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//planted//EN\r\nX-WR-CALNAME:{name}\r\n"
        path.write_bytes((head + text + "END:VCALENDAR\r\n").encode())
        paths.append(path)
    return paths


def _vcard(who: Who, version: str) -> str:
    first, _, family = who.name.partition(" ")
    mails = [f"EMAIL;TYPE={kind}:{address}" for kind, address in zip(("HOME", "WORK"), who.addresses, strict=False)]
    extra = [f"CATEGORIES:{','.join(who.labels)}"] if who.labels else []
    extra += [f"TITLE:{who.title}"] if who.title else []
    lines = [f"VERSION:{version}", f"FN:{who.name}", f"N:{family};{first};;;", *mails, *extra]
    return "\r\n".join(["BEGIN:VCARD", *lines, "END:VCARD", ""])


def write_cards(folder: Path, plot: Plot) -> list[Path]:
    """vCards, or the CSV that Google exports."""
    chance = random.Random(plot.seed + 2)  # noqa: S311  how it is written
    carded = [who for who in plot.people if who.card]
    if chance.random() < 0.7:
        path = folder / "contacts.vcf"
        version = chance.choice(("3.0", "4.0"))
        path.write_bytes("".join(_vcard(who, version) for who in carded).encode())
        return [path]
    mails = ",".join(f"E-mail {number} - {part}" for number in (1, 2) for part in ("Label", "Value"))
    head = f"First Name,Last Name,Labels,{mails},Organization Title"
    rows = []
    for who in carded:
        first, _, last = who.name.partition(" ")
        labels = " ::: ".join(("* myContacts", *who.labels))
        second = who.addresses[1] if len(who.addresses) > 1 else ""
        rows.append(f"{first},{last},{labels},* Home,{who.address},Work,{second},{who.title}")
    path = folder / "contacts.csv"
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return [path]


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {_toml(one)}" for key, one in value.items()) + " }"
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def _table(name: str, table: dict[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in table.items()), "", ""])


def settings(plot: Plot) -> str:
    """The text of amity.toml."""
    me = {"timezone": str(plot.zone), "addresses": plot.me.addresses, "hours": "Mon-Fri 09:00-17:30"}
    found = [_table("me", dict(me))]
    found += [_table(f"goals.{slug}", goal) for slug, goal in plot.goals.items()]
    found += [_table(f"tiers.{slug}", tier) for slug, tier in plot.tiers.items()]
    found += [_table(f"people.{json.dumps(address)}", wish) for address, wish in plot.wishes.items()]
    now = {"working_on": ["Our next release"], "help_wanted": ["design partners"]}
    return "".join([*found, _table("now", dict(now))])
