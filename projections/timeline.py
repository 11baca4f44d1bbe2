"""The occurrences of one meeting as they stand after all that was learned about it, the frozen past included (F1).

What took place cannot be taken back: a deletion that the log learned of at or after the end of an occurrence does not
remove it, and a refusal that came after its start does not undo the acceptance before. What the log learned in one
moment is one piece of news. A change of time, or of the rule of a series and of its end, does change the past: it is a
correction of what was planned, not the removal of what was.

What each source shows now, and which of them is believed, is told in `projections.shown`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from itertools import groupby
from typing import NamedTuple

from events.vocabulary import MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, is_cancelled, my_answer
from projections.recurrence import Occurrence, expand
from projections.shown import Shown

DELETED, DECLINED = "deleted_after_end", "declined_after_start"
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
    shown = Shown(known, floating)
    standing: dict[int, Standing] = {}
    problems: list[str] = []
    before: MeetingObserved | None = None
    for recorded_ms, together in groupby(history, key=lambda learned: learned.recorded_ms):
        position = 0
        for learned in together:
            if shown.take(learned.payload, learned.position, recorded_ms):
                position = learned.position
        if not position:
            continue
        entries = shown.entries()
        expanded = expand(entries, floating=floating, until_ms=until_ms)
        problems = expanded.problems
        now = {
            one.original_ms: Standing(one, shown.position(one.payload, position), "") for one in expanded.occurrences
        }
        master = _master(entries)
        standing = _after(standing, now, recorded_ms, known, deletes=_deletes(before, master))
        before = master
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


def _master(entries: Sequence[MeetingObserved]) -> MeetingObserved | None:
    """The master that is believed: `expand` chooses in the same way."""
    masters = [(one.sequence, one.modified_ms or 0, place) for place, one in enumerate(entries) if not one.instance]
    return entries[max(masters)[2]] if masters else None


def _deletes(old: MeetingObserved | None, new: MeetingObserved | None) -> bool:
    """Tell whether what is missing was taken out: the series repeats as before, but for its exceptions."""
    if old is None or new is None or old is new or is_cancelled(new):
        return True
    return (old.start, old.zone, sorted(old.rules)) == (new.start, new.zone, sorted(new.rules))
