from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from projections.topics import name_words, standing_out, terms

ANYBODY = ["Lunch", "Numbers for the week", "Lunch on Friday", "Roadmap", "Numbers"]


def found(texts: list[str], unwanted: frozenset[str] = frozenset()) -> list[str]:
    return [topic.text for topic in standing_out(texts, ANYBODY, unwanted)]


def test_replies_numbers_and_empty_words_are_no_topics() -> None:
    assert terms("Re: FW: Meeting about the 2 Budgets, next week 2026") == {"budgets": "Budgets"}


def test_words_that_stand_out_beside_what_one_speaks_of_with_anybody() -> None:
    assert found(["Lunch", "Term sheet v2", "Re: Term sheet v2", "Lunch 2", "Term sheet: signatures"]) == [
        "Term sheet", "Lunch",
    ]  # fmt: skip


def test_a_long_thread_is_one_conversation() -> None:
    assert found(["Term sheet", *["Re: Term sheet"] * 9, "Hiring plan", "Hiring loop"]) == ["Hiring"]


def test_names_are_no_topics() -> None:
    unwanted = frozenset(name_words(["Dana Ortiz"], ["dana.o@x.org"]))
    assert found(["Dana: pricing", "Pricing for Ortiz", "Dana call"], unwanted) == ["pricing"]


def test_every_script_has_words() -> None:
    assert found(["关于定价", "Re: 关于定价", "关于定价 2"]) == ["关于定价"]
    assert found(["Größe prüfen", "Größe der Schrift"]) == ["Größe"]
    assert found(["ราคา ใหม่", "ราคา เก่า"]) == ["ราคา"]
    assert found(["HR board", "HR lunch"]) == ["HR"]


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text_can_be_read(texts: list[str]) -> None:
    for topic in standing_out(texts, []):
        assert topic.text
        assert all(0 <= place < len(texts) for place in topic.places)
