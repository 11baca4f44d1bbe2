"""The body of an HTTP answer: whole and within its bound, packed and unpacked, or an error."""

from __future__ import annotations

import zlib
from http.client import HTTPResponse

from connectors.errors import Refused, TryLater
from connectors.http_wire import Watch

PIECE = 1 << 16  # bytes of one read


class TooLarge(Refused):
    """The answer is larger than it may be; nothing of it was kept."""


def read_body(answer: HTTPResponse, watch: Watch, most: int, at: str) -> bytes:
    """The body, unpacked. `most`: bytes that it may have, on the wire and unpacked; `at`: account and address.

    Raises TryLater where it is cut, TooLarge, Refused for a packing that was not asked for; zlib.error, OSError.
    """
    coding = (answer.headers["content-encoding"] or "identity").strip().lower()
    if coding not in {"identity", "gzip", "x-gzip"}:
        raise Refused(f"{at}: the server packs its answer as {coding[:20]!r}, which nobody asked for")
    unpack = _Gunzip() if coding != "identity" else None
    pieces, size, packed = [], 0, 0
    told = answer.length
    while piece := answer.read(PIECE):
        packed += len(piece)
        if unpack:
            piece = unpack(piece, most + 1 - size)
        pieces.append(piece)
        size += len(piece)
        if max(size, packed) > most:
            raise TooLarge(f"{at}: the answer is larger than {most // 1_000_000} MB; it is not read")
    framed = told is not None or answer.chunked
    short = watch.ended if framed else False
    short |= told is not None and packed != told
    short |= unpack is not None and not unpack.whole and (packed > 0 or not framed)
    if short:
        raise TryLater(f"{at}: the answer was cut off; it is tried again later")
    return b"".join(pieces)


class _Gunzip:
    """Unpacks gzip with a bound on what comes out; further members follow, other bytes behind the last do not count."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)

    @property
    def whole(self) -> bool:
        return self._member.eof

    def __call__(self, data: bytes, most: int) -> bytes:
        """At most about `most` bytes; raises zlib.error."""
        out = b""
        while data and len(out) < most:
            if self._member.eof:
                if not data.startswith(b"\x1f"):
                    break
                self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
            out += self._member.decompress(data, most - len(out))
            data = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        return out
