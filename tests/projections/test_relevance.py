from __future__ import annotations

from math import log

import pytest

from projections.relevance import Document, bm25, found, terms


def test_terms_are_folded_and_each_stands_once() -> None:
    assert terms(["Préavis légal", "légal"]) == ("preavis", "legal")


def test_a_word_is_found_in_its_longer_forms_and_short_ones_only_whole() -> None:
    assert found(("contract", "art"), "The contracts, an article") == ("contract",)
    assert found(("pricing",), "Re: PRICING, pricing") == ("pricing",)
    assert found(("art",), "art for all") == ("art",)


def test_worked_by_hand() -> None:
    """One of three documents has the term twice and is of mean length: ln(1 + 2.5/1.5) x 2 x 2.2 / (2 + 1.2)."""
    scores = bm25(("tax",), {"a": Document({"tax": 2}, 10)}, count=3, mean_texts=10)
    assert scores == {"a": pytest.approx(log(1 + 2.5 / 1.5) * 4.4 / 3.2)}


def test_who_speaks_of_everything_is_no_expert() -> None:
    documents = {"expert": Document({"tax": 4}, 10), "busy": Document({"tax": 4}, 400), "other": Document({}, 10)}
    scores = bm25(("tax",), documents, count=3, mean_texts=140)
    assert scores["expert"] > scores["busy"] > scores["other"] == 0
