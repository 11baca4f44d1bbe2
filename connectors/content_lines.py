"""Content lines, the grammar that iCalendar (RFC 5545, 3.1) and vCard (2.1; RFC 2426, 3.0; RFC 6350, 4.0) share.

From the outside in: `components` cuts a byte stream into components, so that one broken one cannot spoil its
neighbours; `unfold` joins the folded physical lines of one component; `content_line` takes one line apart; `unescape`,
`split_escaped` and `quoted_printable` read its value. Tolerant, because files are: LF, CR and CRLF, byte order marks,
UTF-16, folds without their blank, the soft line breaks of vCard 2.1, Windows-1252 where UTF-8 was promised.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple

CHUNK_BYTES = 1 << 20
# What we need of a line is short; a longer one is an attachment or a photo and is cut here.
LINE_BYTES = 64 << 10
# A guest list of 10,000 people is about one MB; a component beyond this is reported, not read.
COMPONENT_BYTES = 2 << 20
DEPTH = 20  # nesting below an outermost component; VCALENDAR > VEVENT > VALARM needs three
PARAMS = 100  # of one line; real ones have at most ten

Params = dict[str, tuple[str, ...]]

_FOLD = re.compile(rb"(?:\r\n|\n|\r)[ \t]")
_HEAD = re.compile(r"(?:(?P<group>[A-Za-z0-9_\-]+)\.)?(?P<name>[A-Za-z0-9_\-]+)[ \t]*(?=[:;])")
_HEAD_BYTES = re.compile(rb"[A-Za-z0-9_\-.]+[ \t]*[:;]")
# Nearly every line: parameters without quotes, lists or escapes.
_PLAIN = re.compile(r'([A-Za-z0-9_\-]+)((?:;[A-Za-z0-9_\-]+=[^";:,^]*)*):')
_PARAM = re.compile(r'[ \t]*([A-Za-z0-9_\-]+)[ \t]*(=((?:"[^"]*"?|[^";:])*))?[ \t]*')
_PARAM_VALUE = re.compile(r'"([^"]*)"?|([^",]+)')
_CARET = re.compile(r"\^([n'^])")  # RFC 6868
_CARET_MEANS = {"n": "\n", "'": '"', "^": "^"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_SOFT_BREAK = re.compile(rb"=[ \t]*$")
_BEGIN, _END, _CALENDAR = b"BEGIN:", b"END:", b"VCALENDAR"


class ContentLine(NamedTuple):
    """One property: `name` and the names of `params` upper case, `value` still escaped; `item1.EMAIL` has a group."""

    name: str
    params: Params
    value: str
    group: str = ""

    def param(self, name: str) -> str:
        """The first value of a parameter; "" where it is missing."""
        return self.params.get(name, ("",))[0]


class Component(NamedTuple):
    """One component as raw physical lines, from BEGIN to END and with the components inside it.

    `line`, that of its BEGIN, counts from 1. `problem` says why it cannot be read ("" if it can).
    """

    name: str
    line: int
    lines: list[bytes]
    problem: str = ""


class Loose(NamedTuple):
    """A physical line outside the wanted components: a property of the calendar, its BEGIN or its END."""

    line: int
    data: bytes


def physical_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines without their ends, LF, CRLF and CR alike; UTF-16 becomes UTF-8; beyond `LINE_BYTES` a line is cut."""
    first = stream.read(CHUNK_BYTES)
    decoder = None
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    first = first.removeprefix(codecs.BOM_UTF8)
    tail, after_cr, chunk = b"", False, first
    while chunk:
        data = decoder.decode(chunk).encode("utf-8", "replace") if decoder else chunk
        if after_cr and data.startswith(b"\n"):
            data = data[1:]
        after_cr = data.endswith(b"\r") or (after_cr and not data)
        lines = (tail + data).splitlines(keepends=True)
        tail = lines.pop()[:LINE_BYTES] if lines and not lines[-1].endswith((b"\n", b"\r")) else b""
        for line in lines:
            yield line.rstrip(b"\r\n")[:LINE_BYTES]
        chunk = stream.read(CHUNK_BYTES)
    if tail:
        yield tail


