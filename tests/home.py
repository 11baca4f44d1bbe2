"""A home for black-box tests: write ordinary files, run commands, read their JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from amity.cli import main

ME = "me@x.org"
SETTINGS = """\
[me]
timezone = "{zone}"
addresses = [{addresses}]
hours = "Mon-Fri 09:00-17:30"
"""


def vevent(uid: str, start: str, end: str = "", *lines: str, title: str = "Talk") -> str:
    """One VEVENT; times as `20260901T100000Z`, or with their own parameters as `;TZID=Europe/Paris:2026…`."""

    def when(name: str, value: str) -> list[str]:
        return [] if not value else [f"{name}{value}" if value.startswith(";") else f"{name}:{value}"]

    body = [f"UID:{uid}", f"SUMMARY:{title}", *when("DTSTART", start), *when("DTEND", end), *lines]
    return "\r\n".join(["BEGIN:VEVENT", *body, "END:VEVENT", ""])


def guests(*others: str, mine: str = "ACCEPTED", organizer: str = "") -> list[str]:
    """The lines of a guest list: mine, then the others (all accepted unless written `address/PARTSTAT`)."""
    lines = [f"ORGANIZER:mailto:{organizer}"] if organizer else []
    lines.append(f"ATTENDEE;PARTSTAT={mine}:mailto:{ME}")
    for other in others:
        address, _, answer = other.partition("/")
        lines.append(f"ATTENDEE;PARTSTAT={answer or 'ACCEPTED'}:mailto:{address}")
    return lines


def mail(sender: str, to: str, date: str, body: str = "Hello there", *headers: str, subject: str = "Words") -> str:
    """One mail in mbox form; `date` as `Tue, 01 Sep 2026 10:00:00 +0000`."""
    fields = [f"From: {sender}", f"To: {to}", f"Date: {date}", f"Subject: {subject}", *headers]
    return "\n".join(["From x Tue Sep  1 10:00:00 2026", *fields, "", body, "", ""])


class Home:
    """One owner's home in a folder; every command runs in this process through the real command line."""

    def __init__(self, folder: Path, *, zone: str = "UTC", addresses: Sequence[str] = (ME,), more: str = "") -> None:
        self.folder = folder / "home"
        self.inbox = folder / "files"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.inbox.mkdir(parents=True, exist_ok=True)
        self.as_of = "2026-11-01T00:00:00Z"
        quoted = ", ".join(f'"{address}"' for address in addresses)
        self.settings(SETTINGS.format(zone=zone, addresses=quoted) + more)

    def settings(self, text: str) -> None:
        (self.folder / "amity.toml").write_text(text, encoding="utf-8")

    def invoke(self, *arguments: str) -> Result:
        return CliRunner().invoke(main, [*arguments, "--home", str(self.folder)])

    def json(self, *arguments: str, as_of: str | None = "") -> Any:
        """The document a command prints; fails with the command's own sentence."""
        moment = [] if as_of is None else ["--as-of", as_of or self.as_of]
        result = self.invoke(*arguments, *moment, "--json")
        assert result.exit_code == 0, f"{arguments}: exit {result.exit_code}\n{result.output}\n{result.exception!r}"
        return json.loads(result.stdout)

    def bring(self, name: str, text: str) -> Any:
        """Write one file and import it."""
        path = self.inbox / name
        path.write_bytes(text.encode())
        return self.json("import", str(path), as_of=None)

    def calendar(self, *vevents: str, name: str = "cal.ics", head: str = "") -> Any:
        return self.bring(name, f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{head}{''.join(vevents)}END:VCALENDAR\r\n")

    def mbox(self, *mails: str, name: str = "inbox.mbox") -> Any:
        return self.bring(name, "".join(mails))

    def totals(self, period: str = "all", **options: str | None) -> dict[str, float]:
        totals: dict[str, float] = self.json("time", period, **options)["totals"]
        return totals

    def minutes(self, by: str = "person", period: str = "all", measure: str = "attributed") -> dict[str, float]:
        """Minutes per row, keyed by the person's first address (or pseudo name), goal, day, …"""
        rows = self.json("time", period, "--by", by, "--measure", measure)["rows"]

        def key(row: dict[str, Any]) -> str:
            value = row[by]
            return str(value if isinstance(value, str) else (value["addresses"] or [value["id"]])[0])

        return {key(row): round(row["minutes"], 3) for row in rows if row["minutes"]}

    def reasons(self, period: str = "all") -> list[str]:
        """Why things earned nothing, sorted."""
        return sorted(row["reason"] for row in self.json("uncounted", period))

    def people(self, *, everyone: bool = False) -> dict[str, dict[str, Any]]:
        found = self.json("people", *(["--all"] if everyone else []))
        return {address: person for person in found for address in person["addresses"]}
