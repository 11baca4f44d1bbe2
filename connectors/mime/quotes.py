"""New text only: what the writer of a mail added, without quotes, forwarded mail and signatures.

Language-neutral rules: a quote is known by its marks and by lines that carry a date or an address, not by words;
the few words that are listed are those of mail programs.
"""

from __future__ import annotations

import re
import string
from itertools import islice

_QUOTE_BLOCK = re.compile(r"(?:[ \t]{0,3}+>[^\n]*+(?:\n|\Z)(?:[ \t]*+\n(?=[ \t]{0,3}+>))*+)++")
_ATTRIBUTION_LINES = 4
_MOST_SAID = 12  # words: "In <id>, Ana Maria Ruiz Garcia wrote:"
_SHORT_LINE = 60
_INTRODUCES = (":", "\uff1a", ":-", "...", "wrote", "写道", "寫道", "書きました", "작성")
_SHORT_ATTRIBUTION = 16  # "She wrote:" tells of what she wrote; only a date or an address makes it an attribution
_QUOTED_FIELD = re.compile(r"[ \t]*+>[ \t]*+(?:\n[ \t]*+>[ \t]*+)?[^\W\d_]\w{1,15} ?[:\uff1a]")
_TAIL = 500  # characters before a quote in which its attribution stands
_DATED = re.compile(
    r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|[\w.+=-]{1,64}+@[\w-]|\d{1,2}[./-]\d{1,2}[./-]\d{2}|<[^<>\s]{3,100}>"
)
_SAID = re.compile(
    r"(?:\b(?:wrote|writes|written|said|says|schrieb|schreibt|[ée]crit|escribi[óo]|escribe|escreveu|"
    r"scritto|scrisse|skrev|skrifaði|"
    r"schreef|kirjoitti|napsal|napsala|napisał|napisała|pisze|írta|написала?|пишет|пише|γραψε|έγραψε|yazd\u0131|kirjutas|scris|"
    r"a scris|viết|menulis)\b|写道|寫道|書きました|작성)[^\n]{0,20}$",
    re.IGNORECASE,
)
# A dashed line with words in it, as every program puts before a quoted or forwarded mail, in whatever language.
_DIVIDER = re.compile(r"[ \t]*+-{3,60}+ ?[^\n-][^\n]{2,60}?-{3,}[ \t]*+$|[ \t]*+_{20,200}+[ \t]*+$", re.MULTILINE)
_FORWARDED_BY = re.compile(r"[ \t]*+-{5,60}+ Forwarded by [^-\n]", re.IGNORECASE)
_FIELD = re.compile(
    r"[ \t]*+\**([^\W\d_][\w \t.'\u2019-]{0,24}?)[ \t\xa0]?\**(?:[:\uff1a])\**(?:[ \t\xa0]|$)(.*)", re.MULTILINE
)
# Three of them in a row, cheaply: the first name begins with a capital or in a script without capitals.
_NAME = r"[ \t]{0,8}+\*?([^\W\d_][\w \t.'\u2019-]{0,24}+)\*?[:\uff1a]"
_THREE_FIELDS = re.compile(
    rf"\n(?=[ \t]{{0,8}}+\*?[A-Z\u00c0-\uffff])(?={_NAME}[^\n]*+\n\n?{_NAME}[^\n]*+\n\n?{_NAME})"
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
_FIELD_NAMES = frozenset(
    [
        "from",
        "subject",
        "to",
        "von",
        "betreff",
        "an",
        "de",
        "objet",
        "à",
        "asunto",
        "para",
        "assunto",
        "da",
        "oggetto",
        "a",
        "van",
        "onderwerp",
        "aan",
        "från",
        "ämne",
        "till",
        "fra",
        "emne",
        "til",
        "lähettäjä",
        "aihe",
        "vastaanottaja",
        "od",
        "temat",
        "do",
        "předmět",
        "komu",
        "feladó",
        "tárgy",
        "címzett",
        "от",
        "тема",
        "кому",
        "від",
        "από",
        "θέμα",
        "προς",
        "kimden",
        "konu",
        "kime",
        "发件人",
        "主题",
        "收件人",
        "寄件者",
        "主旨",
        "收件者",
        "差出人",
        "件名",
        "宛先",
        "보낸사람",
        "제목",
        "받는사람",
        "מאת",
        "נושא",
        "אל",
        "من",
        "الموضوع",
        "إلى",
        "ze",
        "temă",
        "către",
        "kelio",
        "siuntėjas",
        "tema",
    ]
)
_FEWEST_FIELDS = 3
_LOTUS = re.compile(
    r"\n[ \t]*+(?:To|An|Pour|Para|A|Aan|Till):[^\n]*+\n(?:(?![ \t]*+\w++:)[^\n]*+\n){0,40}?"
    r"[ \t]*+(?:cc|kopie|cópia|kopia):",
    re.IGNORECASE,
)
_SIGNATURES = ("\n-- \n", "\n--\n")  # RFC 3676 section 4.3, and what remains of it where blanks were cut
_SENT_FROM = re.compile(
    r"[ \t]*+(?:Sent (?:from|via|with)|Get Outlook|Von meinem|Gesendet (?:von|mit)|Diese Nachricht wurde von mein|"
    r"Envoy[ée] (?:de|depuis|à partir)|T[ée]l[ée]charge[rz] Outlook|Enviado (?:desde|do|de|via)|Inviato (?:da|dal)|"
    r"Verzonden (?:vanaf|met|van)|Verstuurd vanaf|Skickat från|Sendt fra|Lähetetty|"
    r"Отправлено (?:\u0441|из)|Wysłan[eo] z|"
    r"Odesláno z|iPhone|iPadから|发自我的|傳送自|從我的|나의 )[^\n]{0,80}$"
)
_PGP = "-----BEGIN PGP "
_SIGNED_HEAD = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----[^\n]*+\n(?:[A-Z][\w-]*+: [^\n]*+\n)*+")
_BLOCKS = 2_000  # quotes, and of everything else that is looked at closely: a mail that has more was made to be slow
_LOOKS = 200


def new_text(text: str) -> str:
    """What the writer added to what was there before."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _PGP in text:
        text = _without_armour(text)
    text = _without_quotes(text)
    return _without_signature(text[: _old_mail(text)])


def _without_armour(text: str) -> str:
    """PGP signatures and keys are not words."""
    for _ in range(_LOOKS // 10):
        start = text.find(_PGP)
        if start < 0:
            break
        if signed := _SIGNED_HEAD.match(text, start):
            text = text[:start] + text[signed.end() :]
            continue
        end = text.find("-----END PGP ", start)
        stop = text.find("\n", end) if end >= 0 else -1
        text = text[:start] + (text[stop:] if stop >= 0 else "")
    return text


def _old_mail(text: str) -> int:
    """Where an unmarked copy of older mail begins: a divider line or a block of header fields; else the end."""
    end = len(text)
    if "-----" in text or "_____" in text:
        end = min(_divider(text), _forwarded(text))
    return min(end, _header_block(text)) if _may_hold_fields(text) else end


def _may_hold_fields(text: str) -> bool:
    if not text.isascii() or "cc:" in text:
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
    for _ in range(_LOOKS):
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


def _header_block(text: str) -> int:
    """Three header fields in a row, one with a date; or the To, cc of Lotus Notes. Else the end."""
    whole = "\n" + text
    lotus = _LOTUS.search(whole) if "cc:" in text else None
    end = lotus.start() if lotus else len(text)
    for line in islice(_THREE_FIELDS.finditer(whole, 0, end + 1), _LOOKS):
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
    before = text[max(0, start - _TAIL) : start].rstrip()
    base = max(0, start - _TAIL)
    lines = before.split("\n")
    kept = len(lines)
    for back in range(1, min(_ATTRIBUTION_LINES, len(lines)) + 1):
        line = lines[-back].strip()
        if line and (line.endswith(":") or _DATED.search(line)) and len(line) < 120:  # noqa: PLR2004  a title, not prose
            kept = len(lines) - back
            if back < len(lines) and kept and 0 < len(lines[kept - 1].split()) <= 5 and not line.endswith(":"):  # noqa: PLR2004  a name
                kept -= 1
            break
    return start if kept == len(lines) else base + len("\n".join(lines[:kept]))


def _without_quotes(text: str) -> str:
    """Without lines that begin with ">" and without the lines that say whose words they are."""
    if ">" not in text:
        return text[: _unmarked_quote(text)]
    kept: list[str] = []
    at = 0
    marks = [mark for mark in ("\n>", "\n >") if mark in text]
    while len(kept) < _BLOCKS and (start := _quote_start(text, at, marks)) >= 0:
        block = _QUOTE_BLOCK.match(text, start)
        if block is None:
            break
        kept.append(_without_attribution(text[at:start], forwarded=_QUOTED_FIELD.match(text, start) is not None))
        at = block.end()
    if not kept:
        return text[: _unmarked_quote(text)]
    return "\n".join((*kept, text[at:]))


def _unmarked_quote(text: str) -> int:
    """Where "On … Ana wrote:" stands with the old mail below it and no mark on any line; else the end."""
    at = 0
    for _ in range(_LOOKS):
        at = text.find(":\n", at) + 1
        if not at:
            break
        if _SAID.search(text, max(0, at - 24), at):
            before = _without_attribution(text[:at])
            if len(before) < at - _SHORT_ATTRIBUTION:
                return len(before)
    return len(text)


def _quote_start(text: str, at: int, marks: list[str]) -> int:
    if _QUOTE_BLOCK.match(text, at):
        return at
    if len(marks) == 1:
        return text.find(marks[0], at) + 1 or -1
    return min((found + 1 for mark in marks if (found := text.find(mark, at)) >= 0), default=-1)


def _without_attribution(before: str, *, forwarded: bool = False) -> str:
    """Drop the line or lines that introduce a quote: they end in a colon and carry a date, an address or "wrote".

    Before a `forwarded` header any short line with a colon does: "Begin forwarded message:", in whatever language.
    """
    stripped = before.rstrip()
    if not stripped.endswith(_INTRODUCES):
        return before
    base = max(0, len(stripped) - _TAIL)
    lines = stripped[base:].split("\n")
    most = min(_ATTRIBUTION_LINES, len(lines))
    for back in range(1, most + 1):
        if not lines[-back].strip():
            break
        joined = " ".join(lines[-back:])
        said = len(joined.split()) <= _MOST_SAID and _SAID.search(joined)
        if said or _DATED.search(joined) or (forwarded and len(joined) <= _SHORT_LINE):
            while back < most and _goes_on(lines[-back - 1]):
                back += 1  # noqa: PLW2901  the loop ends here
            return stripped[:base] + "\n".join(lines[:-back])
    return before


def _goes_on(line: str) -> bool:
    """The line above belongs to the attribution: it holds its date and does not end a sentence."""
    return _DATED.search(line) is not None and not line.rstrip().endswith((".", "!", "?", ":"))


def _without_signature(text: str) -> str:
    for mark in _SIGNATURES:
        at = text.find(mark)
        if at >= 0:
            text = text[:at]
    last = text.rstrip()
    start = last.rfind("\n") + 1
    return text[:start] if _SENT_FROM.match(last, start) else text