def components(stream: BinaryIO, wanted: frozenset[bytes]) -> Iterator[Component | Loose]:
    """The outermost components named in `wanted` (upper case), each whole, and the loose lines between, in file order.

    A component whose END is missing has a `problem`, and the file goes on with the next one. Memory holds one of them.
    """
    pile: _Pile | None = None
    for number, line in enumerate(physical_lines(stream), 1):
        mark = line[:6].upper()
        if mark == _BEGIN:
            name = line[6:].strip().upper()
            if pile is not None and (name in wanted or name == _CALENDAR) and not pile.expects_agent():
                yield pile.component("its END is missing")
                pile = None
            if pile is not None:
                pile.begin(name, line)
            elif name in wanted:
                pile = _Pile(name, number, line)
            else:
                yield Loose(number, line)
        elif pile is None:
            yield Loose(number, line)
        else:
            pile.add(line)
            if mark[:4] == _END:
                pile.end(line[4:].strip().upper())
                if pile.closed:
                    yield pile.component(pile.closed_by)
                    pile = None
    if pile is not None:
        yield pile.component("the file ends inside it")


class _Pile:
    """The physical lines of one component while they come in."""

    def __init__(self, name: bytes, line: int, first: bytes) -> None:
        self.name, self.line = name, line
        self.lines = [first]
        self.open = [name]
        self.size = len(first)
        self.folded = 0  # bytes of the property that is being continued
        self.problem = ""
        self.closed = False
        self.closed_by = ""

    def expects_agent(self) -> bool:
        """In vCard 2.1 `AGENT:` is followed by a card inside the card."""
        return self.lines[-1][:5].upper() == b"AGENT" and self.lines[-1].rstrip().endswith(b":")

    def begin(self, name: bytes, line: bytes) -> None:
        self.open.append(name)
        if len(self.open) > DEPTH:
            self.problem = self.problem or f"more than {DEPTH} components stand inside each other"
        self.add(line)

    def end(self, name: bytes) -> None:
        """Close what this END names; one that fits nothing is passed over, that of the calendar closes all."""
        if name in self.open:
            while self.open.pop() != name:
                pass
            self.closed = not self.open
        elif name == _CALENDAR:
            self.closed, self.closed_by = True, "its END is missing"

    def add(self, line: bytes) -> None:
        if line[:1] in {b" ", b"\t"}:
            self.folded += len(line)
            if self.folded > LINE_BYTES:
                return
        else:
            self.folded = len(line)
        self.size += len(line) + 16  # a line costs more than its bytes
        if self.size > COMPONENT_BYTES:
            self.problem = self.problem or f"it is larger than {COMPONENT_BYTES >> 20} MB"
        elif len(self.open) <= DEPTH:
            self.lines.append(line)

    def component(self, broken_by: str) -> Component:
        name = self.name.decode("ascii", "replace")
        return Component(name, self.line, self.lines, self.problem or broken_by)


def unfold(lines: Iterable[bytes]) -> list[str]:
    """Logical lines of one component, decoded.

    A line that no property can begin with continues the one before it (a fold that lost its blank). Folds are undone on
    bytes, since they may cut a character in two; what is not UTF-8 is taken as Windows-1252.
    """
    folded = b"\n".join(lines)
    soft = b"QUOTED-PRINTABLE" in folded.upper()
    whole = _unfold_soft(folded) if soft else _FOLD.sub(b"", folded)
    out: list[bytes] = []
    for line in whole.split(b"\n"):
        if _HEAD_BYTES.match(line) or not out:
            out.append(line)
        elif line.strip():
            out[-1] += line
    return [decoded(line) for line in out if line]


