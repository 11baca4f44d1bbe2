"""Of a planted world: rankings, pairs, requests, names and secrets, as the program tells them, beside the truth."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from tests.home import Home
from tests.world.check import Score
from tests.world.values import Ask, Pair, Request, Truth

Row = dict[str, Any]
TOP = 3
PAIRS = 5
FOR_OTHERS = (("now",), ("now", "--format", "html"), ("now", "--json"))
FOR_ME = (
    ("report", "--format", "text"),
    ("report", "--format", "html"),
    ("report", "--json"),
    ("uncounted",),
    ("search", "secret"),
    ("brief", "next"),
)
ABOUT = (("person",), ("timeline",), ("explain",), ("brief",))


def _ask(home: Home, truth: Truth, *arguments: str) -> Any:
    return home.json(*arguments, as_of=truth.as_of.isoformat())


def _addresses(row: Row) -> set[str]:
    return set(row["addresses"])


def knowing(home: Home, truth: Truth) -> Score:
    """`who TOPIC`: every expert among the first three, none of those who write of other things before them."""
    score = Score()
    for topic in truth.topics:
        first = [_addresses(row["person"]) for row in _ask(home, truth, "who", topic.word)[:TOP]]
        for expert in topic.experts:
            score.note(named=any(expert in one for one in first), wanted=True, label=f"{topic.word}:{expert}")
        for other in topic.others:
            score.note(named=any(other in one for one in first), wanted=False, label=f"{topic.word}:{other}")
    return score


def planning(home: Home, truth: Truth) -> list[float]:
    """`goal plan GOAL`: one by the rank of the first expert, for each goal that nobody was named for."""
    ranks = []
    for topic in truth.topics:
        if topic.goal:
            found = [_addresses(row["person"]) for row in _ask(home, truth, "goal", "plan", topic.goal)]
            places = [place for place, one in enumerate(found, 1) if one & set(topic.experts)]
            ranks.append(1 / places[0] if places else 0.0)
    return ranks


def _is_pair(row: Row, pair: Pair) -> bool:
    a, b = _addresses(row["a"]), _addresses(row["b"])
    return (pair.a in a and pair.b in b) or (pair.a in b and pair.b in a)


def introducing(home: Home, truth: Truth) -> Score:
    """`intros`: the planted pairs among the first five, and nobody who knows each other anywhere."""
    score = Score()
    rows = _ask(home, truth, "intros")
    for pair in truth.introductions:
        named = any(_is_pair(row, pair) for row in rows[:PAIRS])
        score.note(named=named, wanted=True, label=f"{pair.subject}:{pair.a}+{pair.b}")
    for row in rows[:PAIRS]:
        if not any(_is_pair(row, pair) for pair in truth.introductions):
            score.note(named=True, wanted=False, label=f"pair:{row['a']['name']}+{row['b']['name']}")
    for pair in truth.acquainted:
        named = any(_is_pair(row, pair) for row in rows)
        score.note(named=named, wanted=False, label=f"acquainted:{pair.a}+{pair.b}")
    return score


def requested(home: Home, truth: Truth) -> Score:
    """`inbox`: the open requests, and none that has an end or is none."""
    score = Score()
    rows = _ask(home, truth, "inbox")
    for one in truth.requests:
        score.note(named=bool(_about(rows, one)), wanted=one.state == "open", label=f"{one.state}:{one.address}")
    return score


def settled(home: Home, truth: Truth) -> Score:
    """`inbox --all`: each request in its state; of an answer by mail it is enough to know that there was one."""
    score = Score()
    rows = _ask(home, truth, "inbox", "--all")
    for one in truth.requests:
        states = [row["state"] for row in _about(rows, one)]
        if one.state == "not-a-request":
            is_right = not states or states[0] in {"not-a-request", "answered"}
        else:
            is_mailed = one.state != "open" and not one.is_invitation
            is_right = states[:1] == [one.state] or (is_mailed and states[:1] == ["answered"])
        score.note(named=is_right, wanted=True, label=f"{one.state}={','.join(states) or 'absent'}:{one.address}")
    return score


def _about(rows: Iterable[Row], one: Request | Ask) -> list[Row]:
    return [row for row in rows if one.address in _addresses(row["person"]) and _same(row["subject"], one.subject)]


def asked(home: Home, truth: Truth) -> Score:
    """`asks`: each ask of mine in its state."""
    score = Score()
    rows = _ask(home, truth, "asks")
    for one in truth.asks:
        states = [row["state"] for row in _about(rows, one)]
        score.note(named=states[:1] == [one.state], wanted=True, label=f"{one.state}={','.join(states) or 'absent'}")
    return score


def _same(told: str, planted: str) -> bool:
    return told.casefold().endswith(planted.casefold())


def introduced(home: Home, truth: Truth) -> Score:
    """`person NEW`: who brought them stands on their page."""
    score = Score()
    for new, broker in truth.introducers.items():
        page = _ask(home, truth, "person", new)
        named = broker in json.dumps(page.get("introduced_by") or page.get("began") or {})
        score.note(named=named, wanted=True, label=f"{new}<-{broker}")
    return score


def ordered(home: Home, truth: Truth) -> Score:
    """Collaborators before celebrities before newsletters, by joint work and then by tie."""
    score = Score()
    rows = {address: row for row in _ask(home, truth, "people", "--all") for address in row["addresses"]}

    def worth(archetype: str) -> list[tuple[float, float]]:
        found = [rows[address] for address in truth.cast.get(archetype, ())]
        return [(row["collaboration"], row["tie"]) for row in found]

    work, fame, news = worth("collaborator"), worth("celebrity"), worth("newsletter")
    score.note(named=min(work)[0] > max(fame)[0], wanted=True, label="collaborator > celebrity")
    score.note(named=min(fame) > max(news), wanted=True, label="celebrity > newsletter")
    return score


def named(home: Home, truth: Truth) -> Score:
    """Aliases in one entry, namesakes in two; lists, rooms and robots are no people."""
    score = Score()
    rows = {address: row for row in _ask(home, truth, "people", "--all") for address in row["addresses"]}
    for same in truth.same:
        score.note(named=len({rows[address]["id"] for address in same}) == 1, wanted=True, label=f"one person {same}")
    for one, other in truth.different:
        score.note(named=rows[one]["id"] == rows[other]["id"], wanted=False, label=f"two people {one}")
    for kind in ("list", "room", "robot"):
        for address in truth.cast.get(kind, ()):
            score.note(named=rows[address]["kind"] != "person", wanted=True, label=f"no person {address}")
    return score


def leaking(home: Home, truth: Truth) -> Score:
    """Pages for others hold none of the planted strings; nothing that is printed holds a private title."""
    score = Score()
    (secret,) = truth.cast["secret"]
    about = [(*command, secret) for command in ABOUT]
    for command in (*FOR_OTHERS, ("slots", "--for", secret), *FOR_ME, *about):
        result = home.invoke(*command, "--as-of", truth.as_of.isoformat())
        assert result.exit_code == 0, f"{command}: {result.output}"
        is_for_others = command in FOR_OTHERS or command[0] == "slots"
        for where, planted in truth.private.items():
            if is_for_others or where == "title":
                leaks = planted.casefold() in result.stdout.casefold()
                score.note(named=leaks, wanted=False, label=f"{' '.join(command)}: {where}")
    return score
