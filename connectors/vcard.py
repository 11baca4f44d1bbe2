"""vCard 2.1, 3.0 (RFC 2426) and 4.0 (RFC 6350): one card, as raw lines, to what we observe of it. Pure.

Photos, keys, telephone numbers and street addresses are passed over: no answer of ours needs them.
"""

from __future__ import annotations

from collections import defaultdict

from connectors.contacts import ADDRESSES, address_of, distinct, squeezed
from connectors.content_lines import (
    Component,
    ContentLine,
    content_line,
    quoted_printable,
    split_escaped,
    unescape,
    unfold,
)
from connectors.errors import ItemMalformed
from events.vocabulary import ContactObserved

# X-ADDRESSBOOKSERVER-KIND and X-ABSHOWAS are Apple's; X-MAIDENNAME is Evolution's and Google's.
_KIND = ("KIND", "X-ADDRESSBOOKSERVER-KIND")
_MEMBER = ("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
MEMBERS = 10_000  # of one group
_OTHER_NAMES = ("NICKNAME", "X-NICKNAME", "X-MAIDENNAME", "X-MAIDEN-NAME")

Properties = dict[str, list[ContentLine]]


def observed(card: Component, *, source: str, where: str) -> ContactObserved | None:
    """What one VCARD says; None where it names nobody (no name, no address, no organisation).

    Raises ItemMalformed with a sentence where the card is cut off, too large, or holds no property at all.
    """
    if card.problem:
        raise ItemMalformed(f"this contact card cannot be read: {card.problem}")
    properties = _properties(card)
    if not properties:
        raise ItemMalformed("this contact card holds no property; export it again")
    organization = _organization(properties)
    formatted, plain = _formatted_name(properties), _plain_name(properties)
    kind = _kind(properties)
    name = formatted or plain
    if not name and organization:
        name, kind = organization, kind or "org"
    nicks = [part for key in _OTHER_NAMES for line in properties[key] for part in _texts(line, ",")]
    found = ContactObserved(
        source=source,
        where=where,
        uid=_uid(properties),
        name=name,
        other_names=distinct([*nicks, plain], without=name),
        addresses=_addresses(properties),
        organization=organization,
        labels=distinct(part for line in properties["CATEGORIES"] for part in _texts(line, ",")),
        kind=kind,
    )
    return found if found.name or found.addresses or found.other_names else None


def members(card: Component) -> tuple[str, ...]:
    """Whom a group's card lists (RFC 6350 MEMBER, Apple's X-ADDRESSBOOKSERVER-MEMBER): UIDs, or addresses."""
    properties = _properties(card)
    if _kind(properties) != "group":
        return ()
    listed = [_text(line) for key in _MEMBER for line in properties[key][:MEMBERS]]
    return distinct((address_of(member) or _bare(member) for member in listed), limit=MEMBERS)


def _properties(card: Component) -> Properties:
    """The properties of the card itself: those of an AGENT's card inside it (vCard 2.1) are not its own."""
    found: Properties = defaultdict(list)
    depth = 0
    for text in unfold(card.lines):
        line = content_line(text)
        if line is None:
            continue
        if line.name == "BEGIN":
            depth += 1
        elif line.name == "END":
            depth -= 1
        elif depth == 1:
            found[line.name].append(line)
    return found


def _texts(line: ContentLine, separator: str) -> list[str]:
    return [squeezed(unescape(part)) for part in split_escaped(_value(line), separator)]


def _text(line: ContentLine) -> str:
    return squeezed(unescape(_value(line)))


def _value(line: ContentLine) -> str:
    """The value with its quoted-printable and its CHARSET undone; `unfold` took bytes that are no UTF-8 as cp1252."""
    value = quoted_printable(line)
    charset = line.param("CHARSET")
    if value is not line.value or not charset or value.isascii():
        return value
    try:
        return value.encode("cp1252").decode(charset)
    except (LookupError, ValueError):
        return value


def _formatted_name(properties: Properties) -> str:
    return next(filter(None, map(_text, properties["FN"])), "")


def _plain_name(properties: Properties) -> str:
    """Given, additional and family name of N (`family;given;additional;prefixes;suffixes`), without titles.

    Each part may be a list: `Richter,James`. Chinese, Japanese and Korean names put the family first, without a blank.
    """
    for line in properties["N"]:
        parts = [
            " ".join(unescape(name) for name in split_escaped(part, ","))
            for part in split_escaped(_value(line), ";")[:3]
        ]
        family, given, additional = (squeezed(part) for part in (*parts, "", "", "")[:3])
        name = name_of(given, additional, family)
        if name:
            return name
    return ""


def name_of(given: str, additional: str, family: str) -> str:
    """The parts of a name in the order in which its bearer says them."""
    parts = [given, additional, family]
    letters = "".join(parts)
    if letters and all(_is_east_asian(letter) for letter in letters):
        return family + given + additional
    return " ".join(filter(None, parts))


def _is_east_asian(letter: str) -> bool:
    return "\u3040" <= letter <= "\u30ff" or "\u3400" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3"


def _addresses(properties: Properties) -> tuple[str, ...]:
    lines = properties["EMAIL"][: 4 * ADDRESSES]
    return distinct((address_of(_text(line)) for line in lines), limit=ADDRESSES)


def _organization(properties: Properties) -> str:
    """The first organisation's name; the units behind `;` are not it."""
    return next(filter(None, (_texts(line, ";")[0] for line in properties["ORG"])), "")


def _uid(properties: Properties) -> str:
    return _bare(next(filter(None, map(_text, properties["UID"])), ""))


def _bare(uid: str) -> str:
    return uid.removeprefix("urn:uuid:").removeprefix("URN:UUID:")


def _kind(properties: Properties) -> str:
    for key in _KIND:
        for line in properties[key]:
            said = _text(line).lower()
            if said in {"group", "org"}:
                return said
    shown_as = [_text(line).upper() for line in properties["X-ABSHOWAS"]]
    return "org" if "COMPANY" in shown_as else ""
