"""The first run lists plainly under a ctag; the token comes with the first change; nothing is lost in between."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.dav.sync import _QUIET
from connectors.errors import Refused
from connectors.http import Answer
from tests.connectors.dav.mirror import Mirror
from tests.connectors.dav.model import WORK, Model, answered, multistatus
from tests.connectors.dav.test_sync import agrees, connector, filled
from tests.peers.dav import meeting

LISTING, SYNC, MULTIGET = f"PROPFIND {WORK}", f"REPORT sync-collection {WORK}", f"REPORT calendar-multiget {WORK}"


def asked(model: Model, mirror: Mirror) -> list[str]:
    """What one run asks of the calendar."""
    model.asked.clear()
    mirror.run(connector(model, batch=100))
    return [line for line in model.asked if WORK in line]


def once(line: str, shows: bytes, happens: Callable[[], object]) -> Callable[[str, Answer], Answer]:
    """Something happens on the server just behind one of its answers."""
    left = [happens]

    def spoil(asked: str, answer: Answer) -> Answer:
        if left and asked == line and shows in answer.body:
            left.pop()()
        return answer

    return spoil


def test_a_token_is_asked_for_when_something_has_changed() -> None:
    model = filled(4)
    mirror = Mirror()
    assert asked(model, mirror) == [LISTING, LISTING, MULTIGET]
    assert asked(model, mirror) == [LISTING]
    model.put(f"{WORK}new.ics", meeting("new"))
    model.delete(f"{WORK}e1.ics")
    assert asked(model, mirror) == [LISTING, SYNC, MULTIGET]
    assert mirror.seen == 1
    agrees(mirror, model)
    assert asked(model, mirror) == [SYNC]
    model.put(f"{WORK}e2.ics", meeting("u2", start="20260301T090000Z"))
    assert asked(model, mirror) == [SYNC, MULTIGET]
    agrees(mirror, model)
    assert mirror.listings == 2


@pytest.mark.parametrize("syncs", [True, False])
@pytest.mark.parametrize(
    ("line", "shows"),
    [(LISTING, b"getctag"), (LISTING, b".ics"), (MULTIGET, b".ics")],
    ids=["behind the ctag", "behind the listing", "behind the contents"],
)
def test_what_happens_between_two_questions_is_found_by_the_next_run(line: str, shows: bytes, syncs: bool) -> None:  # noqa: FBT001  a case
    model = filled(4, syncs=syncs)

    def happens() -> None:
        model.put(f"{WORK}new.ics", meeting("new"))
        model.put(f"{WORK}e0.ics", meeting("u0", start="20260301T090000Z"))
        model.delete(f"{WORK}e1.ics")

    model.spoil = once(line, shows, happens)
    mirror = Mirror().run(connector(model))
    assert "u2" in mirror.uids()
    mirror.run(connector(model))
    assert not mirror.poisoned()
    agrees(mirror, model)


def test_a_calendar_made_anew_before_the_token_was_taken_is_compared_as_a_whole() -> None:
    model = filled(6)
    mirror = Mirror().run(connector(model))
    model.epoch, model.deleted, model.collections[WORK] = 2, {}, {}
    for number in range(3, 9):
        model.put(f"{WORK}e{number}.ics", meeting(f"u{number}"))
    mirror.run(connector(model))
    assert mirror.uids() == {f"u{number}" for number in range(3, 9)}
    agrees(mirror, model)


def test_a_ctag_that_lies_is_not_believed_for_ever() -> None:
    """It counts in seconds, or begins anew with the calendar: a change may stand under the same one."""
    model = filled(3)
    mirror = Mirror().run(connector(model))
    same = str(model.serial)
    model.put(f"{WORK}new.ics", meeting("new"))
    model.spoil = lambda _line, answer: answer._replace(
        body=answer.body.replace(f">{model.serial}</x:getctag>".encode(), f">{same}</x:getctag>".encode())
    )
    for _ in range(_QUIET):
        assert asked(model, mirror) == [LISTING]
        assert "new" not in mirror.uids()
    assert asked(model, mirror) == [SYNC, MULTIGET]
    agrees(mirror, model)


def cut(_line: str, answer: Answer) -> Answer:
    """A listing of which the server says that it is not whole; and is not."""
    first, _, rest = answer.body.partition(b"</response>")
    if b".ics" not in rest or b"sync-token>tok" in answer.body.rpartition(b"</response>")[2]:
        return answer
    more = f"<response><href>{WORK}</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
    some = rest.partition(b"</response>")[0]
    return answer._replace(body=first + b"</response>" + some + b"</response>" + more.encode() + b"</multistatus>")


def only_itself(_line: str, answer: Answer) -> Answer:
    """Depth 1 is taken for 0."""
    return answer._replace(body=answer.body.partition(b"</response>")[0] + b"</response></multistatus>")


def refused(_line: str, _answer: Answer) -> Answer:
    return answered(403)


def empty(_line: str, _answer: Answer) -> Answer:
    return multistatus()


@pytest.mark.parametrize("plainly", [cut, only_itself, refused, empty])
def test_a_plain_listing_that_is_not_whole_gives_way_to_a_token(plainly: Callable[[str, Answer], Answer]) -> None:
    model = filled(5)
    model.spoil = lambda line, answer: plainly(line, answer) if line == LISTING and b".ics" in answer.body else answer
    mirror = Mirror()
    assert asked(model, mirror) == [LISTING, LISTING, SYNC, MULTIGET]
    assert len(mirror.uids()) == 5
    assert asked(model, mirror) == [SYNC]


def test_a_part_of_a_listing_withdraws_nothing_where_there_are_no_tokens() -> None:
    model = filled(5, syncs=False)
    mirror = Mirror().run(connector(model))
    model.put(f"{WORK}new.ics", meeting("new"))
    model.spoil = lambda line, answer: cut(line, answer) if line == LISTING else answer
    with pytest.raises(Refused, match="only a part"):
        mirror.run(connector(model))
    assert len(mirror.uids()) == 5
