"""Decisions of the owner: each is an event, dated `--as-of`, and each can be undone."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from amity import grammar, resolve
from amity.cli.options import Call, command, print_json
from amity.period import instant, iso, local_day, parse
from amity.session import Session, open_session
from amity.terminal import safe
from events.errors import UsageError

if TYPE_CHECKING:
    from events.vocabulary import Payload

ALERTS = ("neglected", "over", "fading")
UNDONE = "decision.undone.v1"


def today(call: Call) -> Any:
    """The views as they are now: decisions are made on what is known, whatever day they are dated."""
    return open_session(call.home, call.clock_ms())


def dated(call: Call, session: Session) -> int:
    return instant(call.as_of, session.zone) if call.as_of else call.clock_ms()


def decide(call: Call, session: Session, payload: Payload, changed: str) -> None:
    """Append, fold, and say what changed."""
    from amity import wiring  # noqa: PLC0415  deciding needs the log; --help does not
    from events.envelope import stream_of  # noqa: PLC0415  likewise

    at_ms = dated(call, session)
    position = wiring.decide(call.home, payload, stream_of(None, "decision", payload.wire), at_ms, call.clock_ms())
    if call.json:
        print_json(
            {
                "position": position,
                "decision": payload.wire,
                "at": iso(at_ms, session.zone),
                "changed": changed,
            }
        )
    elif payload.wire == UNDONE:
        click.echo(safe(changed))
    else:
        click.echo(f"{safe(changed)} (#{position}; `amity undo` takes it back)")


@command("merge", as_of=True)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option("--reason", default="", help="Why, for yourself.")
def merge_command(call: Call, first: str, second: str, reason: str) -> None:
    """A and B are one person."""
    from events.vocabulary import PeopleMerged  # noqa: PLC0415  deciding needs the log; --help does not

    with today(call) as session:
        one, other = (real(session, text) for text in (first, second))
        if one.id == other.id:
            raise UsageError(f"{one.name} and {other.name} are one person already.")
        payload = PeopleMerged(first=one.addresses, second=other.addresses, reason=reason)
        decide(call, session, payload, f"{one.name} and {other.name} are one person")


@command("split", as_of=True)
@click.argument("who", metavar="PERSON")
@click.argument("address", metavar="ADDR")
@click.option("--reason", default="", help="Why, for yourself.")
def split_command(call: Call, who: str, address: str, reason: str) -> None:
    """ADDR is not PERSON's."""
    from events.vocabulary import PeopleSplit  # noqa: PLC0415  deciding needs the log; --help does not

    with today(call) as session:
        person, wanted = real(session, who), address.strip().lower()
        others = tuple(other for other in person.addresses if other != wanted)
        if wanted not in person.addresses or not others:
            raise UsageError(_nothing_to_split(session, person, wanted))
        payload = PeopleSplit(address=wanted, others=others, reason=reason)
        decide(call, session, payload, f"{wanted} is not {person.name}")


def _nothing_to_split(session: Session, person: resolve.Found, wanted: str) -> str:
    have = ", ".join(person.addresses)
    if wanted in person.addresses:
        return f"{wanted} is the only address of {person.name}: nothing was split, nothing is recorded."
    row = session.views.execute("SELECT 1 FROM address WHERE address = ?", (wanted,)).fetchone()
    so = "already is not theirs" if row else "was never seen"
    return f"{wanted} {so}: nothing was split from {person.name} ({have}), nothing is recorded."


@command("mark", as_of=True)
@click.argument("event", type=int, metavar="EVENT")
@click.argument("word", metavar="attended|no-show|goal=G|ignore|STATE|ask=WORD")
@click.option("--on", "day", metavar="DATE", help="Which occurrence of a series.")
def mark_command(call: Call, event: int, word: str, day: str | None) -> None:
    """Say what a meeting or mail was, or what became of a request; EVENT is the position that is printed.

    STATE of a request: open, answered, accepted, declined, redirected, deferred=DATE, not-a-request; delegated for what
    you wait for until you say otherwise. WORD of an ask: asked, yes, no, silence, thanked.
    """
    from amity.cli import request_marks  # noqa: PLC0415  deciding needs the log; --help does not
    from events.vocabulary import MeetingMarked  # noqa: PLC0415  likewise

    with today(call) as session:
        if request_marks.is_about_requests(word):
            asked = request_marks.marked(session, event, word)
            decide(call, session, asked, f'"{_marked(session, event, None)[1]}" is marked {word}')
            return
        check_word(session, word)
        start_ms, title = _marked(session, event, day)
        payload = MeetingMarked(position=event, word=word, start_ms=start_ms)
        decide(call, session, payload, f'"{title}" is marked {word}')


def check_word(session: Session, word: str) -> None:
    if word in {"attended", "no-show", "ignore"}:
        return
    goals = [goal["slug"] for goal in session.rules.get("goals", ())]
    if not word.startswith("goal="):
        raise UsageError(f'"{word}" is no mark: write attended, no-show, ignore, goal=G or a state of a request.')
    if word.removeprefix("goal=") not in [*goals, "unassigned"]:
        raise UsageError(
            f'There is no goal "{word.removeprefix("goal=")}" in amity.toml; there are: {", ".join(goals) or "none"}.'
        )


