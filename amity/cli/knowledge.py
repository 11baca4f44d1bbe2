"""`amity search`, `who`, `intros`: what is kept by its words, whom to ask, and who should meet whom."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import click

from amity import drafts, resolve, terminal
from amity.cli.decide import decide, real, today
from amity.cli.options import Call, command, print_json, print_lines, width
from amity.period import Period, parse
from amity.queries import knowing, searching
from amity.session import Session
from amity.terminal import safe
from events.errors import UsageError

FOUND = 50  # rows of `search` without --limit
WORDS = ("suggested", "opted-in", "sent", "met", "declined")
HELP = "Write `amity intros`, `amity intros draft A B` or `amity intros mark A B WORD`."


@command("search", as_of=True, known_at=True)
@click.argument("text", nargs=-1, required=True, metavar="WORDS")
@click.option("--person", "who", metavar="PERSON", help="Only what this person is part of.")
@click.option("--period", default="all", metavar="PERIOD", help="Only of this time.")
@click.option("--limit", type=click.IntRange(min=1, max=10_000), default=FOUND, help="At most so many, the newest.")
def search_command(call: Call, text: tuple[str, ...], who: str | None, period: str, limit: int) -> None:
    """Mails, meetings, notes and people that hold all of WORDS, in any language; the last of WORDS may be a PERIOD."""
    if not any(word.isalnum() for word in "".join(text)):
        raise UsageError("Search for what? Write a word or several: amity search pricing.")
    with call.session() as session:
        words, within = _period(session, text, period)
        rows = searching.search(session, " ".join(words), who=who, period=within, limit=limit)
    if call.json:
        print_json(rows)
        return
    cells = [
        [one["at"][:16].replace("T", " "), one["kind"], _name(one), one["title"], f"#{one['position']}"] for one in rows
    ]
    print_lines(terminal.table(["at", "kind", "person", "title", ""], cells, (0, 4), width()) if rows else ["Nothing."])


def _period(session: Session, text: tuple[str, ...], period: str) -> tuple[tuple[str, ...], Period]:
    """A last word that is a period with a dash in it, beside others, is one; a year alone is a word."""
    if period == "all" and len(text) > 1 and "-" in text[-1]:
        with suppress(UsageError):  # then it is a word like the others
            return text[:-1], parse(text[-1], session.zone, session.as_of_ms)
    return text, parse(period, session.zone, session.as_of_ms)


def _name(row: dict[str, Any]) -> str:
    return str(row["person"]["name"]) if row["person"] else ""


@command("who", as_of=True, known_at=True)
@click.argument("topic", nargs=-1, required=True, metavar="TOPIC")
@click.option("--limit", type=click.IntRange(min=1), default=10, help="At most so many in the table.")
def who_command(call: Call, topic: tuple[str, ...], limit: int) -> None:
    """Who can help with TOPIC, from your own history; whom you asked twice in 30 days rests."""
    if not any(word.isalnum() for word in "".join(topic)):
        raise UsageError("Who can help with what? Write a word or several: amity who pricing.")
    with call.session() as session:
        rows = knowing.who(session, " ".join(topic))
    if call.json:
        print_json(rows)
        return
    if not rows:
        print_lines(["Nobody: no subject, title, note or label of a person you know speaks of it."])
        return
    print_lines(_told([(one, one["person"]["name"], one["state"]) for one in rows[:limit]]))


def _told(rows: list[tuple[dict[str, Any], str, str]]) -> list[str]:
    """For each entry a line, why, and what it rests on."""
    lines = []
    for one, name, state in rows:
        cited = " ".join(f"#{position}" for position in one["evidence"][-4:])
        head = f"{one['score']:6.2f}  {name}" + (f"  ({state})" if state not in {"free", "new"} else "")
        lines += [safe(terminal.cut(head, width()))]
        lines += [f"        {safe(line)}" for line in terminal.wrap(f"{one['why']} {cited}".split(), width() - 8, " ")]
    return lines


@command("intros", as_of=True, known_at=True)
@click.argument("what", nargs=-1, metavar="[suggest | draft A B | mark A B WORD]")
@click.option("--all", "everything", is_flag=True, help="Also those that were sent, came about or were declined.")
@click.option("--by", metavar="PERSON", help="mark: who of the two agreed; both without it.")
@click.option("--why", default="", metavar="TEXT", help="draft: why they should meet now, a line.")
@click.option("--output", metavar="FILE", help="draft: the file to write.")
def intros_command(
    call: Call, what: tuple[str, ...], *, everything: bool, by: str | None, why: str, output: str | None
) -> None:
    """Who should meet whom: suggest, draft the mail (into a file, never sent), or mark how far it has come."""
    match what:
        case () | ("suggest",):
            _suggest(call, everything=everything)
        case ("draft", first, second):
            _draft(call, first, second, why, output)
        case ("mark", first, second, word) if word in WORDS:
            _mark(call, first, second, word, by)
        case ("mark", _, _, word):
            raise UsageError(f'"{safe(word)}" is no state of an introduction: write {", ".join(WORDS)}.')
        case _:
            raise UsageError(HELP)


def _suggest(call: Call, *, everything: bool) -> None:
    with call.session() as session:
        rows = knowing.intros(session, everything=everything)
    if call.json:
        print_json(rows)
        return
    if not rows:
        print_lines(["No two people are known of whom one needs what the other offers and who have not met.",
                     'Needs and offers stand in amity.toml: [people."ana@x.org"] needs = ["pricing"].'])  # fmt: skip
        return
    lines = _told([(one, f"{one['a']['name']} → {one['b']['name']}", one["state"]) for one in rows])
    print_lines([*lines, *(f"        next: {safe(one['next'])}" for one in rows[:3] if one["next"])])


def _draft(call: Call, first: str, second: str, why: str, output: str | None) -> None:
    with call.session() as session:
        one, other = real(session, first), real(session, second)
        text = knowing.draft(session, one, other, why)
    path = drafts.write(call.home, f"intro-{one.key}-{other.key}.txt", text.encode(), output)
    if call.json:
        print_json({"file": str(path), "words": len(text.split()), "text": text})
    else:
        click.echo(f"Written to {safe(str(path))}; nothing is sent. Then: amity intros mark … sent")


def _mark(call: Call, first: str, second: str, word: str, by: str | None) -> None:
    from events.vocabulary import IntroductionMarked  # noqa: PLC0415  deciding needs the log; --help does not

    with today(call) as session:
        one, other = real(session, first), real(session, second)
        if one.id == other.id:
            raise UsageError(f"{one.name} cannot be introduced to themselves: write two people.")
        who: tuple[resolve.Found, ...] = (real(session, by),) if by else ()
        if any(person.id not in {one.id, other.id} for person in who):
            raise UsageError(f"{who[0].name} is neither of the two: write one of them after --by.")
        agreed = tuple(address for person in who for address in person.addresses)
        payload = IntroductionMarked(first=one.addresses, second=other.addresses, word=word, by=agreed)
        told = f"The introduction of {one.name} and {other.name} is marked {word}"
        decide(call, session, payload, told + (f" by {who[0].name}" if who else ""))
