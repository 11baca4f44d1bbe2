"""mbox files of any size, message by message: mboxrd, mboxo, mboxcl, Thunderbird, Takeout; LF and CRLF."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from connectors.errors import ItemMalformed

CHUNK = 128 * 1024  # what is asked for in larger pieces comes in fresh pages of memory every time
KEPT = 64 * 1024 * 1024  # bytes of one message that are held; of the rest only the length is known
_LOOKAHEAD = 4096  # bytes from "From " on that judge whether a message begins there
_LOOKBEHIND = 3  # and those before it: the end of a line and an empty line, LF or CRLF
_EMPTY_LINES = (b"\n\n", b"\n\r\n")

# "From " at a line's start begins a message only if an empty line stands before it and it reads like an envelope:
# a sender and a date, or a lone sender, and then header fields. mboxo and mail programs leave sentences that begin
# with "From " unquoted, and the standard library's mailbox makes messages of them.
_DATED = re.compile(rb"From [^\r\n]{0,300}?\d{1,2}:\d{2}[^\r\n]{0,60}?\b\d{4}\b[^\r\n]{0,40}\r?\n")
_LONE = re.compile(rb"From (?:[^\s]{1,300})?[ \t]{0,9}\r?\n")
_FIELD = rb"(?:>{0,9}From [^\r\n]{1,300}\r?\n)?[!-9;-~]{1,100}[ \t]{0,2}:"
_ONE_FIELD = re.compile(_FIELD)
_TWO_FIELDS = re.compile(_FIELD + rb"[^\n]*+\n(?:[ \t][^\n]*+\n){0,20}+[!-9;-~]{1,100}[ \t]{0,2}:")
_CUT_FIELD = re.compile(rb"[!-9;-~]{1,100}\Z")  # the file ends within a field's name
_QUOTED = re.compile(rb"^>(>*+From )", re.MULTILINE)
_BLANKS = b"\xef\xbb\xbf\r\n"


class RawMessage(msgspec.Struct, frozen=True):
    """`offset`: of its separator line in the file; `raw`: the message behind that line; `cut`: bytes not held.

    `quoted` is False where no `>From ` can stand in the message, which spares looking for it.
    """

    offset: int
    raw: bytes
    cut: int
    quoted: bool = True


def is_mbox(start: bytes) -> bool:
    """Whether a file that begins like `start` (4 KiB are enough) is an mbox with at least one message."""
    return _begins_message(start.lstrip(_BLANKS))


def messages(stream: BinaryIO, name: str, begin: int = 0, end: int | None = None) -> Iterator[RawMessage]:
    """The messages of an open mbox that begin in [begin, end), `>From ` unquoted, in the memory of one message.

    The ranges of a file together give what the whole file gives. Raises ItemMalformed, with `name`, where the first
    line that is not blank begins no message. A last message that is cut off counts; a message beyond `KEPT` is held up
    to there; an empty file has none.
    """
    first = _first_message(stream, begin, end) if begin else 0
    if first is None:
        return
    if begin:
        stream.seek(first)
    buffer = bytearray(stream.read(CHUNK))
    blank = len(buffer) - len(buffer.lstrip(_BLANKS))
    base = first + blank
    del buffer[:blank]
    if not buffer:
        return
    if not begin and not _begins_message(buffer):
        raise ItemMalformed(
            f"{name}: this is no mbox file: its first line is no 'From ' line; nothing was read from it"
        )
    opened, search, dropped, ended, quoted = 0, 1, 0, False, False
    while True:
        found = _next_message(buffer, search, ended=ended)
        quoted |= found.quoted
        if found.begins:
            yield _message(buffer, opened, found.at, base, dropped, quoted=quoted)
            base, dropped, quoted = base + dropped, 0, False
            opened, search = found.at, found.at + 1
            if end is not None and base + opened >= end:
                return
            continue
        if ended:
            yield _message(buffer, opened, len(buffer), base, dropped, quoted=quoted)
            return
        search = found.at - opened
        del buffer[:opened]
        base, opened = base + opened, 0
        if search - _LOOKBEHIND > KEPT + CHUNK:
            dropped += search - _LOOKBEHIND - KEPT
            del buffer[KEPT : search - _LOOKBEHIND]
            search = KEPT + _LOOKBEHIND
        chunk = stream.read(CHUNK)
        ended = not chunk
        buffer += chunk


def _first_message(stream: BinaryIO, begin: int, end: int | None) -> int | None:
    """Where the first message that begins in [begin, end) does; None where there is none."""
    base, search, buffer = begin - _LOOKBEHIND, _LOOKBEHIND, bytearray()
    stream.seek(base)
    while end is None or base + search < end:
        chunk = stream.read(CHUNK)
        buffer += chunk
        found = _next_message(buffer, search, ended=not chunk)
        if found.begins:
            return base + found.at if end is None or base + found.at < end else None
        if not chunk:
            return None
        base += found.at - _LOOKBEHIND
        del buffer[: found.at - _LOOKBEHIND]
        search = _LOOKBEHIND
    return None


class _Found(msgspec.Struct, frozen=True):
    begins: bool
    at: int  # where the message begins, or from where the next chunk must be searched
    quoted: bool  # whether a "From " behind ">" was passed by


def _next_message(buffer: bytearray, search: int, *, ended: bool) -> _Found:
    """The next place from `search` on at which a message begins, as far as the buffer can tell."""
    quoted = False
    while (line := buffer.find(b"From ", search)) >= 0:
        before = buffer[max(0, line - _LOOKBEHIND) : line]
        if before.endswith(b"\n"):
            if not ended and len(buffer) - line < _LOOKAHEAD:
                return _Found(begins=False, at=line, quoted=quoted)
            if before.endswith(_EMPTY_LINES) and _begins_message(buffer, line):
                return _Found(begins=True, at=line, quoted=quoted)
        quoted = quoted or before.endswith(b">")
        search = line + 1
    return _Found(begins=False, at=max(search, len(buffer) - len(b"From ") + 1), quoted=quoted)


def _begins_message(data: bytes | bytearray, at: int = 0) -> bool:
    """Whether an envelope line and a header begin there; a file that ends within them is cut off, not wrong."""
    end = min(len(data), at + _LOOKAHEAD)
    dated = _DATED.match(data, at, end)
    envelope = dated or _LONE.match(data, at, end)
    if envelope is None:
        begun = data[at:end]
        return begun.startswith(b"From ") and b"\n" not in begun and len(begun) < _LOOKAHEAD and b":" in begun
    behind = envelope.end()
    if behind == end or (_ONE_FIELD if dated else _TWO_FIELDS).match(data, behind, end):
        return True
    return dated is not None and _CUT_FIELD.match(data, behind, end) is not None


def _message(buffer: bytearray, start: int, end: int, base: int, dropped: int, *, quoted: bool) -> RawMessage:
    line = buffer.find(b"\n", start, end) + 1 or end
    with memoryview(buffer) as view:
        raw = bytes(view[line : min(end, start + KEPT)])
    if quoted:
        raw = _QUOTED.sub(rb"\1", raw)
    return RawMessage(base + start, raw, dropped + max(0, end - start - KEPT), quoted)