def _unfold_soft(folded: bytes) -> bytes:
    """Like the fold, but a quoted-printable value goes on after `=` at the end of its line, blanks kept."""
    out: list[bytes] = []
    soft = False
    for line in folded.split(b"\n"):
        if soft:
            out[-1] = _SOFT_BREAK.sub(b"", out[-1]) + line
        elif line[:1] in (b" ", b"\t") and out:
            out[-1] += line[1:]
        else:
            out.append(line)
        head = out[-1].partition(b":")[0].upper()
        soft = b"QUOTED-PRINTABLE" in head and bool(_SOFT_BREAK.search(line))
    return b"\n".join(out)


def decoded(data: bytes) -> str:
    """UTF-8, else Windows-1252; without NUL, which no text holds and PostgreSQL refuses."""
    if b"\0" in data:
        data = data.replace(b"\0", b"")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def content_line(line: str) -> ContentLine | None:
    """One logical line taken apart; None where it is no content line at all."""
    plain = _PLAIN.match(line)
    if plain is not None:
        texts = plain[2].split(";")[1:]
        params: Params = {key.upper(): (text,) for key, _, text in (part.partition("=") for part in texts)}
        if len(params) == len(texts):
            return ContentLine(plain[1].upper(), params, line[plain.end() :])
    return _content_line(line)


def _content_line(line: str) -> ContentLine | None:
    """Any line: with a group, quotes, lists, RFC 6868, bare parameters, a parameter twice, blanks where none belong."""
    head = _HEAD.match(line)
    if head is None:
        return None
    at, count = head.end(), 0
    params: Params = {}
    while line.startswith(";", at):
        found = _PARAM.match(line, at + 1)
        if found is None:
            at += 1
            continue
        at = found.end()
        count += 1
        if count <= PARAMS:
            _add_param(params, found.group(1).upper(), found.group(3))
    colon_at = line.find(":", at)
    if colon_at < 0:  # a quote that is never closed swallowed it
        return _content_line(line.replace('"', "")) if '"' in line else None
    return ContentLine(head["name"].upper(), params, line[colon_at + 1 :], head["group"] or "")


def _add_param(params: Params, name: str, raw: str | None) -> None:
    """Add the values of one parameter; the bare `HOME` of vCard 2.1 is a TYPE, bare encodings are ENCODING."""
    if raw is None:
        bare = "ENCODING" if name in {"QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT"} else "TYPE"
        params[bare] = (*params.get(bare, ()), name)
        return
    if '"' not in raw and "," not in raw:
        values: tuple[str, ...] = (raw,)
    else:
        values = tuple((quoted or plain.strip()) for quoted, plain in _PARAM_VALUE.findall(raw))
    if "^" in raw:
        values = tuple(_CARET.sub(lambda caret: _CARET_MEANS[caret[1]], value) for value in values)
    params[name] = params.get(name, ()) + values


def unescape(value: str) -> str:
    r"""A TEXT value as a person reads it: `\n` a line break, any other escaped character itself."""
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def split_escaped(value: str, separator: str) -> list[str]:
    r"""The raw parts between unescaped separators (`,` or `;`): `a\,b,c` gives `a\,b` and `c`."""
    if "\\" not in value:
        return value.split(separator)
    parts, start, at = [], 0, 0
    while at < len(value):
        if value[at] == "\\":
            at += 2
            continue
        if value[at] == separator:
            parts.append(value[start:at])
            start = at + 1
        at += 1
    return [*parts, value[start:]]


def quoted_printable(line: ContentLine) -> str:
    """The value of a vCard 2.1 line, its quoted-printable and its charset undone; any other value unchanged."""
    if "QUOTED-PRINTABLE" not in (value.upper() for value in line.params.get("ENCODING", ())):
        return line.value
    data = binascii.a2b_qp(line.value.encode("utf-8", "surrogatepass"))
    charset = line.param("CHARSET")
    if charset:
        try:
            return data.decode(charset, "replace")
        except (LookupError, ValueError):  # a charset that nobody knows
            pass
    return decoded(data)
