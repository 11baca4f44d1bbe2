"""Words as a person counts them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mime.counting import (
    _FOREIGN_MARKS,
    _HANGUL,
    _JOINERS,
    _WIDE,
    _count,
    body_hash,
    count_words,
    is_wide,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", 0),
        ("one two  three\nfour", 4),
        ("don't stop -- it's well-known", 4),
        ("mail ana@x.org or see http://x.org/a/b?c=d-e", 5),
        ("naïve — “quoted” text …", 3),
        ("à l’été", 2),
        ("Привет, мир!", 2),
        ("今日は天気です", 7),
        ("한국어 문장 입니다", 3),
        ("สวัสดี", 2),
        ("👍 🎉", 0),
        ("3.14 100%", 2),
        ("* - + = ~", 0),
        ("soft\u00adhyphen", 1),
    ],
)
def test_words(text: str, words: int) -> None:
    assert count_words(text) == words


def test_western_prose_is_counted_like_split() -> None:
    text = "When you come on Friday, bring the list; we'll need it. Ana said 'maybe' (twice)."
    assert count_words(text) == len(text.split())


def test_the_hash_of_a_body_ignores_white_space_only() -> None:
    assert body_hash("a b\r\nc") == body_hash("ab \n c")
    assert body_hash("a b") != body_hash("a c")
    assert body_hash(" \n") == ""


@given(st.text(st.sampled_from("ab1 -.\n\xad\xa0éß’“”…–\u200b\ud800Жя"), max_size=40))
def test_only_what_is_not_ascii_is_looked_through_for_foreign_marks(text: str) -> None:
    plain = _FOREIGN_MARKS.sub(" ", _JOINERS.sub("", text)).encode("utf-8", "replace")
    assert not is_wide(text)
    assert count_words(text) == _count(plain)


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("ạ–’👍ﬁ今日한ไทย"), max_size=8))
def test_scripts_without_spaces_are_known_by_their_bytes_first(text: str) -> None:
    assert is_wide(text) == bool(re.search(_WIDE, text) or re.search(_HANGUL, text))
