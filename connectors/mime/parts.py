"""The parts of a message: which text a person wrote, and what the structure says about its kind."""

from __future__ import annotations

import binascii

import msgspec

from connectors.mime.charsets import base64_bytes, decode
from connectors.mime.headers import Head, parameters, read_head
from connectors.mime.html import html_text

DEPTH = 50  # nested multiparts that are followed (facts on hostile mail, H4)
PARTS = 1_000  # parts that are looked at; then the rest is an attachment (H5)
WALKED = 16 * 1024 * 1024  # bytes of structure that are searched; text behind bigger attachments is not found
COUNTED = 256 * 1024  # bytes of text that are counted: 40,000 words, more than anybody writes or reads at once
_MARKUP = 512 * 1024  # bytes of HTML for that text
_FALSE_DELIMITERS = 10_000
_BEHIND_DELIMITER = frozenset({b"\n", b"\r", b"-", b" ", b"\t", b""})


class Part(msgspec.Struct, frozen=True):
    """raw[start:end] is the part's content, still encoded."""

    kind: bytes  # content type, lower case, without parameters
    parameters: dict[bytes, bytes]
    encoding: bytes
    start: int
    end: int


class Body(msgspec.Struct, frozen=True):
    """The text to be counted, and the two marks that only parts carry."""

    text: str
    method: str  # of a text/calendar part: request, reply, cancel, …
    report: str  # report-type of a multipart/report


class _Walk:
    """The state of one walk: what it may still spend, and what it has found."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self.parts_left = PARTS
        self.bytes_left = WALKED
        self.method = ""

    def texts(self, part: Part, depth: int) -> list[Part]:
        """The text parts below `part` that a reader sees, in order; of alternatives the one to count."""
        if part.kind.startswith(b"multipart/"):
            if depth >= DEPTH:
                return []
            groups = [self.texts(child, depth + 1) for child in self.children(part)]
            if part.kind == b"multipart/alternative":
                return self.chosen(groups)
            if part.kind == b"multipart/digest":
                return []
            return [text for group in groups for text in group]
        if part.kind == b"text/calendar":
            self.method = self.method or part.parameters.get(b"method", b"").decode("ascii", "replace").lower()
            return []
        return [part] if part.kind in {b"text/plain", b"text/html", b"text"} else []

    def chosen(self, groups: list[list[Part]]) -> list[Part]:
        """The plain alternative, unless it is blank; then the last one."""
        for group in groups:
            if any(part.kind != b"text/html" and part_text(self.raw, part).strip() for part in group):
                return group
        return next((group for group in reversed(groups) if group), [])

    def children(self, part: Part) -> list[Part]:
        boundary = part.parameters.get(b"boundary", b"").rstrip()
        if not boundary:
            return []
        found = []
        for start, end in self.slices(b"--" + boundary, part.start, part.end):
            self.parts_left -= 1
            if self.parts_left < 0:
                break
            head = read_head(self.raw, start, end)
            disposition, names = parameters(head.first(b"content-disposition"))
            if disposition == b"attachment" or b"filename" in names:
                found.append(Part(b"attachment", {}, b"", end, end))
                if head.first(b"content-type").lower().startswith(b"text/calendar"):
                    self.texts(part_of(head, end), 0)
                continue
            found.append(part_of(head, end))
        return found

    def slices(self, delimiter: bytes, start: int, end: int) -> list[tuple[int, int]]:
        """Where the parts between the delimiter lines begin and end; a missing last delimiter ends at `end`."""
        raw, opened, at, false_ones = self.raw, -1, start, 0
        found: list[tuple[int, int]] = []
        end = min(end, start + self.bytes_left)
        while len(found) < self.parts_left:
            at = raw.find(delimiter, at, end)
            if at < 0:
                break
            after = at + len(delimiter)
            if (at > start and raw[at - 1] not in b"\r\n") or raw[after : after + 1] not in _BEHIND_DELIMITER:
                at = after
                false_ones += 1
                if false_ones > _FALSE_DELIMITERS:
                    break
                continue
            if opened >= 0:
                found.append((opened, at - 1))
            line = raw.find(b"\n", after, end)
            opened = line + 1 if line >= 0 else -1
            at = opened
            if raw[after : after + 2] == b"--" or opened < 0:
                opened = -1
                break
        self.bytes_left -= (end if at < 0 else at) - start
        if opened >= 0:
            found.append((opened, end))
        return found


def part_of(head: Head, end: int) -> Part:
    """The part whose header was read as `head`."""
    kind, named = parameters(head.first(b"content-type"))
    return Part(kind or b"text/plain", named, head.first(b"content-transfer-encoding").lower(), head.body_at, end)


def read_body(raw: bytes, head: Head) -> Body:
    """The visible text of a whole message and the marks of its structure."""
    part = part_of(head, len(raw))
    if part.kind in {b"text/plain", b"text/html"}:
        return Body(part_text(raw, part), "", "")
    walk = _Walk(raw)
    texts = walk.texts(part, 0)
    text = "\n".join(part_text(raw, found) for found in texts[:20])
    report = part.parameters.get(b"report-type", b"").decode("ascii", "replace").lower()
    return Body(text[:COUNTED], walk.method, report if part.kind == b"multipart/report" else "")


def part_text(raw: bytes, part: Part) -> str:
    """The decoded text of a text part, HTML as the text a reader sees without quotes; at most `COUNTED` of it."""
    most = _MARKUP if part.kind == b"text/html" else COUNTED
    if part.encoding == b"base64":
        data = base64_bytes(raw[part.start : min(part.end, part.start + most * 3 // 2)])
    else:
        data = raw[part.start : min(part.end, part.start + most)]
        if part.encoding == b"quoted-printable":
            data = binascii.a2b_qp(data)
    text = decode(data, part.parameters.get(b"charset", b"").decode("ascii", "replace"))
    if part.kind == b"text/html":
        return html_text(text)[:COUNTED]
    if b"delsp" in part.parameters and part.parameters[b"delsp"].lower() == b"yes":
        text = text.replace(" \r\n", "").replace(" \n", "")
    return text
