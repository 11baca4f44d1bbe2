"""The lexer that calendars and contact cards share."""

from __future__ import annotations

import io

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.content_lines import (
    COMPONENT_BYTES,
    LINE_BYTES,
    Component,
    ContentLine,
    Loose,
    components,
    content_line,
    physical_lines,
    quoted_printable,
    split_escaped,
    unescape,
    unfold,
)
from tests.cliffs import no_cliff

EVENTS = frozenset({b"VEVENT"})
CARDS = frozenset({b"VCARD"})


def parts(text: str, wanted: frozenset[bytes] = EVENTS) -> list[tuple[int, str]]:
    """(line, problem) of each component."""
    found = components(io.BytesIO(text.encode()), wanted)
    return [(part.line, part.problem) for part in found if isinstance(part, Component)]


@pytest.mark.parametrize(
    "data",
    [b"a\nb\nc", b"a\r\nb\r\nc\r\n", b"a\rb\rc", b"a\r\nb\rc\n", b"\xef\xbb\xbfa\nb\nc", "a\nb\nc\n".encode("utf-16")],
)
def test_every_line_end_and_mark(data: bytes) -> None:
    assert list(physical_lines(io.BytesIO(data))) == [b"a", b"b", b"c"]


PHYSICAL = st.binary(max_size=20).filter(lambda line: not set(line) & set(b"\r\n"))


@given(st.lists(PHYSICAL, max_size=8), st.integers(3, 9))
def test_lines_do_not_depend_on_where_a_read_ends(lines: list[bytes], size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            return super().read(size)

    data = b"".join(line + b"\r\n" for line in lines)
    assume(data[:2] not in {b"\xff\xfe", b"\xfe\xff"} and data[:3] != b"\xef\xbb\xbf")
    assert list(physical_lines(Slow(data))) == lines


def test_a_line_without_an_end_costs_no_memory() -> None:
    (line,) = physical_lines(io.BytesIO(b"x" * (5 << 20)))
    assert len(line) == LINE_BYTES


def test_neighbours_of_a_component_without_end_survive() -> None:
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nBEGIN:VEVENT\nUID:2\nEND:VEVENT\nBEGIN:VEVENT\nUID:3\nEND:VCALENDAR\n"
    assert parts(text) == [(2, "its END is missing"), (4, ""), (7, "its END is missing")]


def test_the_end_of_the_file_inside_a_component() -> None:
    assert parts("BEGIN:VEVENT\nUID:1\n") == [(1, "the file ends inside it")]


def test_an_alarm_belongs_to_its_entry() -> None:
    assert parts("begin:vevent\nBEGIN:VALARM\nEND:VALARM\nend:vevent") == [(1, "")]


def test_a_card_inside_a_card_is_an_agent_only() -> None:
    agent = "BEGIN:VCARD\nAGENT:\nBEGIN:VCARD\nFN:B\nEND:VCARD\nEND:VCARD\n"
    assert parts(agent, CARDS) == [(1, "")]
    assert parts(agent.replace("AGENT:", "FN:A"), CARDS) == [(1, "its END is missing"), (3, "")]


def test_components_beyond_bounds_are_reported() -> None:
    deep = "BEGIN:VEVENT\n" + "BEGIN:X\n" * 30 + "END:X\n" * 30 + "END:VEVENT\n"
    large = "BEGIN:VEVENT\n" + "COMMENT:x\n" * (COMPONENT_BYTES // 8) + "END:VEVENT\n"
    assert [bool(problem) for _, problem in parts(deep + large + "BEGIN:VEVENT\nEND:VEVENT\n")] == [True, True, False]


def test_an_attachment_is_cut_and_its_entry_kept() -> None:
    text = "BEGIN:VEVENT\nATTACH:\n" + (" " + "x" * 70 + "\n") * 100_000 + "UID:1\nEND:VEVENT\n"
    (part,) = components(io.BytesIO(text.encode()), EVENTS)
    assert isinstance(part, Component)
    assert not part.problem
    assert sum(map(len, part.lines)) < 2 * LINE_BYTES
    assert unfold(part.lines)[-2:] == ["UID:1", "END:VEVENT"]


def test_loose_lines_carry_the_calendar() -> None:
    found = list(components(io.BytesIO(b"BEGIN:VCALENDAR\nMETHOD:REQUEST\n"), EVENTS))
    assert found == [Loose(1, b"BEGIN:VCALENDAR"), Loose(2, b"METHOD:REQUEST")]


def test_folds() -> None:
    assert unfold([b"SUMMARY:a", b" b", b"\tc", b"X:1"]) == ["SUMMARY:abc", "X:1"]
    assert unfold(["SUMMARY:ü".encode()[:-1], b" " + "ü".encode()[-1:]]) == ["SUMMARY:ü"]
    assert unfold([b"SUMMARY:a", b"lost its blank", b"X:1"]) == ["SUMMARY:alost its blank", "X:1"]
    assert unfold([b"SUMMARY:caf\xe9\0"]) == ["SUMMARY:café"]


def test_soft_line_breaks_of_vcard_21() -> None:
    lines = [b"NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:M=C3=", b"=BCller=", b" x", b"TEL:1"]
    note, tel = map(content_line, unfold(lines))
    assert note is not None
    assert quoted_printable(note) == "Müller x"
    assert tel == ContentLine("TEL", {}, "1")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("UID:a:b", ContentLine("UID", {}, "a:b")),
        ("dtstart;tzid=X:1", ContentLine("DTSTART", {"TZID": ("X",)}, "1")),
        ('ATTENDEE;CN="a;b:c":mailto:x', ContentLine("ATTENDEE", {"CN": ("a;b:c",)}, "mailto:x")),
        ('A;B=1,"2,3",4:v', ContentLine("A", {"B": ("1", "2,3", "4")}, "v")),
        ("A;B=1;B=2:v", ContentLine("A", {"B": ("1", "2")}, "v")),
        ("A;CN=x^'y^'^n^^:v", ContentLine("A", {"CN": ('x"y"\n^',)}, "v")),
        ('A;CN="never closed:v', ContentLine("A", {"CN": ("never closed",)}, "v")),
        ("A;;B=1;:v", ContentLine("A", {"B": ("1",)}, "v")),
        ("item1.EMAIL;INTERNET:v", ContentLine("EMAIL", {"TYPE": ("INTERNET",)}, "v", "item1")),
        ("N;QUOTED-PRINTABLE:v", ContentLine("N", {"ENCODING": ("QUOTED-PRINTABLE",)}, "v")),
        ("no colon at all", None),
        ("", None),
    ],
)
def test_content_lines(text: str, line: ContentLine | None) -> None:
    assert content_line(text) == line


@given(st.text(alphabet='AB;:=,"^n. ', max_size=40))
def test_any_line_is_read_or_refused(text: str) -> None:
    line = content_line(text)
    assert line is None or text.endswith(line.value.replace('"', "")) or '"' in text


@given(st.text(), st.sampled_from(",;"))
def test_split_and_unescape_undo_escaping(text: str, separator: str) -> None:
    escaped = text.replace("\\", "\\\\").replace(separator, "\\" + separator).replace("\n", "\\n")
    assert split_escaped(f"{escaped}{separator}{escaped}", separator) == [escaped, escaped]
    assert unescape(escaped) == text


@pytest.mark.parametrize("many", [";B", ';B="', ";B=^", ";", ";B=1", ',"', " "])
def test_no_line_takes_long(many: str) -> None:
    with no_cliff():
        content_line("A;B=" + many * (LINE_BYTES // len(many)))
