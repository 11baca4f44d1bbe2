"""A world through the command line beside the reference's answer to it: every difference as one sentence."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.acceptance import worlds
from tests.acceptance.reference import BROADCAST, GROUP, Answer, Occurrence, reckon
from tests.home import Home

NEAR = 0.01  # minutes; the program keeps milliseconds


def opened(folder: Path, made: worlds.World, *, order: int = 1) -> Home:
    """A home that has read all files of this world."""
    home = Home(folder, zone=made.zone, addresses=worlds.ME, more=made.settings())
    for name, text in list(worlds.files(made).items())[::order]:
        outcome = home.bring(name, text)
        assert not outcome["problems"], outcome
    return home


def moments(made: worlds.World, seed: int) -> list[datetime]:
    """Long after everything, and somewhere in the middle: inside a meeting where there is one."""
    ends = [found.start for found in made.meetings] + [letter.at.replace(tzinfo=None) for letter in made.letters]
    last = max(ends) + timedelta(days=40)
    middle = random.Random(seed).choice(made.meetings).start + timedelta(minutes=10)  # noqa: S311  repeatable
    found = [last.replace(tzinfo=UTC, microsecond=0), middle.replace(tzinfo=UTC)]
    # The four hours of a full day of reading are shared among all that was ever read of it, also by a later answer.
    return found[:1] if any(letter.key.startswith("r") for letter in made.letters) else found


def differences(what: str, expected: Mapping[Any, float], found: Mapping[Any, float]) -> Iterator[str]:
    for key in sorted({*expected, *found}, key=str):
        left, right = expected.get(key, 0.0), found.get(key, 0.0)
        if abs(left - right) > NEAR:
            yield f"{what} {key}: expected {left:.4f}, found {right:.4f}"


def summed(cells: Mapping[Any, float], key: Callable[[Any], Any]) -> dict[Any, float]:
    total: dict[Any, float] = defaultdict(float)
    for cell, minutes in cells.items():
        total[key(cell)] += minutes
    return total


def iso_week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def rows(home: Home, by: str, measure: str, value: str = "minutes", period: str = "all") -> dict[Any, float]:
    """Rows of `time`, keyed by their keys; a person by the first address, or the pseudo name."""
    total: dict[Any, float] = defaultdict(float)
    for row in home.json("time", period, "--by", by, "--measure", measure)["rows"]:
        key = tuple(
            row[name] if isinstance(row[name], str) else (row[name]["addresses"] or [row[name]["name"]])[0]
            for name in by.split(",")
        )
        total[key] += row[value]
    return total


def check_time(home: Home, answer: Answer) -> Iterator[str]:
    totals = home.json("time", "all")["totals"]
    yield from differences("total", answer.totals(), totals)
    clock, people = answer.clock, answer.attributed
    alone = {cell: minutes for cell, minutes in clock.items() if cell[2] == "solo"}
    yield from differences("person", summed(people, lambda c: (c[1],)), rows(home, "person", "attributed"))
    yield from differences(
        "person of meetings",
        summed({c: m for c, m in people.items() if c[3] == "meeting"}, lambda c: (c[1],)),
        rows(home, "person", "attributed", "meeting_minutes"),
    )
    yield from differences("goal", summed(clock, lambda c: (c[1],)), rows(home, "goal", "clock"))
    shared = {cell: minutes for cell, minutes in clock.items() if cell not in alone}
    yield from differences("day", summed(clock, lambda c: (c[0].isoformat(),)), rows(home, "day", "clock"))
    yield from differences("week", summed(clock, lambda c: (iso_week(c[0]),)), rows(home, "week", "clock"))
    yield from differences("channel", summed(shared, lambda c: (c[2],)), {
        key: minutes for key, minutes in rows(home, "channel", "clock").items() if key != ("solo",)
    })  # fmt: skip
    yield from differences(
        "day, person, goal, channel",
        summed(people, lambda c: (c[0].isoformat(), c[1], c[2], c[3])),
        rows(home, "day,person,goal,channel", "attributed"),
    )
    face = {(who,): minutes for who, minutes in answer.face.items() if who not in {GROUP, BROADCAST}}
    found = {key: m for key, m in rows(home, "person", "face", "meeting_minutes").items() if key != (GROUP,)}
    yield from differences("face", face, found)
    weeks = sorted({iso_week(cell[0]) for cell in clock})
    for week in weeks[:2]:
        part = sum(minutes for cell, minutes in clock.items() if iso_week(cell[0]) == week)
        seen = home.json("report", week)
        yield from differences(f"report {week}", {"clock": part}, {"clock": seen["totals"]["clock_minutes"]})
        by_goal = {row["goal"]: row["minutes"] for row in seen["goals"]}
        of_week = {cell: minutes for cell, minutes in clock.items() if iso_week(cell[0]) == week}
        yield from differences(f"report {week} goal", summed(of_week, lambda c: c[1]), by_goal)
        met = sum(minutes for cell, minutes in people.items() if iso_week(cell[0]) == week)
        told = sum(row["minutes"] for row in seen["people"])
        yield from differences(f"report {week}", {"people": met}, {"people": told})


Key = tuple[str, datetime, datetime]


def _rows_of_meetings(home: Home) -> dict[Key, dict[str, Any]]:
    return {
        (row["uid"], datetime.fromisoformat(row["start_utc"]), datetime.fromisoformat(row["end_utc"])): row
        for row in home.json("query", "select * from v_meetings")
    }


def _listed(home: Home) -> dict[int, dict[datetime, str]]:
    """Position -> begin -> reason of the meetings in `uncounted`."""
    found: dict[int, dict[datetime, str]] = {}
    for row in home.json("uncounted", "all"):
        if row["kind"] != "mail":
            found.setdefault(row["position"], {})[datetime.fromisoformat(row["at"]).astimezone(UTC)] = row["reason"]
    return found


def check_meetings(home: Home, answer: Answer, now: datetime) -> Iterator[str]:
    """Each occurrence in `v_meetings`, and those that earned nothing in `uncounted`."""
    found, listed = _rows_of_meetings(home), _listed(home)
    for one in answer.occurrences:
        if one.start >= now:
            continue
        row = found.pop((one.meeting.uid, one.start, one.end), None)
        if row is None:
            yield f"{one.meeting.uid} at {one.start} is not in v_meetings"
            continue
        reason = listed.get(row["position"], {}).pop(one.start, None)
        yield from (f"{one.meeting.uid} at {one.start}: {problem}" for problem in _meeting_problems(one, row, reason))
    yield from (f"uncounted {position}: {times}" for position, times in listed.items() if {*times} - {now})
    yield from (f"v_meetings {key} was not expected" for key in found if key[1] < now)


def _meeting_problems(one: Occurrence, row: dict[str, Any], reason: str | None) -> Iterator[str]:
    if abs(row["clock_minutes"] - one.clock) > NEAR:
        yield f"expected {one.clock}, found {row['clock_minutes']} ({row['reason']})"
    if one.clock and not one.why and row["n"] != len(one.with_whom):
        yield f"expected n {len(one.with_whom)}, found {row['n']}"
    if (one.clock > 0) == (reason is not None):
        yield f"{one.clock} minutes, and in uncounted: {reason}"
    if one.clock <= 0 and one.whys and reason not in one.whys:
        yield f"expected {one.whys}, found {reason}"


def check_letters(home: Home, made: worlds.World, answer: Answer, now: datetime) -> Iterator[str]:
    found = {row["message_id"].strip("<>"): row for row in home.json("query", "select * from v_messages")}
    listed = {row["position"]: row["reason"] for row in home.json("uncounted", "all") if row["kind"] == "mail"}
    expected = {letter.key: letter for letter in made.letters if letter.at <= now}
    for key in {*found} ^ {*expected}:
        yield f"letter {key} is only in one of program and reference"
    for key, letter in expected.items():
        if key not in found:
            continue
        row, minutes = found[key], answer.letters.get(key, 0.0)
        if abs(row["minutes"] - minutes) > NEAR:
            yield f"letter {key} {letter.subject!r}: expected {minutes}, found {row['minutes']} {row['reason']}"
        if row["words"] != letter.words and made.email == "words":
            yield f"letter {key}: expected {letter.words} words, found {row['words']}"
        if (minutes < 1e-6) != (row["position"] in listed):
            yield f"letter {key}: minutes {minutes}, in uncounted: {listed.get(row['position'])}"
        reason = answer.reasons.get(key)
        if reason and listed.get(row["position"]) != reason:
            yield f"letter {key}: expected {reason}, found {listed.get(row['position'])}"


def check_explain(home: Home, answer: Answer) -> Iterator[str]:
    logged = {row["position"] for row in home.json("log")}
    people = summed(answer.attributed, lambda c: c[1])
    goals = summed(answer.clock, lambda c: c[1])
    most = sorted(people, key=lambda who: -people[who])[:3]
    wanted = {**{who: people[who] for who in most}, **goals}
    if BROADCAST in people:
        wanted[BROADCAST] = people[BROADCAST]
    for name, minutes in wanted.items():
        if name == GROUP:
            continue
        told = home.json("explain", name, "all")
        yield from differences(f"explain {name}", {"minutes": minutes}, {"minutes": told["minutes"]})
        items = sum(item["minutes"] for item in told["items"])
        yield from differences(f"items of {name}", {"minutes": told["minutes"]}, {"minutes": items})
        for item in told["items"]:
            if item["position"] not in logged:
                yield f"explain {name}: position {item['position']} is not in the log"


def check_views(home: Home, answer: Answer) -> Iterator[str]:
    total = sum(answer.attributed.values())
    found = home.json("query", "select sum(minutes) as m from v_time where channel <> 'solo'")[0]["m"] or 0.0
    yield from differences("v_time", {"sum": total}, {"sum": found})


def check_private(home: Home, made: worlds.World) -> Iterator[str]:
    commands = (("report", "all"), ("report", "all", "--json"), ("uncounted", "all"), ("explain", "unassigned", "all"))
    shown = "".join(home.invoke(*words, "--as-of", home.as_of).output for words in commands)
    for meeting in made.meetings:
        if meeting.private and f"{meeting.title} " in shown + " ":
            yield f"private title {meeting.title} is shown"


def compare(folder: Path, seed: int) -> list[str] | None:
    """All differences of a world; None where the text does not decide what automatic attendance does."""
    made = worlds.world(seed)
    home = opened(folder, made)
    found: list[str] = []
    decided = False
    for now in moments(made, seed):
        answer, clear = reckon(made, now)
        if not clear:
            continue
        decided = True
        home.as_of = now.isoformat()
        checks = [check_time(home, answer), check_meetings(home, answer, now), check_letters(home, made, answer, now)]
        checks += [check_explain(home, answer), check_views(home, answer), check_private(home, made)]
        found += [f"[{now:%m-%d %H:%M}] {problem}" for check in checks for problem in check]
    return found if decided else None
