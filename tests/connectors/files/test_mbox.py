"""mbox files: as many messages as were written, where they stand, whatever their dialect."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import ItemMalformed
from connectors.files import mbox
from connectors.files.mbox import RawMessage, is_mbox, messages

ENVELOPE = "From ana@x.org Mon Jan  1 10:00:00 2018\n"


def read(text: str | bytes) -> list[RawMessage]:
    return list(messages(io.BytesIO(text.encode() if isinstance(text, str) else text), "m.mbox"))


def test_every_file_holds_what_its_oracle_says(shared_data: Path) -> None:
    counts = json.loads((shared_data / "ORACLES.json").read_text())["mailbox_module_counts"]
    found = {}
    for name in counts:
        with (shared_data / name).open("rb") as stream:
            found[name] = sum(1 for _ in messages(stream, name))
    assert found == counts


def test_offsets_point_at_the_separators() -> None:
    text = f"\n{ENVELOPE}Subject: a\n\none\n\n{ENVELOPE}Subject: b\n\ntwo\n"
    first, second = read(text)
    assert [text[at.offset : at.offset + 5] for at in (first, second)] == ["From ", "From "]
    assert first.raw == b"Subject: a\n\none\n\n"
    assert second.raw == b"Subject: b\n\ntwo\n"


@pytest.mark.parametrize(
    "line",
    [
        "From ana@x.org Mon Jan  1 10:00:00 2018", "From - Mon Jan 01 00:00:00 2018", "From - ", "From ???@??? Mon Jan 01 10:00:00 2018",  # noqa: E501  one mail, one line
        "From 1589@xxx Mon Jan 01 10:00:00 +0000 2018", "From ana@x.org  Mon, 1 Jan 2018 10:00:00 +0100", "From MAILER-DAEMON",  # noqa: E501  one mail, one line
        'From "ana ruiz"@x.org Mon Jan  1 10:00 EST 2018 remote from here',
    ],
)  # fmt: skip
def test_dialects_of_the_separator(line: str) -> None:
    text = f"{line}\nX-Mozilla-Status: 0001\nSubject: a\n\none\n\n{line}\nX-Mozilla-Status: 0001\nSubject: b\n\ntwo\n"
    assert is_mbox(text.encode())
    assert len(read(text)) == 2
    assert len(read(text.replace("\n", "\r\n"))) == 2


@pytest.mark.parametrize(
    "paragraph",
    [
        "From here on it is easy.\nTrust me: it is.", "From 10:00 to 11:00 in 2018 we met.\nThen we left.", "From ana\nand bo: hello",  # noqa: E501  one mail, one line
        "From Monday 10:30 on 2018\n\nSubject: matters", "xFrom ana@x.org Mon Jan  1 10:00:00 2018\nSubject: b",
    ],
)  # fmt: skip
def test_sentences_that_begin_with_from_are_text(paragraph: str) -> None:
    text = f"{ENVELOPE}Subject: a\n\nHello,\n\n{paragraph}\n"
    assert len(read(text)) == 1


def test_a_separator_needs_an_empty_line_before_it() -> None:
    assert len(read(f"{ENVELOPE}Subject: a\n\ntext\n{ENVELOPE}Subject: b\n\ntwo\n")) == 1


def test_quoted_from_lines_lose_one_mark() -> None:
    (message,) = read(f"{ENVELOPE}Subject: a\n\n>From x\n>>From y\n> From z\n")
    assert message.raw == b"Subject: a\n\nFrom x\n>From y\n> From z\n"


@pytest.mark.parametrize("tail", ["", "Subj", "Subject: b", "Subject: b\n\ncut o"])
def test_a_last_message_that_is_cut_off_counts(tail: str) -> None:
    assert len(read(f"{ENVELOPE}Subject: a\n\none\n\n{ENVELOPE}{tail}".removesuffix("\n"))) == 2


@pytest.mark.parametrize("data", [b"", b"\n\n"])
def test_an_empty_file_has_no_messages(data: bytes) -> None:
    assert read(data) == []


@pytest.mark.parametrize("data", [b"\0\1\2", b"Subject: a\n\nhi", b"From here on it is easy.\nTrust me.\n", b"PK\3\4"])
def test_another_file_is_no_mbox_and_named(data: bytes) -> None:
    assert not is_mbox(data)
    with pytest.raises(ItemMalformed, match=r"^m\.mbox: this is no mbox"):
        read(data)


def test_of_a_huge_message_the_beginning_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox, "KEPT", 50_000)
    monkeypatch.setattr(mbox, "CHUNK", 10_000)
    huge = f"{ENVELOPE}Subject: a\n\n" + "x" * 99 + "\n" + "line\n" * 100_000 + "\n"
    text = huge + f"{ENVELOPE}Subject: b\n\ntwo\n"
    first, second = read(text)
    assert len(first.raw) + len(ENVELOPE) == 50_000
    assert first.cut == len(huge) - 50_000
    assert (text[second.offset :][:5], second.raw) == ("From ", b"Subject: b\n\ntwo\n")


@pytest.mark.parametrize("more", range(0, 5000, 500))
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_behind_a_huge_message_the_next_begins_wherever_the_reads_fall(
    ends: str, more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mbox, "KEPT", 5_000)
    monkeypatch.setattr(mbox, "CHUNK", 5_000)
    huge = f"{ENVELOPE}Subject: a\n\n" + "line\n" * 5_000 + "x" * more + "\n\n"
    text = f"{huge}{ENVELOPE}Subject: b\n\ntwo\n".replace("\n", ends)
    first, second = read(text)
    assert first.cut == len(huge.replace("\n", ends)) - 5_000
    assert second.raw == b"Subject: b\n\ntwo\n".replace(b"\n", ends.encode())


def test_a_mark_within_a_line_is_no_quoted_from_line() -> None:
    first, second = read(f"{ENVELOPE}X-From: a\nSubject: a\n\nFrom b\n\n{ENVELOPE}Subject: b\n\na >>From b\n")
    assert not first.quoted
    assert second.quoted
    assert second.raw.endswith(b"a >>From b\n")


BODIES = st.lists(
    st.sampled_from(
        ["hello\n", "\n", ">From x\n", "From there\n", "> q\n", "x" * 70 + "\n", "From a@b 10:00 2018\nno\n"]
    ),
    max_size=12,
)


@given(bodies=st.lists(BODIES, min_size=1, max_size=6), chunk=st.integers(7, 200))
def test_messages_do_not_depend_on_where_the_reads_fall(bodies: list[list[str]], chunk: int) -> None:
    text = "".join(f"{ENVELOPE}Subject: {number}\n\n{''.join(body)}\n" for number, body in enumerate(bodies)).encode()
    whole = read(text)
    assert all(message.quoted or b">From " not in message.raw for message in whole)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mbox, "CHUNK", 4096 + chunk)
        assert read(text) == whole
    assert len(whole) == len(bodies)
    assert [message.raw.partition(b"\n")[0] for message in whole] == [
        b"Subject: %d" % number for number in range(len(bodies))
    ]
