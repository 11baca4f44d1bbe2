"""New text only: what the writer of a mail added, without quotes, forwarded mail and signatures.

Language-neutral rules: a quote is known by its marks and by lines that carry a date or an address, not by words;
the few words that are listed are those of mail programs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from connectors.mime.notices import without_notice
from connectors.mime.old_mail import ABOVE, ABOVE_LINES, DATED, LOOKS, old_mail_at

_QUOTE = r"(?:[ \t]{0,3}+>[^\n]*+(?:\n|\Z)(?:[ \t]*+\n(?=[ \t]{0,3}+>))*+)++"
_QUOTE_ABOVE = re.compile(_QUOTE)
_QUOTE_BELOW = re.compile(rf"\n(?= ?>){_QUOTE}")
_MOST_SAID = 12  # words: "In <id>, Ana Maria Ruiz Garcia wrote:"
_SHORT_LINE = 60
_LAST_COLON = re.compile(r":(?=\n)")
_INTRODUCES = (":", "\uff1a", ":-", "...", "wrote", "写道", "寫道", "書きました", "작성")
_SHORT_ATTRIBUTION = 16  # "She wrote:" tells of what she wrote; only a date or an address makes it an attribution
_QUOTED_FIELD = re.compile(r"[ \t]*+>[ \t]*+(?:\n[ \t]*+>[ \t]*+)?[^\W\d_]\w{1,15} ?[:\uff1a]")
_SAID = re.compile(
    r"(?:\b(?:wrote|writes|written|said|says|schrieb|schreibt|[ée]crit|escribi[óo]|escribe|escreveu|"
    r"scritto|scrisse|skrev|skrifaði|"
    r"schreef|kirjoitti|napsal|napsala|napisał|napisała|pisze|írta|написала?|пишет|пише|γραψε|έγραψε|yazd\u0131|kirjutas|scris|"
    r"a scris|viết|menulis)\b|写道|寫道|書きました|작성)[^\n]{0,20}$",
    re.IGNORECASE,
)
# The verbs above that ASCII text can hold; "yazdi" too, for in a pattern that ignores case a dotless i is an i.
_ASCII_VERBS = (
    "wrote writes written said says schrieb schreibt ecrit escribio escribe escreveu scritto scrisse skrev schreef "
    "kirjoitti napsal napsala pisze yazdi kirjutas scris menulis"
)
_SAID_IN_ASCII = frozenset(_ASCII_VERBS.split())
_WORD = re.compile(r"\w++")
_SAID_WITHIN = 32  # characters before the end: the longest verb and the 20 that may follow it
# RFC 3676 section 4.3, and what remains of it where blanks were cut; whole, not as the first line of the whole one.
_SIGNATURE = re.compile(r"\n--(?: \n|\n(?!-- \n))")
_SENT_FROM = re.compile(
    r"[ \t]*+(?:Sent (?:from|via|with)|Get Outlook|Von meinem|Gesendet (?:von|mit)|Diese Nachricht wurde von mein|"
    r"Envoy[ée] (?:de|depuis|à partir)|T[ée]l[ée]charge[rz] Outlook|Enviado (?:desde|do|de|via)|Inviato (?:da|dal)|"
    r"Verzonden (?:vanaf|met|van)|Verstuurd vanaf|Skickat från|Sendt fra|Lähetetty|"
    r"Отправлено (?:\u0441|из)|Wysłan[eo] z|"
    r"Odesláno z|iPhone|iPadから|发自我的|傳送自|從我的|나의 )[^\n]{0,80}$"
)
_PGP = "-----BEGIN PGP "
_SIGNED_HEAD = re.compile(r"-----BEGIN PGP SIGNED MESSAGE-----[^\n]*+\n(?:[A-Z][\w-]*+: [^\n]*+\n)*+")
_BLOCKS = 2_000  # quotes that are cut out; a mail that has more was made to be slow


def new_text(text: str) -> str:
    """What the writer added to what was there before."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _PGP in text:
        text = _without_armour(text)
    text = _without_quotes(text)
    return without_notice(_without_signature(text[: old_mail_at(text)]))


def _without_armour(text: str) -> str:
    """PGP signatures and keys are not words."""
    for _ in range(LOOKS // 10):
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


def _without_quotes(text: str) -> str:
    """Without lines that begin with ">" and without the lines that say whose words they are."""
    if ">" not in text:
        return text[: _unmarked_quote(text)]
    kept: list[str] = []
    at = 0
    for start, end in islice(_quotes(text), _BLOCKS):
        kept.append(_without_attribution(text[at:start], text, start))
        at = end
    if not kept:
        return text[: _unmarked_quote(text)]
    return "\n".join((*kept, text[at:]))


def _unmarked_quote(text: str) -> int:
    """Where "On … Ana wrote:" stands with the old mail below it and no mark on any line; else the end."""
    for colon in islice(_LAST_COLON.finditer(text), LOOKS):
        at = colon.end()
        if _says(text, max(0, at - 24), at):
            before = _without_attribution(text[:at])
            if len(before) < at - _SHORT_ATTRIBUTION:
                return len(before)
    return len(text)


def _quotes(text: str) -> Iterator[tuple[int, int]]:
    """Where blocks of quoted lines begin and end."""
    at = 0
    if above := _QUOTE_ABOVE.match(text):
        at = above.end()
        yield 0, at
    for below in _QUOTE_BELOW.finditer(text, at):
        yield below.start() + 1, below.end()


def _without_attribution(before: str, text: str = "", quoted_at: int = 0) -> str:
    """Drop the line or lines that introduce a quote: they end in a colon and carry a date, an address or "wrote".

    Before a header, at text[quoted_at:], any short line with a colon does: "Begin forwarded message:", in whatever
    language.
    """
    stripped = before.rstrip()
    if not stripped.endswith(_INTRODUCES):
        return before
    base = max(0, len(stripped) - ABOVE)
    lines = stripped[base:].split("\n")
    most = min(ABOVE_LINES, len(lines))
    for back in range(1, most + 1):
        if not lines[-back].strip():
            break
        joined = " ".join(lines[-back:])
        said = len(joined.split()) <= _MOST_SAID and _says(joined, max(0, len(joined) - _SAID_WITHIN), len(joined))
        if said or DATED.search(joined) or (len(joined) <= _SHORT_LINE and _QUOTED_FIELD.match(text, quoted_at)):
            while back < most and _goes_on(lines[-back - 1]):
                back += 1  # noqa: PLW2901  the loop ends here
            return stripped[:base] + "\n".join(lines[:-back])
    return before


def _says(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] ends in a verb of saying."""
    if text.endswith(" wrote:", start, end):
        return True
    window = text[start:end]
    window = window[window.rfind("\n") + 1 :]
    if window.isascii() and _SAID_IN_ASCII.isdisjoint(_WORD.findall(window.lower())):
        return False
    return _SAID.search(text, start, end) is not None


def _goes_on(line: str) -> bool:
    """The line above belongs to the attribution: it holds its date and does not end a sentence."""
    return DATED.search(line) is not None and not line.rstrip().endswith((".", "!", "?", ":"))


def _without_signature(text: str) -> str:
    if mark := _SIGNATURE.search(text):
        text = text[: mark.start()]
    last = text.rstrip()
    start = last.rfind("\n") + 1
    return text[:start] if _SENT_FROM.match(last, start) else text
