"""Only what a mail's writer added is counted."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.mime.counting import count_words
from connectors.mime.quotes import _SAID, _SAID_IN_ASCII, _says, _without_signature, new_text

OLD = "old words that nobody wrote now\n"

CASES = {
    "gmail": f"Thanks, that works.\n\nOn Mon, Jan 1, 2001 at 10:00 AM, John Doe <john@x.org> wrote:\n> {OLD}",
    "wrapped": f"Thanks, that works.\nOn Mon, Jan 1, 2001 at 10:00 AM, John Doe\n<john@x.org> wrote:\n\n> {OLD}> {OLD}",
    "german": f"Danke, geht so.\n\nAm 01.01.2001 um 10:00 schrieb John Doe:\n> {OLD}",
    "french": f"Merci, ça marche.\n\nLe 1 janv. 2001 à 10:00, John Doe <j@x.fr> a écrit :\n> {OLD}",
    "old list": f"Yes, it does.\n\nIn message <1@x.org>, Ana Ruiz writes:\n > {OLD} > {OLD}",
    "outlook": "Thanks, that works.\n\n-----Original Message-----\nFrom: John Doe\nSent: Monday, January 1, 2001 10:00 AM\n"  # noqa: E501  one mail, one line
    f"To: Jane\nSubject: foo\n\n{OLD}",
    "outlook tabs": f"Thanks, that works.\n\nFrom:\tJohn\nSent:\tMonday, January 1, 2001 10:00\nTo:\tJane\nSubject:\tfoo\n{OLD}",  # noqa: E501  one mail, one line
    "outlook rule": "Thanks, that works.\n\n________________________________\nFrom: John <j@x.org>\nSent: Monday, January 1, 2001\n"  # noqa: E501  one mail, one line
    f"To: Jane\nSubject: foo\n\n{OLD}",
    "outlook bold": f"Thanks, that works.\n\n*From:* John\n*Sent:* Monday, 1 May 2001 10:00\n*To:* Jane\n*Subject:* x\n\n{OLD}",  # noqa: E501  one mail, one line
    "outlook german": f"Danke, geht so.\n\nVon: John <j@x.de>\nGesendet: Montag, 1. Januar 2001 10:00\nAn: Jane\nBetreff: x\n{OLD}",  # noqa: E501  one mail, one line
    "outlook french": f"Merci, ça marche.\n\nDe : John\nEnvoyé : lundi 1 janvier 2001 10:00\nÀ : Jane\nObjet : foo\n\n{OLD}",  # noqa: E501  one mail, one line
    "outlook russian": f"Спасибо, всё работает.\n\nОт: Иван\nОтправлено: 1 января 2001 г. 10:00\nКому: Анна\nТема: x\n\n{OLD}",  # noqa: E501  one mail, one line
    "forwarded": "FYI see this\n\n---------- Forwarded message ---------\nFrom: John <j@x.org>\nDate: Mon, Jan 1, 2001\n"  # noqa: E501  one mail, one line
    f"Subject: foo\nTo: <jane@x.org>\n\n{OLD}",
    "apple": f"FYI see this\n\nBegin forwarded message:\n\n> From: John\n> Date: 1 January 2001\n> Subject: foo\n>\n> {OLD}",  # noqa: E501  one mail, one line
    "apple bare": f"FYI see this\n\nBegin forwarded message:\n\nFrom: John <j@x>\nSubject: x\nDate: January 1, 2001\nTo: J\n\n{OLD}",  # noqa: E501  one mail, one line
    "notes forward": "FYI see this\n---------------------- Forwarded by Kim Hillis/HOU/ECT on 12/11/2000 \n09:24 AM ------------\n\n\n"  # noqa: E501  one mail, one line
    f"David Oxley@ENRON\n12/11/2000 09:20 AM\nTo: A\ncc: B\nSubject: x\n\n{OLD}",
    "notes reply": "Sounds all good.\n\n\n\nDavid Oxley@ENRON\n12/11/2000 09:20 AM\nTo: A/HOU/ECT@ECT, B C/HOU/ECT@ECT, D\n"  # noqa: E501  one mail, one line
    f"E/HOU/ECT@ECT\ncc:  \n\nSubject: x\n\n{OLD}",
    "unmarked": f"Thanks, that works.\n\nOn Mon, Jan 1, 2001 at 10:00 AM, John Doe <john@x.org> wrote:\n\n{OLD}",
    "signature": "Thanks, that works.\n\n-- \nJohn Doe\nChief of everything\n",
    "mobile": "Thanks, that works.\n\nSent from my iPhone\n",
    "mobile german": "Danke, geht so.\n\nVon meinem iPhone gesendet\n",
    "line ends": f"Thanks, that works.\r\n\r\nOn Mon, Jan 1, 2001, J <j@x.org> wrote:\r\n> {OLD}",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_a_mail_of_three_new_words_has_three(text: str) -> None:
    assert count_words(new_text(text)) == 3


def test_answers_between_quotes_are_new() -> None:
    text = "Hi,\n\nJohn writes:\n> one?\n\nYes indeed.\n\n> two?\n\nNo.\n\nBye\n"
    assert new_text(text).split() == ["Hi,", "Yes", "indeed.", "No.", "Bye"]


def test_a_patch_and_its_trailers_are_new() -> None:
    text = (
        "Fix it.\n\nSigned-off-by: A B <a@b.c>\nCc: D E <d@e.f>\nLink: https://x.y/2018\nReviewed-by: G\n---\n a.c | 2 +-\n\n"  # noqa: E501  one mail, one line
        "diff --git a/a.c b/a.c\n--- a/a.c\n+++ b/a.c\n@@ -1 +1 @@\n-int a;\n+int b;\n"
    )
    assert new_text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "Topic: Budget\nDate: Monday, June 4, 2001\nTime: 11:00\nPlace: EB 872\nPlease come.\n",
        "From here on we say: 10:00 it is.\n",
        "He wrote:\nnothing of worth.\n",
        "a > b\n-> so it is\n",
    ],
)
def test_what_only_looks_like_a_header_or_a_quote_stays(text: str) -> None:
    assert new_text(text) == text


def test_signed_text_is_counted_and_its_signature_is_not() -> None:
    text = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA1\n\nThree new words\n"
        "-----BEGIN PGP SIGNATURE-----\niQEzBAEBCgAdFiEE\n-----END PGP SIGNATURE-----\n"
    )
    assert new_text(text).split() == ["Three", "new", "words"]


def test_the_short_way_knows_every_verb_of_saying_that_is_ascii() -> None:
    words = set(re.findall(r"[a-z]{4,}", re.sub(r"\[(.)[^\]]*\]", r"\1", _SAID.pattern)))
    assert {word for word in words if _SAID.search(f"Ana {word}:")} <= _SAID_IN_ASCII
    assert all(_SAID.search(f"Ana {word}:") for word in _SAID_IN_ASCII)


@given(st.text("\n- x", max_size=30))
def test_a_signature_is_cut_at_its_whole_mark_then_at_what_remains_of_one(text: str) -> None:
    kept = text
    for mark in ("\n-- \n", "\n--\n"):
        kept = kept.partition(mark)[0]
    assert _without_signature(text) == kept


@given(
    st.lists(st.sampled_from(["wrote", "says", "Said", "x", "w", "é", ":", " ", "\n", ",", "it is so"]), max_size=12)
)
def test_a_verb_of_saying_is_found_as_by_its_pattern(bits: list[str]) -> None:
    text = f"{''.join(bits)}:"
    for start in range(len(text)):
        assert _says(text, start, len(text)) == (_SAID.search(text, start, len(text)) is not None)
