"""The Date header, as mail programs of forty years have written it, to milliseconds UTC."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (b"jan", b"feb fev", b"mar m\xe4r mrz", b"apr abr avr", b"may mai mag maj", b"jun giu", b"jul lug",
         b"aug ago aou",         b"sep set", b"oct okt out ott", b"nov", b"dec dez dic des"), 1)
    for name in names.split()
}  # fmt: skip
# RFC 5322 section 4.3; other letters say nothing, so they are UTC, as that section demands.
_ZONES = {
    b"est": -300, b"edt": -240, b"cst": -360, b"cdt": -300, b"mst": -420, b"mdt": -360, b"pst": -480, b"pdt": -420,
    b"cet": 60, b"cest": 120, b"met": 60, b"mest": 120, b"mesz": 120, b"mez": 60, b"eet": 120, b"eest": 180,
    b"msk": 180, b"bst": 60, b"wet": 0, b"west": 60, b"jst": 540, b"kst": 540, b"hst": -600, b"akst": -540,
    b"akdt": -480, b"aest": 600, b"aedt": 660, b"nzst": 720, b"nzdt": 780,
}  # fmt: skip
_CLOCK = rb"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d{1,9})?\s*+([AaPp][Mm])?"
_ZONE = rb"\s*+(?:\(?(?:GMT|UTC?)?\s*+([+-]\d{1,2}:?\d{2})|\(?([A-Za-z]{1,5})\b)?"
_RFC = re.compile(
    rb"\D{0,20}?(\d{1,2})[\s.-]{1,4}([A-Za-z\xe4\xfb]{3})[a-z.]{0,8}[\s.,-]{1,4}(\d{2,5})[\s,]{1,4}" + _CLOCK + _ZONE
)
# The other forms are compiled, and kept by `re`, when the first such date comes.
_ASCTIME = (
    rb"[^\d:]{0,20}?\b([A-Za-z]{3})[a-z]{0,6}\s{1,3}(\d{1,2}),?\s{1,3}" + _CLOCK + _ZONE + rb"\s*+(\d{4})" + _ZONE
)
_US = rb"[^\d:]{0,20}?\b([A-Za-z]{3})[a-z]{0,6}\.?\s{1,3}(\d{1,2}),?\s{1,3}(\d{4}),?\s{1,3}(?:at\s)?" + _CLOCK + _ZONE
_ISO = rb"\s*+(\d{4})[-/](\d{1,2})[-/](\d{1,2})[T\s]\s*+" + _CLOCK + _ZONE
_SLASHED = rb"\s*+(\d{1,2})/(\d{1,2})/(\d{2,4}),?\s{1,3}" + _CLOCK + _ZONE
_UNIX_EPOCH = date(1970, 1, 1).toordinal()
_FIRST_YEAR, _LAST_YEAR = 1970, 2199  # outside it is a broken clock, and no stream order can use it
_LONGEST = 120
_FURTHEST_ZONE = 24 * 60  # minutes; RFC 5322 has four digits, the earth 14 hours


def to_ms(value: bytes) -> int | None:
    """Milliseconds since 1970 UTC; None for what no calendar holds. No zone, or an unknown one, is read as UTC."""
    value = value[:_LONGEST].strip()
    if not value:
        return None
    try:
        found = _RFC.match(value)
        return _rfc_ms(found) if found else _other_ms(value)
    except ValueError:
        return None


def _rfc_ms(found: re.Match[bytes]) -> int | None:
    day, month, year, hour, minute, second, half, offset, zone = found.groups()
    return _at(_midnight_of(year, month, day), (hour, minute, second, half), (offset, zone))


@lru_cache(maxsize=1024)
def _midnight_of(year: bytes, month: bytes, day: bytes) -> int:
    return _midnight(int(year), _month(month), int(day))


def _other_ms(value: bytes) -> int | None:
    """The other forms, in order of how often they are met."""
    if found := re.match(_ASCTIME, value):
        month, day, *rest = found.groups()
        offset, zone = (rest[7] or rest[4], rest[8] or rest[5])
        return _ms(int(rest[6]), _month(month), int(day), (rest[0], rest[1], rest[2], rest[3]), (offset, zone))
    if found := re.match(_ISO, value):
        year, number, day, *rest = found.groups()
        return _ms(int(year), int(number), int(day), tuple(rest[:4]), (rest[4], rest[5]))
    if found := re.match(_US, value):
        month, day, year, *rest = found.groups()
        return _ms(int(year), _month(month), int(day), tuple(rest[:4]), (rest[4], rest[5]))
    if found := re.match(_SLASHED, value):
        first, second, year, *rest = map(bytes, (part or b"" for part in found.groups()))
        number, day = (int(first), int(second)) if int(first) <= 12 else (int(second), int(first))  # noqa: PLR2004  months
        return _ms(int(year), number, day, tuple(rest[:4]), (rest[4], rest[5]))
    return None


def _month(name: bytes) -> int:
    number = _MONTHS.get(name.lower())
    if number is None:
        raise ValueError(name)
    return number


def _midnight(year: int, month: int, day: int) -> int:
    if year < 50:  # noqa: PLR2004  RFC 5322 section 4.3: two digits below 50 are 20xx
        year += 2000
    elif year < 1000:  # noqa: PLR2004  and two or three digits above are 19xx
        year += 1900
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise ValueError(year)
    return (date(year, month, day).toordinal() - _UNIX_EPOCH) * 86_400


def _ms(
    year: int, month: int, day: int, clock: tuple[bytes | None, ...], zone: tuple[bytes | None, bytes | None]
) -> int:
    return _at(_midnight(year, month, day), clock, zone)


def _at(midnight: int, clock: tuple[bytes | None, ...], zone: tuple[bytes | None, bytes | None]) -> int:
    hour, minute, second = int(clock[0] or 0), int(clock[1] or 0), int(clock[2] or 0)
    if clock[3]:
        hour = hour % 12 + (12 if clock[3] in b"PMpm" and clock[3][:1] in b"Pp" else 0)
    if hour > 24 or minute > 59 or second > 60:  # noqa: PLR2004  clock
        raise ValueError(hour)
    return (midnight + hour * 3600 + minute * 60 + second - 60 * _minutes_east(*zone)) * 1000


@lru_cache(maxsize=256)
def _minutes_east(offset: bytes | None, name: bytes | None) -> int:
    if not offset:
        return _ZONES.get(name.lower(), 0) if name else 0
    digits = offset[1:].replace(b":", b"").rjust(4, b"0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if minutes > _FURTHEST_ZONE:
        raise ValueError(offset)
    return -minutes if offset[:1] == b"-" else minutes