def _marked(session: Session, position: int, day: str | None) -> tuple[int | None, str]:
    """(start of the one occurrence that is meant or None for all, title)."""
    rows = session.views.execute(
        "SELECT original_ms, start_ms, title, private FROM occurrence WHERE position = ? ORDER BY start_ms",
        (position,),
    ).fetchall()
    if not rows:
        found = session.views.execute(
            "SELECT subject FROM message WHERE position = ? UNION SELECT text FROM note WHERE id = ?",
            (position, position),
        ).fetchone()
        if found is None:
            raise UsageError(
                f"No meeting, mail or note stands at #{position}: take a number of `explain` or `uncounted`."
            )
        return None, found[0]
    title = "(private)" if rows[0][3] else rows[0][2]
    if day is None:
        return (rows[0][1] if len(rows) == 1 else None), title
    on = parse(day, session.zone, session.as_of_ms)
    starts = [start for _, start, _, _ in rows if on.since <= local_day(start, session.zone) < on.until]
    if len(starts) != 1:
        raise UsageError(f'"{title}" has {len(starts)} occurrences on {day}: write another --on.')
    return starts[0], title


@command("snooze", as_of=True)
@click.argument("who", metavar="PERSON")
@click.argument("length", metavar="14d")
def snooze_command(call: Call, who: str, length: str) -> None:
    """No alert about PERSON for some days; they do not count as neglect either."""
    from events.vocabulary import PersonSnoozed  # noqa: PLC0415  deciding needs the log; --help does not

    days = days_of(length)
    with today(call) as session:
        person = real(session, who)
        payload = PersonSnoozed(addresses=person.addresses, days=days)
        decide(call, session, payload, f"{person.name} is snoozed for {days:g} days")


def days_of(text: str) -> float:
    try:
        return grammar.days(text)
    except ValueError as error:
        raise UsageError(f"{error}.") from None


@command("note", as_of=True)
@click.argument("who", metavar="PERSON")
@click.argument("text")
@click.option("--minutes", type=click.FloatRange(min=0, max=24 * 60), default=0.0, help="How long it took.")
@click.option("--goal", default="", help="Which goal it served.")
def note_command(call: Call, who: str, text: str, minutes: float, goal: str) -> None:
    """Record a contact that no calendar and no mail shows: a call, a walk, a dinner."""
    from events.vocabulary import NoteAdded  # noqa: PLC0415  deciding needs the log; --help does not

    if math.isnan(minutes):  # which lies in every range that click checks
        raise UsageError('"nan" is no number of minutes: write --minutes 30.')
    with today(call) as session:
        person = real(session, who)
        if goal:
            check_word(session, f"goal={goal}")
        payload = NoteAdded(addresses=person.addresses, text=text, minutes=minutes, goal=goal)
        decide(
            call,
            session,
            payload,
            f"Noted with {person.name}: {text}" + (f", {minutes:g} min" if minutes else ""),
        )


@command("fine", as_of=True)
@click.argument("alert", type=click.Choice(ALERTS))
@click.argument("who", metavar="PERSON")
def fine_command(call: Call, alert: str, who: str) -> None:
    """What ALERT says about PERSON is fine: it goes away, and no other; it comes back when it gets worse."""
    from amity.queries import judged  # noqa: PLC0415  deciding needs the log; --help does not
    from events.vocabulary import PersonAccepted  # noqa: PLC0415  likewise

    with call.session() as then:
        person = real(then, who)
        level = judged.level(then, alert, person.key)
    with today(call) as session:
        payload = PersonAccepted(addresses=person.addresses, alert=alert, level=level)
        decide(call, session, payload, f"{alert} is fine for {person.name} as it is")


@command("undo", as_of=True)
def undo_command(call: Call) -> None:
    """Take back the newest decision that still stands, and say which it was."""
    from amity.queries import decided  # noqa: PLC0415  deciding needs the log; --help does not
    from events.vocabulary import DecisionUndone  # noqa: PLC0415  likewise

    with today(call) as session:
        row = session.views.execute(
            "SELECT position, type, payload, at_ms FROM decision WHERE undone_by = 0 AND type != ?"
            " ORDER BY position DESC LIMIT 1",
            (DecisionUndone.wire,),
        ).fetchone()
        if row is None:
            raise UsageError("There is no decision left to undo.")
        position, wire, payload, at_ms = row
        told = f"{decided.words(session, wire, payload)} (#{position}, decided {iso(at_ms, session.zone)[:10]})"
        decide(call, session, DecisionUndone(position=position), f"Taken back: {told}")


def real(session: Session, text: str) -> resolve.Found:
    """A person one can decide about: neither a broadcast nor somebody without an address."""
    person = resolve.person(session.views, text)
    if not person.addresses:
        raise UsageError(f"{person.name} is nobody to decide about: write an address or a name.")
    return person
