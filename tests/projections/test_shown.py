"""Several accounts and files that show one meeting: who is believed, and what it takes for it to be gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from events.vocabulary import Attendee, MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, my_answer
from projections.timeline import Learned, stand

ME = "me@x.org"
HOUR = 3_600_000
TEN = 1_788_256_800_000  # 2026-09-01T10:00Z
LONG_BEFORE = TEN - 1000 * HOUR
FAR = TEN + 400 * 24 * HOUR
WORK, TEAM, FILE = "caldav:work", "ics:team", "files:export"
Word = MeetingObserved | MeetingWithdrawn


def known(address: str) -> Known:
    return Known(address == ME, "person", 0 if address == ME else 1)


def at(hours: int, source: str = WORK, answer: str = "accepted", **more: object) -> MeetingObserved:
    """The meeting so many hours after ten, as a source shows it."""
    start = (datetime(2026, 9, 1, 10, tzinfo=UTC) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S")
    guests = (Attendee("ana@y.org", "", "accepted"), Attendee(ME, "", answer)) if answer else ()
    return MeetingObserved(
        source=source, uid="u", start=start, zone="UTC", seconds=3600, attendees=guests, **more  # type: ignore[arg-type]  # fields
    )  # fmt: skip


def gone(source: str = WORK, instance: str = "") -> MeetingWithdrawn:
    return MeetingWithdrawn(source=source, uid="u", instance=instance, instance_zone="UTC" if instance else "")


def standing(*words: Word | tuple[int, Word]) -> list[tuple[int, str, str]]:
    """(start in hours after ten, status, flag); words without an instant were learned long before, one by one."""
    learned = []
    for number, word in enumerate(words, 1):
        when, payload = word if isinstance(word, tuple) else (LONG_BEFORE + number, word)
        learned.append(Learned(number, when, payload))
    found = stand(learned, known, floating=UTC, until_ms=FAR).standing
    return [((one.occurrence.start_ms - TEN) // HOUR, one.occurrence.payload.status, one.flag) for one in found]


def answers(*words: Word) -> list[str]:
    """My answer in what is believed."""
    learned = [Learned(number, LONG_BEFORE + number, word) for number, word in enumerate(words, 1)]
    found = stand(learned, known, floating=UTC, until_ms=FAR).standing
    return [my_answer(one.occurrence.payload, known) for one in found]


def living(*words: Word | tuple[int, Word]) -> list[int]:
    return [hours for hours, status, _ in standing(*words) if status != "cancelled"]


def test_it_stands_while_one_account_shows_it() -> None:
    assert living(at(0), at(0, TEAM), gone()) == [0]
    assert living(at(0), at(0, TEAM), gone(), gone(TEAM)) == []
    assert living(at(0), at(0, TEAM), gone(TEAM), gone()) == []
    assert living(at(0), gone(TEAM)) == [0]
    assert living(at(0), gone(), at(0)) == [0]


def test_an_account_outranks_the_snapshots_of_before_and_no_snapshot_takes_anything_back() -> None:
    assert living(at(0, FILE), at(0), gone()) == []
    assert living(at(0), at(0, FILE), gone()) == []
    assert living(at(0), at(0, TEAM), at(0, FILE), gone()) == [0]
    assert living(at(0), gone(), at(0, FILE)) == [0]
    assert living(at(0), gone(FILE)) == [0]
    assert living(at(0, FILE), gone(FILE)) == [0]
    assert living(at(0, FILE), gone()) == [0]


def test_the_newest_word_of_an_account_holds_although_it_is_an_old_one_again() -> None:
    early, late = at(0, modified_ms=1, sequence=1), at(5, modified_ms=2, sequence=2)
    assert living(early, late, early) == [0]
    assert living(early, late, gone(), early) == [0]
    assert living(replace(late, source=FILE), early, late, early) == [0]
    assert living(early, late, early, replace(late, source=FILE)) == [0]
    assert living(early, late, early, replace(late, source=FILE, sequence=3)) == [5]


def test_two_accounts_that_disagree_are_believed_by_revision_then_by_who_has_news() -> None:
    assert living(at(3, sequence=2), at(0, TEAM, sequence=1)) == [3]
    assert living(at(0, TEAM, modified_ms=1), at(3, modified_ms=2), at(0, TEAM, modified_ms=1)) == [3]
    assert living(at(0), at(0, TEAM), at(3)) == [3]
    assert living(at(0), at(3), at(0, TEAM)) == [3]
    assert living(at(0), at(3), at(0, TEAM), at(4, TEAM)) == [4]
    assert living(at(0), at(0, TEAM, ""), at(4, TEAM, "")) == [0]  # a copy that names nobody knows less


def test_two_calendars_of_an_account_are_two_copies() -> None:
    mine, theirs = at(0, calendar="Mine"), at(0, answer="needs-action", calendar="Theirs")
    later = at(5, answer="needs-action", calendar="Theirs")
    for words in ((mine, theirs), (theirs, mine)):
        assert answers(*words) == ["accepted"]
    assert living(mine, theirs, later) == [0]
    assert living(mine, replace(later, sequence=1)) == [5]
    assert living(mine, replace(later, sequence=1), at(7, calendar="Mine", sequence=2)) == [7]
    assert living(mine, theirs, gone()) == []


def test_a_calendar_that_lets_it_go_or_has_another_name_is_no_second_copy() -> None:
    mine, theirs = at(0, calendar="Mine"), at(3, sequence=1, calendar="Theirs")
    assert living(mine, theirs) == [3]
    assert living(mine, theirs, mine) == [0]
    assert living(mine, replace(mine, calendar="Ours"), at(3, answer="declined", calendar="Ours")) == [3]


def test_an_instance_that_is_taken_back_is_again_as_its_series_has_it() -> None:
    series = at(0, rules=("FREQ=DAILY;COUNT=3",))
    moved = at(26, instance="2026-09-02T10:00:00", instance_zone="UTC")
    back = gone(instance="2026-09-02T10:00:00")
    assert living(series, moved) == [0, 26, 48]
    assert living(series, moved, back) == [0, 24, 48]
    assert living(series, moved, replace(moved, source=TEAM), back) == [0, 26, 48]
    assert living(series, replace(moved, source=FILE), moved, back) == [0, 24, 48]
    assert living(moved, back) == []
    assert living(series, moved, gone()) == [26]
    assert living(series, moved, gone(), back) == living(series, moved, back, gone()) == []
    cancelled = replace(moved, status="cancelled")
    assert living(series, cancelled) == [0, 48]
    assert living(series, cancelled, back) == [0, 24, 48]


def test_an_instance_that_took_place_elsewhere_is_not_moved_back_when_it_is_taken_back() -> None:
    series = at(0, rules=("FREQ=DAILY;COUNT=3",))
    moved = at(26, instance="2026-09-02T10:00:00", instance_zone="UTC")
    back = (TEN + 27 * HOUR, gone(instance="2026-09-02T10:00:00"))
    assert living(series, moved, back) == [0, 26, 48]
    assert living(series, moved, back, (TEN + 28 * HOUR, replace(series, title="x"))) == [0, 26, 48]
    assert living(series, moved, (TEN + 27 * HOUR - 1, back[1])) == [0, 24, 48]


def test_the_same_instance_is_known_in_whatever_zone_it_is_written() -> None:
    series = at(0, rules=("FREQ=DAILY;COUNT=2",))
    moved = at(26, instance="2026-09-02T10:00:00", instance_zone="UTC")
    elsewhere = replace(moved, source=FILE, instance="2026-09-02T13:00:00", instance_zone="Europe/Helsinki")
    assert living(series, elsewhere, moved, gone(instance="2026-09-02T10:00:00")) == [0, 24]


def test_a_cancellation_that_does_not_say_when_is_that_of_what_was_shown() -> None:
    bare = MeetingObserved(source=WORK, uid="u", status="cancelled", sequence=1)
    assert standing(at(4), bare) == [(4, "cancelled", "")]


words = st.one_of(
    st.builds(at, st.integers(0, 5), st.sampled_from([WORK, TEAM, FILE]), sequence=st.integers(0, 2)),
    st.builds(gone, st.sampled_from([WORK, TEAM, FILE])),
)


@given(st.lists(words, max_size=9))
def test_it_stands_as_long_as_somebody_still_says_so(history: list[Word]) -> None:
    """Each account's last word counts; a snapshot stands until an account that showed it, too, lets it go."""
    showing: set[str] = set()
    for word in history:
        if isinstance(word, MeetingObserved):
            showing.add(word.source)
        elif word.source in showing - {FILE}:
            showing -= {word.source, FILE}
    assert bool(living(*history)) == bool(showing)


@given(st.lists(words, max_size=6), st.lists(words, max_size=4))
def test_what_took_place_is_never_taken_back(before: list[Word], after: list[Word]) -> None:
    """It still counts; of two accounts that showed different times, that of the one that is left."""
    taken_back = [
        (TEN + 9 * HOUR + number, word) for number, word in enumerate(after) if isinstance(word, MeetingWithdrawn)
    ]
    assert len(living(*before, *taken_back)) == len(living(*before))


@given(st.lists(words, max_size=7))
def test_what_an_account_shows_last_holds_where_no_other_knows_better(history: list[Word]) -> None:
    last = at(7, sequence=2)
    others = [word for word in history if word.source == WORK or isinstance(word, MeetingWithdrawn)]
    assert living(*others, last) == [7]
