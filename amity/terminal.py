"""What may go to a terminal: untrusted text made harmless, columns that align, bars, tables.

A subject may hold escape sequences, right-to-left overrides and invisible characters. They are shown, never obeyed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

WIDTH = 80
_UNSAFE = (
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1 (0x9b alone begins an escape sequence on some terminals)
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"  # soft hyphen, fillers, zero width, marks
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"  # separators, BiDi, joiners, variations
    "\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e0fff"  # lone surrogates, musical format, tags
    "]"
)
_BLOCKS = " ▏▎▍▌▋▊▉█"


def safe(text: str) -> str:
    r"""Untrusted text for a terminal or a text file: what does not print becomes `\x1b`, `\u202e`, `\U000e0041`."""
    return text if _is_plain(text) else _unsafe().sub(_escape, text)


def _is_plain(text: str) -> bool:
    """Whether every character is before the combining marks, prints, and so takes one column."""
    return text.isprintable() and (text.isascii() or max(text) < "\u0300")


@cache  # compiled where a text needs it: a millisecond
def _unsafe() -> re.Pattern[str]:
    return re.compile(_UNSAFE)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code <= 0xFF:  # noqa: PLR2004  two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004  four hexadecimal digits


def cells(text: str) -> int:
    """How many columns a text takes: 2 for East Asian wide characters and emoji, 0 for combining marks."""
    if text.isascii() or _is_plain(text):
        return len(text)
    from rich.cells import cell_len  # noqa: PLC0415  only where a name needs it: 15 ms

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """At most `width` columns; what is cut ends in `…`."""
    if cells(text) <= width:
        return text
    kept = text[: max(width - 1, 0)]
    while kept and cells(kept) > width - 1:
        kept = kept[:-1]
    return kept + "…" if width > 0 else ""


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Exactly `width` columns, cut or filled with blanks."""
    fitting = cut(text, width)
    blanks = " " * (width - cells(fitting))
    return blanks + fitting if right else fitting + blanks


def bar(share: float, width: int) -> str:
    """A bar of `width` columns; more than the whole is drawn as the whole and one half block."""
    if share > 1:
        return "█" * width + "▌"
    eighths = round(max(share, 0.0) * width * 8)
    full, rest = divmod(eighths, 8)
    drawn = "█" * full + (_BLOCKS[rest] if rest else "")
    return drawn + "░" * (width - len(drawn))


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = (), width: int = WIDTH
) -> list[str]:
    """Lines of a table that fits `width` columns: the widest left-aligned column gives way. Cells are untrusted."""
    clean = [[safe(cell) for cell in row] for row in (head, *rows)]
    widths = [max(cells(row[i]) for row in clean) for i in range(len(head))]
    flexible = [i for i in range(len(head)) if i not in right] or [0]
    while sum(widths) + 2 * (len(head) - 1) > width:
        widest = max(flexible, key=lambda i: widths[i])
        if widths[widest] <= 8:  # noqa: PLR2004  narrower than this no name can be told from another
            break
        widths[widest] -= 1
    return [
        "  ".join(pad(cell, widths[i], right=i in right) for i, cell in enumerate(row)).rstrip()
        for row in clean
    ]


def wrap(words: Sequence[str], width: int, separator: str = " · ") -> list[str]:
    """Items joined into lines of at most `width` columns; an item is never broken, but cut if it is longer."""
    lines: list[str] = []
    for word in words:
        item = cut(word, width)
        if lines and cells(lines[-1]) + cells(separator) + cells(item) <= width:
            lines[-1] += separator + item
        else:
            lines.append(item)
    return lines


def hours(minutes: float) -> str:
    """Minutes as `7.2 h`, or as `0.3 h`: one decimal everywhere, so that columns compare."""
    return f"{minutes / 60:.1f} h"
