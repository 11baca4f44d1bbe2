"""Responses, names and sets of UIDs: what they say, and that nothing a server sends breaks them."""

from __future__ import annotations

import base64
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.imap import refusals, structure, tokens, uids, utf7
from connectors.imap.copies import Copy, copy_in


def utf7_of(name: str) -> bytes:
    """Modified UTF-7, written the plain way."""
    found = b""
    for letter in name:
        if letter == "&":
            found += b"&-"
        elif " " <= letter <= "~":
            found += letter.encode()
        else:
            found += b"&" + base64.b64encode(letter.encode("utf-16-be")).rstrip(b"=").replace(b"/", b",") + b"-"
    return found


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([b'LIST (\\Noselect) "/" "a \\"b\\" \\\\"'], [b"LIST", [b"\\Noselect"], b"/", b'a "b" \\']),
        ([b'LIST () NIL [Gmail]/"x"'], [b"LIST", [], None, b"[Gmail]/", b"x"]),
        ([b"7 FETCH (UID 7 BODY[HEADER.FIELDS (TO CC)]<0> {3}", b"a)(", b" FLAGS (\\Seen nil))"],
         [b"7", b"FETCH", [b"UID", b"7", b"BODY[HEADER.FIELDS (TO CC)]<0>", b"a)(", b"FLAGS", [b"\\Seen", None]]]),
        ([b'x "NIL" NIL ""'], [b"x", b"NIL", None, b""]),
    ],
)  # fmt: skip
def test_what_a_response_says(parts: list[bytes], said: list[object]) -> None:
    assert tokens.parse(parts) == said


@pytest.mark.parametrize("broken", [b"(", b")", b'"', b"a {3", b"(" * 200 + b")" * 200, b"BODY["])
def test_what_is_no_response(broken: bytes) -> None:
    with pytest.raises(tokens.Unreadable):
        tokens.parse([broken])


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=5))
@settings(max_examples=300)
def test_any_bytes_are_a_response_or_not(parts: list[bytes]) -> None:
    with suppress(tokens.Unreadable):
        found = tokens.parse(parts)
        copy_in(found)
        structure.parts_of(found)


@given(st.text(max_size=20))
def test_any_name_of_a_folder_comes_back(name: str) -> None:
    shown = name.translate(dict.fromkeys((*range(32), *range(127, 160)), "\ufffd"))
    if not any("\ud800" <= letter <= "\udfff" for letter in name):
        assert utf7.decoded(utf7_of(name)) == shown


@pytest.mark.parametrize(
    ("wire", "shown"),
    [(b"&AMQ-rger", "Ärger"), (b"&AMQ", "&AMQ"), (b"&AMQ*-", "&AMQ*-"), (b"&2D0-", "&2D0-"), ("Ä".encode(), "Ä"),
     (b"a\xff", "a\ufffd"), (b"../../x", "../../x"), (b"a\x1b[31m", "a\ufffd[31m"), (b"&-", "&")],
)  # fmt: skip
def test_names_of_folders(wire: bytes, shown: str) -> None:
    assert utf7.decoded(wire) == shown


@given(st.binary(max_size=40))
def test_any_bytes_are_a_name(wire: bytes) -> None:
    assert not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in utf7.decoded(wire))


@given(st.sets(st.integers(1, 60)))
def test_sets_of_uids(numbers: set[int]) -> None:
    ranges = uids.read(uids.written(numbers))
    assert uids.listed(ranges, 1_000) == sorted(numbers, reverse=True)


def test_a_range_of_all_numbers_is_not_spelled_out() -> None:
    assert uids.listed(uids.read(b"1:4294967295"), 10_000) is None
    assert uids.read(b"0,x,5:2,99999999999,7:*") == [(2, 5)]


def test_a_status() -> None:
    said = refusals.status(b"no", b"[INUSE] locked \x1b[1m by another" + b"x" * 1_000)
    assert (said.kind, said.code) == ("NO", "INUSE")
    assert said.text.startswith("locked  [1m by")
    assert len(said.text) == 200


def test_versions_tell_what_our_observation_depends_on() -> None:
    def version(*flags: bytes, labels: tuple[str, ...] | None = None) -> str:
        return Copy(1, frozenset(flags), labels=labels).version

    assert version() == version(b"\\FLAGGED", b"\\RECENT", b"$FORWARDED") == "-"
    assert len({version(), version(b"\\SEEN"), version(b"\\DELETED"), version(b"\\DRAFT"), version(b"$JUNK")}) == 5
    assert len({version(), version(labels=()), version(labels=("a",)), version(labels=("a", "b"))}) == 4
