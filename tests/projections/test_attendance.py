"""F1 on single observations: which count, why not, and who took part; the frozen past on histories."""

from __future__ import annotations

from datetime import UTC

import pytest
from msgspec.structs import replace

from events.vocabulary import Attendee, Mailbox, MeetingObserved, MeetingWithdrawn
from projections.attendance import Known, Policy, judge
from projections.timeline import Learned, stand

ME = "me@x.org"
HOUR = 3_600_000
TEN = 1_788_256_800_000  # 2026-09-01T10:00Z
FAR = TEN + 400 * 24 * HOUR


def known(address: str) -> Known:
    kind = "room" if address.startswith("room") else "list" if address.startswith("dev") else "person"
    return Known(address == ME, kind, sum(address.encode()) if address != ME else 0)


def meeting(*others: str, mine: str = "accepted", hours: float = 1, **more: object) -> MeetingObserved:
    named = [other.partition("/") for other in others]
    lines = [Attendee(address, "", answer or "accepted") for address, _, answer in named]
    if mine:
        lines.append(Attendee(ME, "", mine))
    fields = {"seconds": int(hours * 3600), "attendees": tuple(lines)} | more
    return MeetingObserved(source="t", uid="u", start="2026-09-01T10:00:00", zone="UTC", **fields)  # type: ignore[arg-type]


def reason(one: MeetingObserved, policy: Policy = Policy(), mark: str = "") -> str:  # noqa: B008  immutable
    return judge(one, one.seconds * 1000, known, policy, mark).reason


def test_the_five_reasons_of_f1() -> None:
    assert [
        reason(meeting("ana@y.org", days=1, seconds=0)),
        reason(meeting("ana@y.org", hours=9)),
        reason(meeting()),
        reason(meeting("ana@y.org", mine="needs-action")),
        reason(meeting("ana@y.org", busy="free")),
    ] == ["all_day", "gt_8h", "solo", "uncertain:needsAction", "show_as_free"]


@pytest.mark.parametrize(
    ("others", "n"),
    [
        (["ana@y.org", "room1@x.org"], 1),
        (["ana@y.org/declined", "bo@y.org"], 1),
        (["dev@lists.org", "ana@y.org"], 2),
        ([f"p{i}@y.org/needs-action" for i in range(7)] + ["ana@y.org"], 8),
        ([f"p{i}@y.org/needs-action" for i in range(8)] + ["ana@y.org"], 1),
        ([f"p{i}@y.org/declined" for i in range(8)] + ["ana@y.org"], 1),
    ],
)
def test_who_takes_part(others: list[str], n: int) -> None:
    """Rooms and refusals do not; a group is one; from nine invitees on only who accepted was there."""
    assert judge(meeting(*others), HOUR, known, Policy()).n == n


def test_policies_and_words() -> None:
    quiet = meeting("ana@y.org", mine="needs-action")
    assert reason(quiet, Policy(small=True)) == reason(quiet, Policy(inclusive=True)) == ""
    assert reason(meeting("a@y.org", "b@y.org", "c@y.org", mine="needs-action"), Policy(small=True)) != ""
    assert reason(meeting("ana@y.org", mine="tentative"), Policy(small=True)) == "uncertain:tentative"
    assert reason(quiet, mark="attended") == ""
    assert reason(meeting("ana@y.org"), mark="no-show") == "no_show"
    assert reason(meeting("ana@y.org", mine="")) == "not_mine"
    assert reason(meeting(mine="", organizer=Mailbox("boss@y.org"))) == "not_mine"


def standing(*history: tuple[int, MeetingObserved | MeetingWithdrawn]) -> list[tuple[int, str, str]]:
    """(start in hours after ten, status, flag) of what stands after all was learned."""
    learned = [Learned(position, at, payload) for position, (at, payload) in enumerate(history, start=1)]
    found = stand(learned, known, floating=UTC, until_ms=FAR).standing
    return [((one.occurrence.start_ms - TEN) // HOUR, one.occurrence.payload.status, one.flag) for one in found]


GONE = MeetingWithdrawn(source="t", uid="u")


def test_a_deletion_after_the_end_is_kept_out_of_the_past() -> None:
    assert standing((TEN - HOUR, meeting("ana@y.org")), (TEN + HOUR, GONE)) == [(0, "", "deleted_after_end")]
    assert standing((TEN - HOUR, meeting("ana@y.org")), (TEN - 1, GONE)) == [(0, "cancelled", "")]
    assert standing((TEN + HOUR, meeting("ana@y.org", status="cancelled"))) == [(0, "cancelled", "")]


def test_another_source_that_still_shows_it_keeps_it() -> None:
    shown = (TEN - 3 * HOUR, meeting("ana@y.org"))
    elsewhere = (TEN - 2 * HOUR, replace(meeting("ana@y.org"), source="other"))
    assert standing(shown, elsewhere, (TEN - HOUR, GONE)) == [(0, "", "")]


def test_an_exception_added_later_takes_out_only_what_had_not_ended() -> None:
    series = replace(meeting("ana@y.org"), rules=("FREQ=DAILY;COUNT=3",))
    cut = replace(series, skipped=("2026-09-01T10:00:00", "2026-09-02T10:00:00"))
    found = standing((TEN - HOUR, series), (TEN + 2 * HOUR, cut))
    assert found == [(0, "", "deleted_after_end"), (48, "", "")]


def test_a_correction_moves_the_past() -> None:
    moved = replace(meeting("ana@y.org"), start="2026-09-01T12:00:00")
    assert standing((TEN - HOUR, meeting("ana@y.org")), (TEN + 9 * HOUR, moved)) == [(2, "", "")]


def test_a_refusal_after_the_start_does_not_undo_the_acceptance() -> None:
    no = meeting("ana@y.org", mine="declined")
    assert standing((TEN - HOUR, meeting("ana@y.org")), (TEN, no)) == [(0, "", "declined_after_start")]
    assert standing((TEN - HOUR, meeting("ana@y.org")), (TEN - 1, no)) == [(0, "", "")]
