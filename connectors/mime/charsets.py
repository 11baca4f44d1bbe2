"""Bytes of unknown honesty to text: declared charsets, wrong ones, and none at all."""

from __future__ import annotations

import binascii
import codecs
import re
from functools import lru_cache

# Codecs that are no charsets, or whose decoder is quadratic (punycode) or yields what was never written.
_NOT_CHARSETS = frozenset({"punycode", "idna", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})

# What senders mean by these names (WHATWG Encoding Standard, "labels"): each is the superset that is really sent.
_MEANT = {
    "ascii": "", "utf-8": "", "iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932",
    "euc_kr": "cp949", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
}  # fmt: skip
_ALIASES = {
    "x-sjis": "cp932", "x-gbk": "gb18030", "x-mac-roman": "mac_roman", "macintosh": "mac_roman", "x-big5": "big5",
    "iso-8859-8-i": "iso8859-8", "iso-8859-8-e": "iso8859-8", "windows-874": "cp874", "windows-31j": "cp932",
    "unicode-1-1-utf-7": "utf-7", "x-windows-949": "cp949", "ks_c_5601-1987": "cp949", "iso-10646": "utf-16",
}  # fmt: skip
_LONGEST_NAME = 40

_ENCODED = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\r\n]*+)\?=")
_BETWEEN = re.compile(rb"[ \t\r\n]*+\Z")
# C0 controls: PostgreSQL text refuses NUL, terminals obey ESC, and none of them is part of a name.
_CONTROLS = dict.fromkeys((*range(9), *range(14, 32), 11, 12, 127)) | {9: " ", 10: " ", 13: " "}
_SURROGATES = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=256)
def codec_of(name: str) -> str:
    """The Python codec for a declared charset; "" where it is to be guessed: UTF-8, ASCII, unknown or no charset."""
    name = name.strip(" \"'").lower()[:_LONGEST_NAME]
    try:
        found = codecs.lookup(_ALIASES.get(name, name)).name
    except (LookupError, ValueError, UnicodeError, ImportError):
        return ""
    if found in _NOT_CHARSETS or not found.isascii():
        return ""
    return _MEANT.get(found, found)


def decode(data: bytes, charset: str = "") -> str:
    """Text of `data` in the declared charset; guessed as UTF-8, then cp1252, where that is missing or does not fit."""
    codec = codec_of(charset) if charset else ""
    if codec:
        try:
            return data.decode(codec, "replace")
        except (LookupError, UnicodeError, ValueError):
            pass
    try:
        return data.decode()
    except UnicodeDecodeError as wrong:
        # One broken character inside real UTF-8 (a cut, a stray byte) does not make the rest cp1252.
        if not data[: wrong.start].isascii():
            return data.decode("utf-8", "replace")
        return data.decode("cp1252", "replace")


def clean(text: str) -> str:
    """`text` as one line that JSON and PostgreSQL accept: no NUL, no control characters, no lone surrogates."""
    if text.isprintable():
        return text.strip()
    return _SURROGATES.sub("\ufffd", text.translate(_CONTROLS)).strip()


def header_text(value: bytes) -> str:
    """A header's value as one clean line: encoded words (RFC 2047) decoded, raw 8-bit text tolerated."""
    if value.isascii() and b"=?" not in value:
        return clean(value.decode())
    return clean(_decode_words(value) if b"=?" in value else decode(value))


def _decode_words(value: bytes) -> str:
    """Neighbouring words in one charset are joined before decoding: senders cut inside a character."""
    out: list[str] = []
    held, charset, end = b"", "", 0
    for found in _ENCODED.finditer(value):
        between = value[end : found.start()]
        name = found[1].decode("ascii", "replace").partition("*")[0].lower()
        adjacent = bool(held) and _BETWEEN.match(between) is not None
        if not (adjacent and name == charset):
            out.append(decode(held, charset))
            held = b""
        if not adjacent:
            out.append(decode(between))
        held += _word_bytes(found[2], found[3])
        charset, end = name, found.end()
    return "".join((*out, decode(held, charset), decode(value[end:])))


def _word_bytes(encoding: bytes, data: bytes) -> bytes:
    return binascii.a2b_qp(data, header=True) if encoding in b"qQ" else base64_bytes(data)


def base64_bytes(data: bytes) -> bytes:
    """What can be decoded of `data`; missing padding and foreign characters are tolerated."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        pure = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        return binascii.a2b_base64(pure[: len(pure) // 4 * 4] + _padded(pure[len(pure) // 4 * 4 :]))


def _padded(rest: bytes) -> bytes:
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""
