from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.goals import (
    _UNSPACED_FROM,
    GoalBook,
    Subject,
    _unspaced,
    assign,
    compile_goals,
    memberships,
    words,
)
from projections.rules import Goal
from projections.schema import GROUP

ANA, BO, CY = 1, 2, 3
PERSON = {"ana@x.org": ANA, "ana@home.org": ANA, "bo@x.org": BO, "cy@x.org": CY}
GOALS = (
    Goal("launch", 0.4, match=("launch", "product launch", "label:v2", "calendar:Product"), people={"ana@x.org": 0.5}),
    Goal("hiring", 0.2, match=("hire", "job interview", "label:Jobs"), people={"ana@x.org": 0.5, "bo@x.org": 1.0}),
    Goal("growth", 0.4, match=("reading", "launch reading"), solo=True, people={"cy@x.org": 1.0}),
)


def book(goals: tuple[Goal, ...] = GOALS) -> GoalBook:
    return compile_goals(goals, lambda address: PERSON.get(address, 0))


def hit(**about: Any) -> tuple[dict[str, float], str]:
    found = assign(book(), Subject(**about))
    return found.shares, found.source


def test_precedence_goes_mark_calendar_label_title_thread_people() -> None:
    subject = Subject("Hire", "product", ("jobs",), "hiring", {"launch": 1.0}, {BO: 1.0}, 1)
    sources = []
    steps: tuple[dict[str, Any], ...] = (
        {}, {"mark": ""}, {"calendar": ""}, {"labels": ()}, {"title": ""}, {"thread": {}}, {"people": {}},
    )  # fmt: skip
    for step in steps:
        subject = subject._replace(**step)
        sources.append(assign(book(), subject).source)
    assert sources == ["mark", "calendar", "label", "title", "thread", "people", ""]


@pytest.mark.parametrize(
    ("rule", "title", "matches"),
    [
        ("launch", "Re: LAUNCH!", True),
        ("launch", "launching", False),
        ("launch", "launchpad", False),
        ("launch plan", "the Launch  plan, v2", True),
        ("launch plan", "launch the plan", False),
        ("café", "CAFE with Bo", True),
        ("cafe", "Café", True),
        ("Straße", "STRASSE 12", True),
        ("lodz", "Łódź", True),
        ("запуск", "Запуск продукта", True),
        ("запуск", "перезапуск", False),
        ("发布", "产品发布会议", True),
        ("布发", "产品发布会议", False),
        ("カフェ", "ガフェ", False),
        ("योजना", "नई योजना", True),
        ("योजन", "योजना", False),
        ("כתב", "כָּתַב", True),
        ("v2", "launch_v2", True),
        ("!!!", "!!! now", False),
    ],
)
def test_a_rule_matches_whole_words_in_any_script(rule: str, title: str, matches: bool) -> None:  # noqa: FBT001  the expectation
    found = assign(book((Goal("g", match=(rule,)),)), Subject(title))
    assert (found.source == "title") is matches


@given(st.text(max_size=40))
def test_every_text_has_words_and_finds_itself(text: str) -> None:
    found = assign(book((Goal("g", match=("label:x", text)),)), Subject(f"before {text} after"))
    assert bool(words(text)) == (found.source == "title") or text.lower().startswith(("label:", "calendar:"))


def test_of_several_goals_at_one_rule_the_first_in_the_file_has_it() -> None:
    assert hit(title="launch interview to hire") == ({"launch": 1.0}, "title")


def test_a_solo_goal_is_fed_by_time_alone_and_there_goes_first() -> None:
    assert hit(title="reading with Bo", people={CY: 1.0}, n=1) == ({"unassigned": 1.0}, "")
    assert hit(title="launch: reading", alone=True) == ({"growth": 1.0}, "title")
    assert hit(mark="growth", n=1) == ({"unassigned": 1.0}, "")


def test_a_mark_with_a_goal_that_is_gone_leaves_it_to_the_next_rule() -> None:
    assert hit(mark="old", title="hire") == ({"hiring": 1.0}, "title")


def test_people_divide_time_by_weight_and_membership() -> None:
    found = assign(book(), Subject(people={ANA: 0.5, CY: 0.5}, n=2))
    assert found.shares == pytest.approx({"launch": 1 / 3, "hiring": 1 / 6, "unassigned": 0.5})
    assert found.of(ANA) == pytest.approx({"launch": 2 / 3, "hiring": 1 / 3})
    assert found.of(CY) == {"unassigned": 1.0}


def test_a_group_stands_for_its_part_and_has_no_goal() -> None:
    assert hit(people={BO: 0.5, GROUP: 0.5}, n=2) == ({"hiring": 0.5, "unassigned": 0.5}, "people")
    assert hit(people={BO: 0.5}, n=2) == ({"hiring": 0.5, "unassigned": 0.5}, "people")


def test_more_than_eight_participants_say_nothing_about_the_goal() -> None:
    assert hit(people={BO: 1 / 9}, n=9) == ({"unassigned": 1.0}, "")
    assert hit(people={BO: 1 / 8}, n=8)[1] == "people"


def test_members_without_weighted_goals_are_split_by_membership_alone() -> None:
    goals = (Goal("a", people={"ana@x.org": 1.0}), Goal("b", people={"ana@x.org": 1.0, "ana@home.org": 2.0}))
    assert memberships(goals, lambda address: PERSON.get(address, 0)) == {ANA: {"a": 0.25, "b": 0.75}}


@given(st.dictionaries(st.sampled_from((ANA, BO, CY, GROUP)), st.just(1.0), min_size=1), st.integers(0, 4))
def test_goal_weights_always_add_up_to_one(people: dict[int, float], strangers: int) -> None:
    n = len(people) + strangers
    found = assign(book(), Subject(people=dict.fromkeys(people, 1 / n), n=n))
    assert sum(found.shares.values()) == pytest.approx(1.0)
    for person in people:
        assert sum(found.of(person).values()) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Überblick Müller", ("uberblick", "muller")),
        ("Réunion 会議 v2", ("reunion", "会", "議", "v2")),
        ("ประชุมใหญ่", tuple("ประชุมใหญ่")),
        ("\u2018Quoted\u2019 straße", ("quoted", "strasse")),
    ],
)
def test_the_words_of_a_title_in_any_script(title: str, found: tuple[str, ...]) -> None:
    assert words(title) == found


@given(st.characters(max_codepoint=ord(_UNSPACED_FROM) - 1))
def test_no_sign_before_the_first_is_written_without_spaces(sign: str) -> None:
    assert not _unspaced().match(sign)
