"""New text only: what the writer of a mail added, without quotes, forwarded mail and signatures.

Language-neutral rules: a quote is known by its marks and by lines that carry a date or an address, not by words;
the few words that are listed are those of mail programs.
"""

from __future__ import annotations

import re

_QUOTE_BLOCK = re.compile(r"(?:[ \t]{0,3}+>[^\n]*+(?:\n|\Z)(?:[ \t]*+\n(?=[ \t]{0,3}+>))*+)++")
_ATTRIBUTION_LINES = 4
_TAIL = 500  # characters before a quote in which its attribution stands
_DATED = re.compile(
    r"\d{1,2}[:.h]\d{2}\b|\b(?:19|20)\d{2}\b|[\w.+=-]{1,64}+@[\w-]|\d{1,2}[./-]\d{1,2}[./-]\d{2}|<[^<>\s]{3,100}>"
)
_SAID = re.compile(
    r"(?:\b(?:wrote|writes|written|said|says|schrieb|schreibt|[ée]crit|escribi[óo]|escribe|escreveu|scritto|scrisse|skrev|skrifaði|"
    r"schreef|kirjoitti|napsal|napsala|napisał|napisała|pisze|írta|написала?|пишет|пише|γραψε|έγραψε|yazdı|kirjutas|scris|"
    r"a scris|viết|menulis)\b|写道|寫道|書きました|작성)[^\n]{0,20}$",
    re.IGNORECASE,
)
# A dashed line with words in it, as every program puts before a quoted or forwarded mail, in whatever language.
_DIVIDER = re.compile(r"[ \t]*+-{3,60}+ ?[^\n-][^\n]{2,60}?-{3,}[ \t]*+$|[ \t]*+_{20,200}+[ \t]*+$", re.MULTILINE)
_FORWARDED_BY = re.compile(r"[ \t]*+-{5,60}+ Forwarded by [^-\n]", re.IGNORECASE)
_FIELD = re.compile(r"[ \t]*+\**([^\W\d_][\w \t.'’-]{0,24}?)[ \t\xa0]?\**(?:[:：])\**(?:[ \t\xa0]|$)(.*)", re.MULTILINE)
_TIMED = re.compile(r"\d{1,2}[:.h]\d{2}|(?:19|20)\d{2}|\d{1,2}[/.]\d{1,2}[/.]\d{2}|\d{4}年")
_HEADER_LINES = 8
_FEWEST_FIELDS = 3
_LOTUS = re.compile(r"[ \t]*+(?:To|An|Pour|Para|A|Aan|Till):[^\n]*+\n(?:(?![ \t]*+\w++:)[^\n]*+\n){0,40}?[ \t]*+(?:cc|kopie|cópia|kopia):", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_SENT_FROM = re.compile(
    r"^[ \t]*+(?:Sent (?:from|via|with)|Get Outlook|Von meinem|Gesendet (?:von|mit)|Diese Nachricht wurde von mein|"
    r"Envoy[ée] (?:de|depuis|à partir)|T[ée]l[ée]charge[rz] Outlook|Enviado (?:desde|do|de|via)|Inviato (?:da|dal)|"
    r"Verzonden (?:vanaf|met|van)|Verstuurd vanaf|Skickat från|Sendt fra|Lähetetty|Отправлено (?:с|из)|Wysłan[eo] z|"
    r"Odesláno z|iPhone|iPadから|发自我的|傳送自|從我的|나의 )[^\n]{0,80}$",
    re.MULTILINE,
)
_SENT_FROM_TAIL = 300
_PGP = "-----BEGIN PGP "


def new_text(text: str) -> str:
    """What the writer added to what was there before."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _without_armour(text)
    text = text[: _old_mail(text)]
    text = _without_quotes(text)
    return _without_signature(text)


def _without_armour(text: str) -> str:
    """PGP signatures and keys are not words."""
    while (start := text.find(_PGP)) >= 0:
        if text.startswith("SIGNED MESSAGE", start + len(_PGP)):
            text = text[:start] + text[text.find("\n", start) % (len(text) + 1) :].replace("Hash: ", "", 1)
            continue
        end = text.find("-----END PGP ", start)
        stop = text.find("\n", end) if end >= 0 else -1
        text = text[:start] + (text[stop:] if stop >= 0 else "")
    return text


def _old_mail(text: str) -> int:
    """Where an unmarked copy of older mail begins: a divider line or a block of header fields; else the end."""
    end = len(text)
    for cut in (_divider(text), _header_block(text), _forwarded(text)):
        end = min(end, cut)
    return end


def _forwarded(text: str) -> int:
    at = text.find("Forwarded by ")
    if at < 0:
        return len(text)
    start = text.rfind("\n", 0, at) + 1
    return start if _FORWARDED_BY.match(text, start) else len(text)


def _divider(text: str) -> int:
    """A dashed or underscored line that a header block follows."""
    at = 0
    while (at := _next(text, ("-----", "_____"), at)) < len(text):
        start = text.rfind("\n", 0, at) + 1
        found = _DIVIDER.match(text, start)
        if found and _fields_from(text, found.end() + 1)[0] >= 2:  # noqa: PLR2004  From and Sent at least
            return start
        at = text.find("\n", at) % (len(text) + 1)
    return len(text)


def _next(text: str, marks: tuple[str, ...], at: int) -> int:
    return min(found if (found := text.find(mark, at)) >= 0 else len(text) for mark in marks)


def _header_block(text: str) -> int:
    """Three header fields in a row, one with a date; or the To, cc of Lotus Notes. Else the end."""
    at, end = 0, len(text)
    while True:
        at = min(found if (found := text.find(mark, at)) >= 0 else end for mark in (": ", ":\t", "：", ":\xa0", ":\n"))
        if at >= end:
            return end
        start = text.rfind("\n", 0, at) + 1
        line_end = text.find("\n", at)
        line_end = line_end if line_end >= 0 else end
        if at - start <= 30 and _FIELD.match(text, start):
            count, dated = _fields_from(text, start)
            if (count >= _FEWEST_FIELDS and dated) or _LOTUS.match(text, start):
                return _with_introduction(text, start)
        at = line_end


def _fields_from(text: str, start: int) -> tuple[int, bool]:
    """How many different header fields stand in the lines from `start`, and whether one of the first four has a date."""
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
            name = found[1].strip().lower()
            if name.endswith("-by") or name in {"link", "fixes"}:
                return 0, False
            names.add(name)
            dated = dated or (number <= 4 and _TIMED.search(found[2][:200]) is not None)  # noqa: PLR2004  From, Sent, To
        if line_end >= len(text):
            break
        at = line_end + 1
    return len(names), dated


def _with_introduction(text: str, start: int) -> int:
    """Lotus Notes puts the sender and the date on lines of their own above, Apple Mail "Begin forwarded message:"."""
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
    kept: list[str] = []
    at = 0
    spaced = "\n >" in text or "\n\t>" in text or "\n  >" in text or text[:3].lstrip().startswith(">")
    while True:
        start = _quote_start(text, at, spaced=spaced)
        if start < 0:
            break
        block = _QUOTE_BLOCK.match(text, start)
        if block is None:
            break
        kept.append(_without_attribution(text[at:start]))
        at = block.end()
    rest = text[at:]
    kept.append(rest if kept else _without_attribution(rest, sure=False))
    return "\n".join(kept) if len(kept) > 1 else kept[0]


def _quote_start(text: str, at: int, *, spaced: bool) -> int:
    if text.startswith(">", at):
        return at
    marks = ("\n>", "\n >", "\n\t>", "\n  >") if spaced else ("\n>",)
    places = [found for mark in marks if (found := text.find(mark, max(0, at - 1))) >= 0]
    if spaced and at == 0 and _QUOTE_BLOCK.match(text):
        return 0
    return min(places) + 1 if places else -1


def _without_attribution(before: str, *, sure: bool = True) -> str:
    """Drop the line or lines that introduce a quote: they end in a colon and carry a date, an address or "wrote"."""
    stripped = before.rstrip()
    if not stripped.endswith((":", "：", ":-", ": -", "...")) and not (sure and _SAID.search(stripped, max(0, len(stripped) - 80))):
        return before
    base = max(0, len(stripped) - _TAIL)
    lines = stripped[base:].split("\n")
    for back in range(1, min(_ATTRIBUTION_LINES, len(lines)) + 1):
        if not lines[-back].strip():
            break
        joined = " ".join(lines[-back:])
        if _DATED.search(joined) and (sure or _SAID.search(joined)):
            while back < min(_ATTRIBUTION_LINES, len(lines)) and _goes_on(lines[-back - 1]):
                back += 1
            return stripped[:base] + "\n".join(lines[:-back])
        if sure and _SAID.search(joined) and len(joined.split()) <= 12:  # noqa: PLR2004  "In <id>, Ana Maria Ruiz wrote:"
            return stripped[:base] + "\n".join(lines[:-back])
    return before


def _goes_on(line: str) -> bool:
    """The line above belongs to the attribution: it holds its date and does not end a sentence."""
    return _DATED.search(line) is not None and not line.rstrip().endswith((".", "!", "?", ":"))


def _without_signature(text: str) -> str:
    if "\n--" in text or text.startswith("--"):
        found = _SIGNATURE.search(text)
        if found:
            text = text[: found.start()]
    tail = max(0, len(text) - _SENT_FROM_TAIL)
    found = _SENT_FROM.search(text, tail)
    return text[: found.start()] if found else text
