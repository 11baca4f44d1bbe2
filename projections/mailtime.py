"""How long mail takes (F4): writing ends when the mail was sent, reading has no time of its own, only a day.

Seconds here, since the published constants are; spans are `[start, end)` in UTC milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from projections.attribution import MEANINGFUL
from projections.intervals import Span, clip, subtract, union_ms
from projections.schema import BROADCAST

COMPOSE_WPM = 19.0  # composing, not copying (Karat 1999)
READ_WPM = 238.0  # Brysbaert 2019
REFOCUS_S = 58.0  # Viva: to find the way back after a mail
WRITE_FLOOR_S, WRITE_CAP_S = 30.0, 1200.0  # the modal reply of five words; twenty minutes (ours)
READ_CAP_S = 300.0
FLAT_WRITE_S = 300.0  # Viva personal: five minutes a sent mail
FLAT_READ_S = 87.2  # Viva advanced: 29.2 s of reading and 58 s of refocus
DAY_READ_CAP_S = 4 * 3600.0
CC_WEIGHT = 0.25  # (ours) against 1 for To
MERGE_WINDOW_MS = 3_600_000
MERGE_RECIPIENTS = 5  # one body to more separate recipients than this within the window is one compose


class Send(NamedTuple):
    """A mail of mine. `body` recognises equal texts, "" for no text; `recipients` are those it goes to."""

    key: int
    at_ms: int
    words: int
    body: str = ""
    recipients: frozenset[int] = frozenset()


class Writing(NamedTuple):
    """The time one sent mail took: `share` of `spans` (a mail merge shares its spans) and, apart, of meetings."""

    spans: tuple[Span, ...]  # outside counted meetings, disjoint: what goes on the clock
    share: float
    multitasking_s: float

    @property
    def seconds(self) -> float:
        """On the clock; multitasking is not part of it."""
        return self.share * sum([end - start for start, end in self.spans]) / 1000


def write_seconds(words: float, model: str = "words") -> float:
    """To write `words` new words, before truncation; `model` is `words` or `flat`."""
    if model == "flat":
        return FLAT_WRITE_S
    return min(max(60 * words / COMPOSE_WPM, WRITE_FLOOR_S), WRITE_CAP_S)


def read_seconds(words: float, model: str = "words") -> float:
    """To read `words` new words; `model` is `words` or `flat`."""
    if model == "flat":
        return FLAT_READ_S
    return min(READ_CAP_S, REFOCUS_S + 60 * words / READ_WPM)


def cap_day(seconds: Mapping[int, float]) -> dict[int, float]:
    """One local day's reading per mail, scaled down in proportion where it is more than four hours."""
    total = sum(seconds.values())
    scale = min(1.0, DAY_READ_CAP_S / total) if total else 1.0
    return {key: value * scale for key, value in seconds.items()}


def _order(one: Send) -> tuple[int, str, int]:
    """In time; of the same second by what they say, since keys follow the order of arrival."""
    return one.at_ms, one.body, one.key


def composes(sends: Iterable[Send]) -> list[list[Send]]:
    """The mails grouped by compose, in order of time: a mail merge is one group, any other mail a group of its own."""
    open_groups: dict[str, list[Send]] = {}
    groups: list[list[Send]] = []
    for send in sorted(sends, key=_order):
        group = open_groups.get(send.body)
        if group is None or not send.body or send.at_ms - group[0].at_ms >= MERGE_WINDOW_MS:
            group = open_groups[send.body] = []
            groups.append(group)
        group.append(send)
    parts = [[group] if len(group) == 1 or _is_merge(group) else [[send] for send in group] for group in groups]
    return sorted((part for some in parts for part in some), key=lambda part: _order(part[0]))


def _is_merge(group: Sequence[Send]) -> bool:
    return len(frozenset().union(*(send.recipients for send in group))) > MERGE_RECIPIENTS


def writings(sends: Iterable[Send], meetings: Iterable[Span] = (), *, model: str = "words") -> dict[int, Writing]:
    """What each mail took, by key: the interval before it was sent, cut at my previous mail and at counted meetings.

    For one day give also the mails of the hour before and after it and the last one before that (their own results
    are incomplete): a compose and a truncation reach across midnight. `meetings` are those that count.
    """
    ordered = sorted(sends, key=_order)
    before = {send.key: earlier.at_ms for earlier, send in pairwise(ordered)}
    result: dict[int, Writing] = {}
    for group in composes(ordered):
        first = group[0]
        wanted = first.at_ms - round(1000 * write_seconds(first.words, model))
        since = max(wanted, before.get(first.key, wanted))
        busy = clip(meetings, since, first.at_ms)
        spans = tuple(subtract([(since, first.at_ms)], busy)) if busy else _stretch(since, first.at_ms)
        share = 1 / len(group)
        for send in group:
            result[send.key] = Writing(spans, share, share * union_ms(busy) / 1000 if busy else 0.0)
    return result


def _stretch(start_ms: int, end_ms: int) -> tuple[Span, ...]:
    return ((start_ms, end_ms),) if start_ms < end_ms else ()


def recipient_shares(to: Iterable[int], copied: Iterable[int]) -> dict[int, float]:
    """How a sent mail's minutes go to its recipients (me excluded): To weighs 1, Cc and Bcc 0.25, together 1.

    More than 18 recipients: all to BROADCAST. None at all: empty.
    """
    weights = dict.fromkeys(copied, CC_WEIGHT) | dict.fromkeys(to, 1.0)
    if len(weights) > MEANINGFUL:
        return {BROADCAST: 1.0}
    total = sum(weights.values())
    return {person: weight / total for person, weight in weights.items()}
