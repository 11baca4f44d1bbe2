"""The program on planted worlds whose truth is known; many more seeds: `python -m tests.world.evaluate`."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.home import Home
from tests.world import check, lists
from tests.world.check import Score
from tests.world.evaluate import home_of
from tests.world.make import make
from tests.world.values import Truth

SEEDS = (4, 8)  # one mbox and a CSV of contacts; loose mails and vCards. `test_tolerance` has a Maildir
NEVER = (
    "irregular", "protected", "booked", "waiting", "their-absence", "snoozed", "incident", "one-mail-ever",
)  # fmt: skip


class Planted:
    """A home with a world in it, judged once; what decides comes last."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.home, self.world = home_of(folder, seed)
        self.judged = check.judge_all(self.home, self.truth)

    @property
    def truth(self) -> Truth:
        return self.world.truth


@pytest.fixture(scope="module", params=SEEDS)
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Planted:
    return Planted(tmp_path_factory.mktemp("planted"), request.param)


def test_the_same_seed_has_the_same_bytes(tmp_path: Path) -> None:
    sums = []
    for name in ("one", "other"):
        folder = tmp_path / name
        folder.mkdir()
        make(SEEDS[0], folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        sums.append([(path.relative_to(folder), hashlib.sha256(path.read_bytes()).hexdigest()) for path in files])
    assert sums[0] == sums[1]


@pytest.mark.parametrize("judgement", list(check.JUDGEMENTS))
def test_judgements_agree_with_the_truth(planted: Planted, judgement: str) -> None:
    score = planted.judged[judgement]
    assert score.precision >= 0.95, score.wrong
    assert score.recall >= 0.95, score.wrong
    assert score.hits


def test_who_must_never_be_flagged_is_not(planted: Planted) -> None:
    wrong = planted.judged["neglected"].wrong + planted.judged["over"].wrong
    assert [one for one in wrong if one.removeprefix("+").partition(":")[0] in NEVER] == []
    assert {one.archetype for one in planted.truth.expectations} >= set(NEVER)


def perfect(score: Score) -> None:
    assert score.wrong == []
    assert score.hits + score.right


def test_joint_work_outranks_fame_and_fame_outranks_news(planted: Planted) -> None:
    perfect(lists.ordered(planted.home, planted.truth))


def test_names_are_one_person_or_two(planted: Planted) -> None:
    perfect(lists.named(planted.home, planted.truth))


def test_what_is_private_stays_so(planted: Planted) -> None:
    perfect(lists.leaking(planted.home, planted.truth))


def test_open_requests_are_in_the_inbox_and_no_others(planted: Planted) -> None:
    perfect(lists.requested(planted.home, planted.truth))
    perfect(lists.settled(planted.home, planted.truth))


def test_who_knows_comes_first_and_nobody_who_only_writes_as_much(planted: Planted) -> None:
    perfect(lists.knowing(planted.home, planted.truth))
    ranks = lists.planning(planted.home, planted.truth)
    assert sum(ranks) / len(ranks) >= 0.8


def test_who_should_meet_is_suggested_and_nobody_who_knows_the_other(planted: Planted) -> None:
    score = lists.introducing(planted.home, planted.truth)
    assert score.precision >= 0.8, score.wrong
    assert score.recall >= 0.8, score.wrong
    assert [one for one in score.wrong if one.startswith("+acquainted")] == []


def test_who_brought_somebody_stands_on_their_page(planted: Planted) -> None:
    score = lists.introduced(planted.home, planted.truth)
    assert score.recall >= 0.9, score.wrong


def test_a_check_sees_what_is_missing_and_what_is_too_much(planted: Planted) -> None:
    """The scores themselves can fail: the truth of a world in which the overdue are irregular is not met."""
    empty = Home(planted.home.inbox.parent / "empty")
    score = check.judge(empty, planted.truth, "neglected", planted.truth.as_of)
    assert score.recall == 0
    assert score.missed
