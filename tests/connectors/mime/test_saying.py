from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mime.counting import count_words
from connectors.mime.saying import SHORT_WORDS, says


def said(text: str) -> str:
    return says(text, count_words(text))


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Yes, happy to.", "yes"),
        ("Sure thing", "yes"),
        ("No problem, on Tuesday then", "yes"),
        ("Gerne, bis morgen", "yes"),
        ("Sorry, I can't this month.", "no"),
        ("Sorry, I can\u2019t this month.", "no"),
        ("No, sorry.", "no"),
        ("Thanks, but no thanks", "no"),
        ("I am afraid that I have to decline.", "no"),
        ("Unfortunately we are booked that week.", "no"),
        ("Leider nein", "no"),
        ("Malheureusement je ne peux pas venir", "no"),
        ("Sorry, I have to say no this time.", "no"),
        ("Hi Ana,\n\nNo, sorry.\n\nBest,\nBo", "no"),
        ("Hallo Herr Dr. Meier,\nja, gerne.", "yes"),
        ("Dear all: yes, on Tuesday.", "yes"),
        ("Moi Anna! T\u00e4ll\u00e4 kertaa joudun kielt\u00e4ytym\u00e4\u00e4n.", "no"),
        ("Je dois refuser cette fois.", "no"),
        ("Tengo que decir que no.", "no"),
        ("Ich muss f\u00fcr morgen absagen.", "no"),
        ("Hi, can't come, sorry", "no"),
        ("Hi yes and no", ""),
        ("Thanks!", "thanks"),
        ("Thank you so much for all of this", "thanks"),
        ("Danke sch\u00f6n", "thanks"),
        ("Let me check and get back to you next week.", "later"),
        ("Ich melde mich n\u00e4chste Woche", "later"),
        ("Yes in principle, but unfortunately not this year", ""),
        ("Can't wait to see you", ""),
        ("No need to worry", ""),
        ("Here is the file.", ""),
        ("", ""),
    ],
)
def test_what_a_short_answer_says(text: str, word: str) -> None:
    assert said(text) == word


def test_a_long_text_says_more_than_one_word() -> None:
    assert said("No. " + "word " * SHORT_WORDS) == ""


@given(st.text(max_size=300), st.integers(0, 100))
def test_any_text_is_read(text: str, words: int) -> None:
    assert says(text, words) in {"", "yes", "no", "later", "thanks"}
