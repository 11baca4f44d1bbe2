"""`amity slots`, `amity can-i`: time that is still to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from amity import grammar, terminal
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.queries import ahead
from events.errors import UsageError

FLAGGED = 3  # the contract's exit code of --check
_DAY_MINUTES = 24 * 60
_ON = "%Y%m%dT%H%M%SZ"


@command("slots", as_of=True, known_at=True)
@click.option("--for", "who", required=True, metavar="PERSON", help="Whose tier and budget say what may be offered.")
@click.option("--format", "form", type=click.Choice(["text", "json", "ics"]), default="text")
def slots_command(call: Call, who: str, form: str) -> None:
    """Times to offer PERSON: working hours, less what is busy, within what is left of the week's budget.

    Nothing but times is in any format: they are made to be sent.
    """
    with call.session() as session:
        answer = ahead.slots_for(session, who)
        zone, now_ms = session.zone, session.as_of_ms
    if call.json or form == "json":
        print_json(answer)
    elif form == "ics":
        click.echo(calendar(answer, now_ms), nl=False)
    else:
        print_lines(_lines(answer, zone.key))


def _lines(answer: list[dict[str, str]], zone: str) -> list[str]:
    """A line a day; slots that follow each other are one stretch, which is shorter to read and to write down."""
    days: dict[str, list[tuple[datetime, datetime]]] = {}
    lengths: dict[int, None] = {}
    for one in answer:
        start, end = (datetime.fromisoformat(one[key]) for key in ("start", "end"))
        spans = days.setdefault(f"{start:%a} {start.day} {start:%b}", [])
        if spans and spans[-1][1] == start:
            start = spans.pop()[0]
        spans.append((start, end))
        lengths.setdefault(round((end - datetime.fromisoformat(one["start"])).total_seconds() / 60))
    found = [f"{' or '.join(map(str, lengths))} min each · {zone}"]
    for day, spans in days.items():
        times = [f"{start:%H:%M}-{end:%H:%M}" for start, end in spans]
        first, *rest = terminal.wrap(times, width() - 12, ", ")
        found += [f"{day:<11} {first}", *(f"{'':<11} {line}" for line in rest)]
    return found if days else ["Nothing is free in the next twelve weeks."]


def calendar(slots: list[dict[str, str]], now_ms: int) -> str:
    """The slots as an iCalendar object (RFC 5545) that blocks nobody's time; it says nothing but when."""
    from datetime import UTC  # noqa: PLC0415  one format, one import

    stamp = datetime.fromtimestamp(now_ms // 1000, UTC).strftime(_ON)
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Amity//slots//EN", "METHOD:PUBLISH"]
    for one in slots:
        start, end = (datetime.fromisoformat(one[key]).astimezone(UTC).strftime(_ON) for key in ("start", "end"))
        lines += ["BEGIN:VEVENT", f"UID:slot-{start}-{end}@amity.invalid", f"DTSTAMP:{stamp}", f"DTSTART:{start}",
                  f"DTEND:{end}", "SUMMARY:Open for a meeting", "TRANSP:TRANSPARENT", "END:VEVENT"]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""])


@command("can-i", as_of=True, known_at=True)
@click.argument("length", metavar="1h")
@click.argument("every", required=False, metavar="[weekly]")
@click.option("--with", "who", required=True, metavar="PERSON")
@click.option("--check", is_flag=True, help="Exit 3 when it would break something.")
def can_i_command(call: Call, length: str, every: str | None, who: str, *, check: bool) -> int:
    """What a yes would cost: this week with PERSON before and after, booked time included, and what it would break."""
    if every not in {None, "weekly"}:
        raise UsageError(f'"{every}" is not understood: write `amity can-i 1h weekly --with PERSON`, or no weekly.')
    with call.session() as session:
        answer = ahead.preview(session, _minutes(length), who, weekly=every == "weekly")
    if call.json:
        print_json(answer)
    else:
        print_lines(_preview_lines(answer))
    return FLAGGED if check and not answer["ok"] else 0


def _minutes(text: str) -> float:
    try:
        found = grammar.minutes(text)
    except ValueError as error:
        raise UsageError(f"{error}.") from None
    if not 0 < found <= _DAY_MINUTES:
        raise UsageError(f'"{text}" is no length of a meeting: write "1h" or "45m".')
    return found


def _preview_lines(one: dict[str, Any]) -> list[str]:
    def line(when: str, part: dict[str, Any]) -> list[str]:
        most = "no budget" if part["max_minutes"] is None else f"of {terminal.hours(part['max_minutes'])}"
        return [when, terminal.hours(part["before_minutes"]), terminal.hours(part["after_minutes"]), most]

    name = one["person"]["name"]
    body = [line("this week", one), line("four weeks", one["four_weeks"])]
    found = terminal.table([name, "now", "then", ""], body, (1, 2), width())
    said = [f"breaks {text}" for text in one["breaks"]] + [f"note: {text}" for text in one["notes"]]
    return [*found, *map(terminal.safe, said), *(["ok"] if one["ok"] else [])]
