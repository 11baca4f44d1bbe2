"""Who cares about the owner, whom the owner owes, and who of them is seldom answered (F7): facts, not a score."""

from __future__ import annotations

import sqlite3
from typing import Any, NamedTuple

from projections.care import EVENTS_NEEDED, cares, is_quiet, owed, speed_percentile
from projections.care import care as care_mean
from projections.intervals import DAY_MS
from projections.judgements.exchanges import Recent, read_recent, read_seconds, written_to_or_met
from projections.judgements.persons import EVIDENCE, Person, latest_positions, read_people
from projections.judgements.serial import read_serial
from projections.judgements.spending import weekly
from projections.judgements.unanswered import Heard, read_heard
from projections.judgements.wants import read_wants
from projections.overinvestment import WEEKS
from projections.reciprocity import share
from projections.rules import Rules

HOUR_MS = DAY_MS // 24
Rows = list[dict[str, Any]]


class Carer(NamedTuple):
    """Somebody on the care list, with the counts that put them there; `heard`: what of theirs was answered."""

    person: Person
    recent: Recent
    mean: float
    heard: Heard


class Giving(NamedTuple):
    """The three lists: who cares, who is owed, and who cares and is seldom answered; and what all was told from."""

    care: Rows
    owe: Rows
    quiet: Rows
    recent: dict[int, Recent]


def carers(conn: sqlite3.Connection, everybody: dict[int, Recent], as_of_ms: int) -> list[Carer]:
    """Everybody on the care list, best first; who only writes and was never written to or met is not on it."""
    speeds = sorted(one.usual_answer_ms for one in everybody.values() if one.usual_answer_ms is not None)
    means = _means(everybody, speeds)
    everybody = _without_series(everybody, read_serial(conn, as_of_ms, means))
    means = _means({person: everybody[person] for person in means}, speeds)
    people = read_people(conn, written_to_or_met(conn, as_of_ms, means))
    heard = read_heard(conn, as_of_ms, people)
    nothing = Heard(0, 0, [])
    found = [
        Carer(person, everybody[person.id], means[person.id], heard.get(person.id, nothing))
        for person in people.values()
    ]
    return sorted(found, key=lambda carer: (-carer.mean, carer.person.key))


def _without_series(everybody: dict[int, Recent], notices: dict[int, int]) -> dict[int, Recent]:
    """The same, dated notices being no beginnings; few people send them."""
    fewer = {person: everybody[person]._replace(theirs=everybody[person].theirs - n) for person, n in notices.items()}
    return everybody | fewer


def _means(everybody: dict[int, Recent], speeds: list[float]) -> dict[int, float]:
    """The mean of each who stands on the care list by it; `speeds`: everybody's usual answer times, sorted."""
    means: dict[int, float] = {}
    for person, one in everybody.items():
        openings = one.mine + one.theirs
        if openings + one.asked < EVENTS_NEEDED:
            continue
        speed = speed_percentile(one.usual_answer_ms, speeds)
        mean = care_mean(one.theirs, openings, one.answered, one.asked, speed)
        if cares(mean, openings + one.asked):
            means[person] = mean
    return means


def giving(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> Giving:
    """All three lists at the price of one: the mails are counted once."""
    recent = read_recent(conn, as_of_ms)
    found = carers(conn, recent, as_of_ms)
    return Giving(_caring(conn, found, as_of_ms), _owing(conn, found, rules, as_of_ms), _quiet(found), recent)


def care(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> Rows:
    """Who began, answered, and answered fast in the last two years: five events or more, a mean of 0.6; best first."""
    del rules  # nobody is preferred by a setting
    return _caring(conn, carers(conn, read_recent(conn, as_of_ms), as_of_ms), as_of_ms)


def owe(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> Rows:
    """Who cares and gets less back: of the writing time between us and of the beginnings, mine are below theirs.

    Nobody who has had more of the last four weeks than the owner wants to give.
    """
    return _owing(conn, carers(conn, read_recent(conn, as_of_ms), as_of_ms), rules, as_of_ms)


def quiet(conn: sqlite3.Connection, rules: Rules, as_of_ms: int) -> Rows:
    """Who cares, wrote three times or more, and got an answer to less than half; most unanswered mails first.

    The evidence are the mails that wait, the latest ones; when all are answered nobody is left.
    """
    del rules
    return _quiet(carers(conn, read_recent(conn, as_of_ms), as_of_ms))


def _row(carer: Carer, state: str, why: str, evidence: list[int]) -> dict[str, Any]:
    one, heard = carer.recent, carer.heard
    usual = one.usual_answer_ms
    return {
        "person": carer.person.shown(),
        "state": state,
        "why": why,
        "evidence": evidence,
        "opened": one.theirs,
        "openings": one.mine + one.theirs,
        "answered": one.answered,
        "asked": one.asked,
        "usual_answer_hours": None if usual is None else round(usual / HOUR_MS, 1),
        "their_asked": heard.asked,
        "i_answered": heard.answered,
    }


def _facts(one: Recent) -> str:
    opened = f"opened {one.theirs} of {one.mine + one.theirs} conversations"
    return f"{opened} and answered {one.answered} of {one.asked} of your mails, in your mail and calendar"


def _caring(conn: sqlite3.Connection, found: list[Carer], as_of_ms: int) -> Rows:
    return [
        _row(carer, "cares", _facts(carer.recent), latest_positions(conn, carer.person.id, 0, as_of_ms))
        for carer in found
    ]


def _over_budget(conn: sqlite3.Connection, found: list[Carer], rules: Rules, as_of_ms: int) -> set[int]:
    """Of these, who had more time in four weeks than their budget, whatever was called fine."""
    most = read_wants(conn, rules).max_week if rules.budgets else {}
    limits = {carer.person.id: most[carer.person.id] * WEEKS for carer in found if carer.person.id in most}
    spent = weekly(conn, as_of_ms, WEEKS, list(limits)) if limits else {}
    return {person for person, minutes in spent.items() if sum(minutes) > limits[person]}


def _owing(conn: sqlite3.Connection, found: list[Carer], rules: Rules, as_of_ms: int) -> Rows:
    rows = []
    enough = _over_budget(conn, found, rules, as_of_ms)
    seconds = read_seconds(conn, as_of_ms, [carer.person.id for carer in found])
    for carer in found:
        if carer.person.id in enough:
            continue
        one, heard = carer.recent, carer.heard
        mine, theirs = seconds[carer.person.id]
        if not owed(mine, theirs, share(one.mine, one.theirs)):
            continue
        why = f"{_facts(one)}; you opened {one.mine} and answered {heard.answered} of {heard.asked}"
        row = _row(carer, "owe", why, latest_positions(conn, carer.person.id, 0, as_of_ms))
        row |= {"my_minutes": round(mine / 60, 1), "their_minutes": round(theirs / 60, 1)}
        rows.append(row)
    return rows


def _quiet(found: list[Carer]) -> Rows:
    waiting = [carer for carer in found if is_quiet(carer.heard.asked, carer.heard.answered)]
    waiting.sort(key=lambda carer: (-len(carer.heard.open_at), carer.person.key))
    rows = []
    for carer in waiting:
        heard = carer.heard
        why = f"wrote {heard.asked} mails to you that ask or begin something; you answered {heard.answered}"
        rows.append(_row(carer, "quiet", why, sorted(heard.open_at[-EVIDENCE:])))
    return rows
