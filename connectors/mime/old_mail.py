"""Where an unmarked copy of older mail begins: below a dashed line, or with the header that a program printed."""

from __future__ import annotations

import re
import string
from itertools import islice

ABOVE = 500  # characters above old mail in which its introduction stands
ABOVE_LINES = 4
LOOKS = 200  # places that are looked at closely: a mail that has more was made to be slow
DATED = re.compile(
    r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|[\w.+=-]{1,64}+@[\w-]|\d{1,2}[./-]\d{1,2}[./-]\d{2}|<[^<>\s]{3,100}>"
)
# A dashed line with words in it, as every program puts before a quoted or forwarded mail, in whatever language.
_DIVIDER = re.compile(r"[ \t]*+-{3,60}+ ?[^\n-][^\n]{2,60}?-{3,}[ \t]*+$|[ \t]*+_{20,200}+[ \t]*+$", re.MULTILINE)
_FORWARDED_BY = re.compile(r"[ \t]*+-{5,60}+ Forwarded by [^-\n]", re.IGNORECASE)
_FIELD = re.compile(
    r"[ \t]*+\**([^\W\d_][\w \t.'\u2019-]{0,24}?)[ \t\xa0]?\**(?:[:\uff1a])\**(?:[ \t\xa0]|$)(.*)", re.MULTILINE
)
# Three of them in a row, cheaply: the first name begins with a capital or in a script without capitals (said by what
# it does not begin with: a class of 65,000 signs takes two milliseconds to compile).
_NAME = r"[ \t]{0,8}+\*?([^\W\d_][\w \t.'\u2019-]{0,24}+)\*?[:\uff1a]"
_THREE_FIELDS = re.compile(
    rf"\n(?=[ \t]{{0,8}}+\*?[^\x00-@\[-\xbf\U00010000-\U0010ffff])(?={_NAME}[^\n]*+\n\n?{_NAME}[^\n]*+\n\n?{_NAME})"
)
# The outline of a text: line ends, colons, hyphens and capitals (all as "A"; "Signed-off-by:" is "A--:"). It is short,
# and shows whether header fields can be there at all.
_OUTLINE = bytes.maketrans(string.ascii_uppercase.encode(), b"A" * 26)
_NOT_OUTLINE = bytes(code for code in range(128) if chr(code) not in string.ascii_uppercase + "\n:-")
_FIELDS_OUTLINED = re.compile(rb"\nA{1,3}:[^\n]*+\n\n?A{0,3}:[^\n]*+\n\n?A{0,3}:")
_TIMED = re.compile(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2}|\d{4}年")
_HEADER_LINES = 8
_DATED_WITHIN = 5  # From, Sender, Reply-To, Date
# From, To and Subject as mail programs write them: an agenda with a date is no header without one of these.
_PROGRAMS_WRITE = (
    "from subject to von betreff an de objet à asunto para assunto da oggetto a van "
    "onderwerp aan från ämne till fra emne til lähettäjä aihe vastaanottaja od temat do "
    "předmět komu feladó tárgy címzett от тема кому від από θέμα προς kimden konu kime "
    "发件人 主题 收件人 寄件者 主旨 收件者 差出人 件名 宛先 보낸사람 제목 받는사람 מאת נושא אל من الموضوع إلى ze temă "
    "către kelio siuntėjas tema"
)
_FIELD_NAMES = frozenset(_PROGRAMS_WRITE.split())
_FEWEST_FIELDS = 3
_LOTUS = re.compile(
    r"\n[ \t]*+(?:To|An|Pour|Para|A|Aan|Till):[^\n]*+\n(?:(?![ \t]*+\w++:)[^\n]*+\n){0,40}?"
    r"[ \t]*+(?:cc|kopie|cópia|kopia):",
    re.IGNORECASE,
)


def old_mail_at(text: str) -> int:
    """Where an unmarked copy of older mail begins: a divider line or a block of header fields; else the end."""
    end = len(text)
    if "-----" in text or "_____" in text:
        end = min(_divider(text), _forwarded(text))
    copied = "cc:" in text
    return min(end, _header_block(text, copied=copied)) if copied or _may_hold_fields(text) else end


def _may_hold_fields(text: str) -> bool:
    if not text.isascii():
        return True
    outline = b"\n" + text.encode().translate(_OUTLINE, _NOT_OUTLINE)
    return b"\nA:" in outline and _FIELDS_OUTLINED.search(outline) is not None


def _forwarded(text: str) -> int:
    at = text.find("Forwarded by ")
    if at < 0:
        return len(text)
    start = text.rfind("\n", 0, at) + 1
    return start if _FORWARDED_BY.match(text, start) else len(text)


def _divider(text: str) -> int:
    """A dashed or underscored line that a header block follows."""
    marks = [mark for mark in ("-----", "_____") if mark in text]
    at = 0
    for _ in range(LOOKS):
        at = _next(text, marks, at)
        if at == len(text):
            break
        start = text.rfind("\n", 0, at) + 1
        found = _DIVIDER.match(text, start)
        if found and len(_fields_from(text, found.end() + 1)[0]) >= 2:  # noqa: PLR2004  From and Sent at least
            return start
        at = text.find("\n", at) % (len(text) + 1)
    return len(text)


def _next(text: str, marks: list[str], at: int) -> int:
    return min((found for mark in marks if (found := text.find(mark, at)) >= 0), default=len(text))


def _header_block(text: str, *, copied: bool) -> int:
    """Three header fields in a row, one with a date; or the To, cc of Lotus Notes. Else the end."""
    whole = "\n" + text
    lotus = _LOTUS.search(whole) if copied else None
    end = lotus.start() if lotus else len(text)
    for line in islice(_THREE_FIELDS.finditer(whole, 0, end + 1), LOOKS):
        if _FIELD_NAMES.isdisjoint(name.replace(" ", "").lower() for name in line.groups()):
            continue
        names, dated = _fields_from(text, line.start())
        if len(names) >= _FEWEST_FIELDS and dated:
            end = line.start()
            break
    return _with_introduction(text, end) if end < len(text) else end


def _fields_from(text: str, start: int) -> tuple[set[str], bool]:
    """Names of the header fields in the lines from `start` on, and whether one of the first lines has a date."""
    names: set[str] = set()
    dated, at = False, start
    for number in range(_HEADER_LINES):
        line_end = text.find("\n", at)
        line_end = line_end if line_end >= 0 else len(text)
        found = _FIELD.match(text, at, line_end)
        if found is None:
            if names and text[at:line_end].strip():
                break
        else:
            names.add(found[1].lower().replace(" ", ""))
            dated = dated or (number < _DATED_WITHIN and _TIMED.search(found[2][:200]) is not None)
        if line_end >= len(text):
            break
        at = line_end + 1
    return names, dated


def _with_introduction(text: str, start: int) -> int:
    """Above it Lotus Notes puts the sender and the date on lines of their own, Apple "Begin forwarded message:"."""
    before = text[max(0, start - ABOVE) : start].rstrip()
    base = max(0, start - ABOVE)
    lines = before.split("\n")
    kept = len(lines)
    for back in range(1, min(ABOVE_LINES, len(lines)) + 1):
        line = lines[-back].strip()
        if line and (line.endswith(":") or DATED.search(line)) and len(line) < 120:  # noqa: PLR2004  a title, not prose
            kept = len(lines) - back
            if back < len(lines) and kept and 0 < len(lines[kept - 1].split()) <= 5 and not line.endswith(":"):  # noqa: PLR2004  a name
                kept -= 1
            break
    return start if kept == len(lines) else base + len("\n".join(lines[:kept]))
