from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from amity import terminal

TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
HOSTILE = [
    "\x1b[2J\x1b]0;owned\x07", "a\x9b31mred", "\u202ecod.exe", "zero\u200bwidth", "tag\U000e0041", "\r\nX: y",
    "\ud800", "\x00",
    "\u2066x\u2069", "\ufeffbom", "\u3164filler", "soft\xadhyphen", "\u2028line",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_terminal_would_obey_is_shown(text: str) -> None:
    shown = terminal.safe(text)
    assert "\\" in shown
    assert not any(unicodedata.category(one) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for one in shown)


@given(st.text())
def test_nothing_that_controls_survives(text: str) -> None:
    shown = terminal.safe(text)
    assert not any(unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} for one in shown)
    assert not any(unicodedata.bidirectional(one) in TURNS for one in shown)


def test_plain_text_of_any_language_stays() -> None:
    for text in ("Zoë Müller", "李小龙", "שלום", "привет", "Ana & Bo 😀"):
        assert terminal.safe(text) == text


def test_before_the_combining_marks_what_prints_is_safe_and_takes_one_column() -> None:
    for one in map(chr, range(0x300)):
        assert (terminal.safe(one) == one) == (unicodedata.category(one) not in {"Cc", "Cf"})
        assert one.isascii() or terminal.cells(one) == cell_len(one)
    assert [terminal.cells(text) for text in ("Zoë Müller", "a\u0301", "名", "")] == [10, 1, 2, 0]


@given(st.text(max_size=30), st.integers(0, 20))
def test_padding_is_exact(text: str, width: int) -> None:
    assert cell_len(terminal.pad(terminal.safe(text), width)) == width


def test_a_table_fits_and_aligns_wide_characters() -> None:
    rows = [["李小龙 的 很长 的 名字 " * 5, "1.0"], ["Ana", "22.5"]]
    lines = terminal.table(["person", "hours"], rows, (1,), 40)
    assert max(cell_len(line) for line in lines) <= 40
    assert {cell_len(line) for line in lines} == {40}


def test_the_widest_bar_says_more_than_all() -> None:
    assert terminal.bar(0.72, 20) == "██████████████▍░░░░░"
    assert terminal.bar(1.13, 20) == "█" * 20 + "▌"
    assert terminal.bar(0, 20) == "░" * 20
