"""One collection through everything that servers do to those who follow it."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.dav.client import Client
from connectors.dav.connector import DavConnector
from connectors.dav.flavour import CALDAV, CARDDAV
from connectors.errors import CursorExpired, Refused, StreamEnded, TryLater
from connectors.http import Answer
from connectors.sync.port import Position
from tests.connectors.dav.mirror import Mirror, Shelf
from tests.connectors.dav.model import HOME, WORK, Model, answered, multistatus, row
from tests.peers.dav import card, meeting


def connector(model: Model, batch: int = 5) -> DavConnector:
    url = f"http://127.0.0.1{HOME}"
    flavour = CALDAV if model.kind == "calendar" else CARDDAV
    return DavConnector(Client(model, "mine", url), flavour, url, source="caldav:mine", batch=batch)  # type: ignore[arg-type]


def filled(count: int = 12, **switches: Any) -> Model:
    model = Model(**switches)
    for number in range(count):
        model.put(f"{WORK}e{number}.ics", meeting(f"u{number}"))
    return model


def followed(model: Model) -> Mirror:
    """Who follows by a token, if the server has any: it is taken when something has changed for the first time."""
    mirror = Mirror().run(connector(model))
    model.serial += 1
    return mirror.run(connector(model))


def agrees(mirror: Mirror, model: Model) -> None:
    """What was followed is what a first sync shows now."""
    assert mirror.says() == Mirror().run(connector(model)).says()


KINDS = [
    {},
    {"ctags": False},
    {"ctags": False, "limit": 4},
    {"limit": 4},
    {"limit": 1},
    {"syncs": False},
    {"syncs": False, "ctags": False},
    {"says_reports": False, "syncs": False},
    {"etags": "weak"},
    {"etags": "none"},
    {"etags": "none", "syncs": False, "ctags": False},
    {"multiget": False},
    {"says_reports": False},
]


TOKENS_OR_NOT: list[dict[str, Any]] = [
    {}, {"ctags": False}, {"ctags": False, "limit": 4}, {"ctags": False, "limit": 7, "multiget": False},
    {"syncs": False},
]  # fmt: skip


@pytest.mark.parametrize("switches", KINDS, ids=str)
def test_whatever_a_server_can_do_it_is_followed(switches: dict[str, Any]) -> None:
    model = filled(**switches)
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {f"u{number}" for number in range(12)}
    agrees(mirror, model)

    assert mirror.run(connector(model)).seen == 0

    model.put(f"{WORK}new.ics", meeting("new"))
    model.put(f"{WORK}e3.ics", meeting("u3", start="20260301T090000Z"))
    model.delete(f"{WORK}e5.ics")
    assert mirror.run(connector(model)).seen == 2
    assert "u5" not in mirror.uids()
    agrees(mirror, model)
    assert mirror.run(connector(model)).seen == 0


@pytest.mark.parametrize("switches", [{}, {"syncs": False}], ids=str)
def test_nothing_new_costs_one_question(switches: dict[str, Any]) -> None:
    model = filled(**switches)
    mirror = followed(model)
    one = connector(model)
    stream = one.streams()[0]
    model.asked.clear()
    assert [page.changes for page in one.pull(stream, mirror.shelves[WORK].position, mirror.shelves[WORK])] == [()]
    assert len(model.asked) == 1


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("status", [400, 403, 409, 410, 412, 500])
def test_every_spelling_of_an_unknown_token_means_list_again_and_nothing_else(status: int, named: bool) -> None:  # noqa: FBT001  a case
    model = filled(expired=status, names_precondition=named)
    mirror = followed(model)
    model.epoch = 2
    model.delete(f"{WORK}e1.ics")
    mirror.run(connector(model))
    assert (mirror.expired, mirror.seen) == (1, 0)
    agrees(mirror, model)


def test_an_unknown_token_is_known_by_its_element_under_any_status() -> None:
    model = filled(expired=422)
    mirror = followed(model)
    model.epoch = 2
    model.delete(f"{WORK}e1.ics")
    assert mirror.run(connector(model)).expired == 1


@pytest.mark.parametrize("pages", [1, 2, 3])
@pytest.mark.parametrize("switches", TOKENS_OR_NOT, ids=str)
def test_a_run_that_dies_goes_on_and_fetches_nothing_twice(switches: dict[str, Any], pages: int) -> None:
    model = filled(24, **switches)
    mirror = Mirror().run(connector(model), pages=pages)
    had = mirror.seen
    assert mirror.shelves[WORK].position.state
    mirror.run(connector(model))
    assert had + mirror.seen == 24
    agrees(mirror, model)
    for number in range(0, 24, 2):
        model.put(f"{WORK}e{number}.ics", meeting(f"u{number}", start="20260401T090000Z"))
    model.delete(f"{WORK}e1.ics")
    mirror.run(connector(model), pages=1)
    had = mirror.seen
    mirror.run(connector(model))
    assert had + mirror.seen == 12
    agrees(mirror, model)


@pytest.mark.parametrize("switches", TOKENS_OR_NOT, ids=str)
def test_what_goes_while_a_listing_is_interrupted_is_gone(switches: dict[str, Any]) -> None:
    model = filled(24, **switches)
    mirror = Mirror().run(connector(model), pages=1)
    model.delete(next(iter(mirror.shelves[WORK].items)))
    mirror.run(connector(model))
    agrees(mirror, model)


def test_a_new_name_of_a_calendar_is_a_new_word_about_its_meetings() -> None:
    model = filled(3)
    mirror = Mirror().run(connector(model))
    model.titles[WORK] = "Product"
    mirror.run(connector(model))
    assert mirror.seen == 3
    agrees(mirror, model)
    assert mirror.run(connector(model)).seen == 0


def test_a_listing_may_name_what_was_deleted_long_ago() -> None:
    model = filled(3)
    model.delete(f"{WORK}e0.ics")
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {"u1", "u2"}


def test_what_goes_between_listing_and_reading_is_passed_over() -> None:
    model = filled(3)

    def vanish(line: str, answer: Answer) -> Answer:
        if line.startswith("REPORT sync-collection") and f"{WORK}e1.ics" not in model.deleted:
            model.delete(f"{WORK}e1.ics")
        return answer

    model.ctags, model.spoil = False, vanish
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {"u0", "u2"}
    assert not mirror.poisoned()
    mirror.run(connector(model))
    agrees(mirror, model)


def test_a_multiget_that_finds_nothing_is_not_believed() -> None:
    model = filled(3)
    model.spoil = lambda line, answer: (
        answered(207, answer.body.decode().replace("200 OK", "404 Not Found"), "application/xml")
        if "multiget" in line else answer
    )  # fmt: skip
    assert Mirror().run(connector(model)).uids() == {"u0", "u1", "u2"}


def test_one_item_that_the_server_cannot_give_is_shown_and_asked_for_again() -> None:
    model = filled(3, broken={f"{WORK}e1.ics": 500})
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {"u0", "u2"}
    assert list(mirror.poisoned()) == [f"{WORK}e1.ics"]
    assert "HTTP 500" in mirror.poisoned()[f"{WORK}e1.ics"]
    mirror.run(connector(model))
    assert list(mirror.poisoned()) == [f"{WORK}e1.ics"]
    model.broken = {}
    mirror.run(connector(model))
    assert (mirror.seen, mirror.poisoned()) == (1, {})
    agrees(mirror, model)


def test_an_item_that_breaks_the_xml_around_it_costs_no_neighbour() -> None:
    model = filled(3)
    model.put(f"{WORK}bad.ics", meeting("bad", title="a\x0bb"))
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {"u0", "u1", "u2", "bad"}


def test_a_broken_entry_is_quarantined_with_its_address_and_its_neighbours_are_read() -> None:
    model = filled(2)
    model.put(f"{WORK}bad.ics", meeting("bad").replace("DTSTART:20260105T100000Z\n", ""))
    model.put(f"{WORK}none.ics", "this is no calendar")
    model.put(f"{WORK}todo.ics", meeting("todo").replace("VEVENT", "VTODO"))
    mirror = Mirror().run(connector(model))
    assert mirror.uids() == {"u0", "u1"}
    assert set(mirror.poisoned()) == {f"{WORK}bad.ics", f"{WORK}none.ics"}
    assert mirror.shelves[WORK].skips == {f"{WORK}todo.ics": "not_a_meeting"}
    assert mirror.run(connector(model)).seen == 0
    model.put(f"{WORK}bad.ics", meeting("bad"))
    mirror.run(connector(model))
    assert set(mirror.poisoned()) == {f"{WORK}none.ics"}
    agrees(mirror, model)


def test_one_broken_instance_costs_neither_its_master_nor_the_others() -> None:
    model = filled(1)
    whole = meeting("s", more="RRULE:FREQ=WEEKLY;COUNT=4\n")
    change = meeting("s", start="20260112T120000Z", more="RECURRENCE-ID:20260112T100000Z\n")
    entry = change[change.index("BEGIN:VEVENT") : change.index("END:VCALENDAR")]
    broken = entry.replace("DTSTART:20260112T120000Z", "DTSTART:then").replace("20260112T100000Z", "20260119T100000Z")
    model.put(f"{WORK}s.ics", whole.replace("END:VCALENDAR", entry + broken + "END:VCALENDAR"))
    mirror = Mirror().run(connector(model))
    assert len(mirror.shelves[WORK].events[f"{WORK}s.ics"]) == 2
    assert set(mirror.poisoned()) == {f"{WORK}s.ics#"}
    mirror.shelves[WORK].position = Position(None)
    mirror.run(connector(model))
    assert set(mirror.poisoned()) == {f"{WORK}s.ics#"}
    model.put(f"{WORK}s.ics", whole)
    mirror.run(connector(model))
    assert not mirror.poisoned()


def test_a_collection_that_is_away_ends_its_stream() -> None:
    model = filled(2)
    mirror = Mirror().run(connector(model))
    one = connector(model)
    stream = one.streams()[0]
    model.put(f"{WORK}x.ics", meeting("x"))
    one.streams()
    model.collections = {"/dav/me/other/": {}}
    model.titles = {"/dav/me/other/": "Other"}
    with pytest.raises(StreamEnded, match="Work"):
        list(one.pull(stream, mirror.shelves[WORK].position, mirror.shelves[WORK]))


@pytest.mark.parametrize("fresh", [True, False])
def test_a_server_that_goes_in_circles_is_left(fresh: bool) -> None:  # noqa: FBT001  a case
    """Always more, under the same token or under a new one."""
    count = iter(range(10_000))
    again = f"<response><href>{WORK}</href><status>HTTP/1.1 507 More</status></response>"

    def circle(line: str, answer: Answer) -> Answer:
        if "sync-collection" not in line:
            return answer
        token = f"<sync-token>t{next(count) if fresh else 1}</sync-token>"
        return multistatus(row(f"{WORK}e0.ics", '<getetag>"1"</getetag>'), again, token)

    model = filled(2, ctags=False, spoil=circle)
    with pytest.raises(Refused, match="again and again"):
        Mirror().run(connector(model))
    assert next(count) < 10


PAGE = "<!DOCTYPE html><html><body>Please sign in to the hotel's network</body></html>"
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<multistatus xmlns="DAV:"><response><href>&b;</href></response></multistatus>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<multistatus xmlns="DAV:"><response><href>&a;</href></response></multistatus>'
)
NO_ANSWERS = {
    "a page": answered(200, PAGE, "text/html"),
    "a page under the right status": answered(207, PAGE, "text/html"),
    "another document": answered(207, '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>', "text/xml"),
    "nothing": answered(207, "", "application/xml"),
    "an empty success": answered(204),
    "an entity bomb": answered(207, BOMB, "application/xml"),
    "an entity outside": answered(207, OUTSIDE, "application/xml"),
    "a bomb in UTF-16": answered(207)._replace(body=BOMB.encode("utf-16")),
}


@pytest.mark.parametrize("kind", NO_ANSWERS)
@pytest.mark.parametrize("switches", [{}, {"syncs": False}], ids=str)
@pytest.mark.parametrize("held", [True, False])
def test_what_is_no_answer_is_never_taken_for_an_empty_one(kind: str, switches: dict[str, Any], held: bool) -> None:  # noqa: FBT001  a case
    model = filled(5, **switches)
    mirror = Mirror()
    if held:
        mirror.run(connector(model))
        model.put(f"{WORK}new.ics", meeting("new"))
    before = mirror.says()
    model.spoil = lambda line, answer: NO_ANSWERS[kind] if WORK in line else answer
    with pytest.raises(TryLater, match=r"127\.0\.0\.1/"):
        mirror.run(connector(model))
    assert mirror.says() == before
    model.spoil = None
    agrees(mirror.run(connector(model)), model)


@pytest.mark.parametrize("switches", [{}, {"ctags": False, "limit": 1}, {"syncs": False}], ids=str)
def test_an_answer_cut_at_any_byte_is_whole_or_no_answer(switches: dict[str, Any]) -> None:
    """Every byte of every answer of a first sync: afterwards all is there, or the run said that it failed.

    The other kinds of servers give the same kinds of answers, in other numbers: every seventh byte will do.
    """
    model = filled(2, **switches)
    Mirror().run(connector(model))
    lengths: list[int] = []

    def measure(_line: str, answer: Answer) -> Answer:
        lengths.append(len(answer.body))
        return answer

    model.spoil = measure
    whole = Mirror().run(connector(model)).says()
    failed = 0
    for number, length in enumerate(lengths):
        for cut in range(0, length, 1 if not switches else 7):
            count = iter(range(1000))
            model.spoil = lambda _line, answer, at=cut, which=number, tick=count: (
                answer._replace(body=answer.body[:at]) if next(tick) == which else answer
            )
            mirror = Mirror()
            try:
                mirror.run(connector(model))
            except (TryLater, Refused):
                failed += 1
                model.spoil = None
                mirror.run(connector(model))
            assert mirror.says() == whole, (number, cut)
            assert not mirror.expired
    assert failed > 50


def test_a_listing_without_the_collection_itself_is_no_listing() -> None:
    model = filled(3, syncs=False)
    mirror = Mirror().run(connector(model))
    model.put(f"{WORK}new.ics", meeting("new"))
    model.spoil = lambda line, answer: multistatus() if line == f"PROPFIND {WORK}" else answer
    with pytest.raises(TryLater, match="lists nothing"):
        mirror.run(connector(model))


def test_an_unreadable_position_lists_again() -> None:
    with pytest.raises(CursorExpired):
        list(connector(filled(1)).pull(connector(filled(1)).streams()[0], Position("from elsewhere"), Shelf()))


def test_what_lies_elsewhere_is_no_item() -> None:
    model = filled(1)
    strange = ("/dav/you/work/e.ics", f"{WORK}sub/e.ics", f"{WORK}../x.ics", f"{WORK}%2e%2e", "http://[", "")
    extra = "".join(row(href, '<getetag>"1"</getetag>') for href in strange)
    model.spoil = lambda line, answer: (
        answer._replace(body=answer.body.replace(b"<sync-token>", f"{extra}<sync-token>".encode()))
        if "sync-collection" in line else answer
    )  # fmt: skip
    assert set(Mirror().run(connector(model)).shelves[WORK].items) == {f"{WORK}e0.ics"}


def test_who_is_in_a_group_has_its_name_as_a_label() -> None:
    model = Model(kind="vcard")
    model.put(f"{WORK}a.vcf", card("a"))
    model.put(f"{WORK}b.vcf", card("b", name="Bo Li", address="bo@z.org"))
    group = "BEGIN:VCARD\nVERSION:3.0\nUID:g\nFN:{0}\nX-ADDRESSBOOKSERVER-KIND:group\n{1}END:VCARD\n"
    model.put(f"{WORK}g.vcf", group.format("Family", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:a\n"))

    def groups(line: str, answer: Answer) -> Answer:
        if "addressbook-query" not in line or f"{WORK}g.vcf" in model.deleted:
            return answered(403) if "addressbook-query" in line and not model.deleted else answer
        return model._multiget(WORK, f"<d:href>{WORK}g.vcf</d:href>")

    model.spoil = groups

    def labels(mirror: Mirror) -> dict[str, tuple[str, ...]]:
        return {
            event.payload.uid: event.payload.labels  # type: ignore[union-attr]
            for events in mirror.shelves[WORK].events.values()
            for event in events
        }

    mirror = Mirror().run(connector(model))
    assert labels(mirror) == {"a": ("Family",), "b": (), "g": ()}
    model.put(f"{WORK}g.vcf", group.format("Kin", "X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:b\n"))
    mirror.run(connector(model))
    assert labels(mirror) == {"a": (), "b": ("Kin",), "g": ()}
    model.delete(f"{WORK}g.vcf")
    mirror.run(connector(model))
    assert labels(mirror) == {"a": (), "b": ()}
    assert mirror.run(connector(model)).seen == 0
