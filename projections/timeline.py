"""The occurrences of one meeting as they stand after all that was learned about it, the frozen past included (F1).

What took place cannot be taken back: a deletion that the log learned of at or after the end of an occurrence does not
remove it, and a refusal that came after its start does not undo the acceptance before. What the log learned in one
moment is one piece of news. A change of time, or of the rule of a series and of its end, does change the past: it is a
correction of what was planned, not the removal of what was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import groupby
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, is_cancelled, my_answer
from projections.recurrence import Occurrence, expand

DELETED, DECLINED = "deleted_after_end", "declined_after_start"
_ANSWERS = ("", "needs-action", "declined", "tentative", "accepted")  # how much a copy knows of me
_YES = frozenset({"organizer", "accepted"})


class Learned(NamedTuple):
    """One observation, or withdrawal, of a meeting, and when the log learned it."""

    position: int
    recorded_ms: int
    payload: MeetingObserved | MeetingWithdrawn


class Standing(NamedTuple):
    """An occurrence, the position it is told from, and what had to be kept against later news ("" nothing)."""

    occurrence: Occurrence
    position: int
    flag: str


class Told(NamedTuple):
    """The occurrences by start, and why some of the series could not be followed, a sentence each."""

    standing: list[Standing]
    problems: list[str]


def stand(history: Sequence[Learned], known: Callable[[str], Known], *, floating: tzinfo, until_ms: int) -> Told:
    """What holds after `history`, which is in order of position."""
    entries: list[MeetingObserved] = []
    told: dict[int, int] = {}
    shown: dict[str, set[str]] = {}
    standing: dict[int, Standing] = {}
    problems: list[str] = []
    for recorded_ms, together in groupby(history, key=lambda learned: learned.recorded_ms):
        before, position = _master(entries), 0
        for learned in together:
            entry = _entry(learned.payload, entries, shown)
            if entry is not None:
                entries.append(entry)
                position = told[id(entry)] = learned.position
        if not position:
            continue
        expanded = expand(_best_last(entries, known), floating=floating, until_ms=until_ms)
        problems = expanded.problems
        now = {
            one.original_ms: Standing(one, told.get(id(one.payload), position), "") for one in expanded.occurrences
        }
        standing = _after(standing, now, recorded_ms, known, deletes=_deletes(before, _master(entries)))
    by_start = sorted(standing.values(), key=lambda one: (one.occurrence.start_ms, one.occurrence.original_ms))
    return Told(by_start, problems)


def _after(
    before: dict[int, Standing], now: dict[int, Standing], recorded_ms: int, known: Callable[[str], Known], *,
    deletes: bool,
) -> dict[int, Standing]:  # fmt: skip
    """What stands after news that the log learned at `recorded_ms`; `deletes`: what is missing in it was taken out."""
    result = dict(now)
    for original, kept in before.items():
        one = kept.occurrence
        if is_cancelled(one.payload):
            continue
        new = now.get(original)
        if new is None or is_cancelled(new.occurrence.payload):
            if (new or deletes) and recorded_ms >= one.end_ms:
                result[original] = kept._replace(flag=kept.flag or DELETED)
        elif (
            recorded_ms >= one.start_ms
            and my_answer(new.occurrence.payload, known) == "declined"
            and my_answer(one.payload, known) in _YES
        ):
            result[original] = kept._replace(flag=DECLINED)
    return result


def _entry(
    payload: MeetingObserved | MeetingWithdrawn, entries: list[MeetingObserved], shown: dict[str, set[str]]
) -> MeetingObserved | None:
    """Read a withdrawal by the last source that still showed it as a cancellation; by another it says nothing."""
    sources = shown.setdefault(payload.instance, set())
    if isinstance(payload, MeetingObserved):
        sources.add(payload.source)
        return replace(payload, status="cancelled") if payload.method == "cancel" else payload
    sources.discard(payload.source)
    last = next((one for one in reversed(entries) if one.instance == payload.instance), None)
    if sources:
        return None
    if last is None:
        return MeetingObserved(
            source=payload.source, uid=payload.uid, instance=payload.instance, instance_zone=payload.instance_zone,
            status="cancelled",
        )  # fmt: skip
    return replace(last, status="cancelled")


def _best_last(entries: list[MeetingObserved], known: Callable[[str], Known]) -> list[MeetingObserved]:
    """The entries in the order in which they count where neither revision nor date of change tells which is newer.

    Another calendar that shows the same meeting is a copy and no news: of each calendar the last entry counts, and of
    these the one that knows my answer. Which copy was read first then does not matter.
    """
    if len({_calendar(entry) for entry in entries}) < 2:  # noqa: PLR2004  one calendar has no copies
        return entries
    last = {(entry.instance, _calendar(entry)): place for place, entry in enumerate(entries)}.values()
    weights = [_weight(entry, known) if place in last else -1 for place, entry in enumerate(entries)]
    return [entries[place] for place in sorted(range(len(entries)), key=weights.__getitem__)]


def _calendar(entry: MeetingObserved) -> str:
    """The calendar's name; "" where it may be that of the file, which another export need not repeat."""
    file = PurePosixPath(entry.where.rpartition(":")[0])
    return "" if entry.calendar in (file.stem, file.name) else entry.calendar


def _weight(entry: MeetingObserved, known: Callable[[str], Known]) -> int:
    if is_cancelled(entry):
        return len(_ANSWERS) + 1
    answer = my_answer(entry, known) if entry.attendees or entry.organizer else ""
    return _ANSWERS.index("accepted" if answer == "organizer" else answer)


def _master(entries: list[MeetingObserved]) -> MeetingObserved | None:
    return next((one for one in reversed(entries) if not one.instance), None)


def _deletes(old: MeetingObserved | None, new: MeetingObserved | None) -> bool:
    """Tell whether what is missing was taken out: the series repeats as before, but for its exceptions."""
    if old is None or new is None or old is new or is_cancelled(new):
        return True
    return (old.start, old.zone, sorted(old.rules)) == (new.start, new.zone, sorted(new.rules))
