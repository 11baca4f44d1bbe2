"""What the program says of a planted world beside the truth: counts by judgement, and whom it got wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.home import Home
from tests.world.values import Truth

Row = dict[str, Any]


@dataclass
class Score:
    """Counts of one judgement. `wrong`: who was missed (-) or named although they should not be (+), by archetype."""

    hits: int = 0
    missed: int = 0
    false: int = 0
    right: int = 0  # rightly left alone
    wrong: list[str] = field(default_factory=list)
    unjudged: list[str] = field(default_factory=list)  # named, and the truth says nothing of them

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.false) if self.hits + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.hits / (self.hits + self.missed) if self.hits + self.missed else 1.0

    def add(self, other: Score) -> None:
        self.hits += other.hits
        self.missed += other.missed
        self.false += other.false
        self.right += other.right
        self.wrong += other.wrong
        self.unjudged += other.unjudged

    def note(self, *, named: bool, wanted: bool, label: str) -> None:
        if named and wanted:
            self.hits += 1
        elif named:
            self.false += 1
            self.wrong.append(f"+{label}")
        elif wanted:
            self.missed += 1
            self.wrong.append(f"-{label}")
        else:
            self.right += 1


Named = Callable[[Home, datetime], set[str]]


def _addresses(rows: Iterable[Row]) -> set[str]:
    return {address for row in rows for address in row["person"]["addresses"]}


def _flagged(command: str, states: set[str]) -> Named:
    def named(home: Home, at: datetime) -> set[str]:
        return _addresses(row for row in home.json(command, as_of=at.isoformat()) if row["state"] in states)

    return named


def _listed(command: str) -> Named:
    return lambda home, at: _addresses(home.json(command, as_of=at.isoformat()))


JUDGEMENTS: dict[str, Named] = {
    "neglected": _flagged("neglected", {"overdue", "dormant"}),
    "over": _flagged("over", {"over"}),
    "fading": _flagged("fading", {"fading"}),
    "quieter": _flagged("fading", {"quieter"}),
    "care": _listed("care"),
    "owe": _listed("owe"),
    "chasing": lambda home, at: {
        address for row in home.json("people", as_of=at.isoformat()) if row["chasing"] for address in row["addresses"]
    },
}


def judge(home: Home, truth: Truth, judgement: str, at: datetime) -> Score:
    """One judgement at one instant."""
    expected, score = truth.expected(judgement, at), Score()
    if not expected:
        return score
    named = JUDGEMENTS[judgement](home, at)
    for address, one in expected.items():
        score.note(named=address in named, wanted=one.verdict, label=f"{one.archetype}:{address}")
    archetype = {address: kind for kind, addresses in truth.cast.items() for address in addresses}
    score.unjudged = [archetype.get(address, address) for address in sorted(named - expected.keys())]
    return score


def decide(home: Home, truth: Truth) -> None:
    """Run the decisions of the world; what was asked of earlier dates is asked before them."""
    for line in truth.decisions:
        result = home.invoke(*line)
        assert result.exit_code == 0, result.output


def judge_all(home: Home, truth: Truth) -> dict[str, Score]:
    """Every judgement at every date; judgements of earlier dates first, since decisions are dated later."""
    found: dict[str, Score] = {name: Score() for name in JUDGEMENTS}
    for at in truth.dates:
        for name, score in found.items():
            score.add(judge(home, truth, name, at))
    decide(home, truth)
    for name, score in found.items():
        score.add(judge(home, truth, name, truth.as_of))
    return found
