"""A resource says what the same bytes say as a file, but for where it is and what its calendar is called."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import msgspec

from connectors.dav.resources import calendar_resource, card_resource, groups_of
from connectors.files import ics, vcf
from connectors.items import Item
from events.envelope import NewEvent
from events.vocabulary import ContactObserved, MeetingObserved
from tests.peers.dav import card, meeting


def said(items: Iterator[Item] | tuple[NewEvent, ...]) -> list[tuple[bytes, object]]:
    """Stream and payload of each event, without what may differ."""
    found: list[tuple[bytes, object]] = []
    for item in items:
        if isinstance(item, NewEvent) and isinstance(item.payload, MeetingObserved):
            found.append((item.stream, msgspec.structs.replace(item.payload, source="", where="", calendar="")))
        elif isinstance(item, NewEvent) and isinstance(item.payload, ContactObserved):
            found.append((item.stream, msgspec.structs.replace(item.payload, source="", where="")))
    return found


def test_real_calendars_say_the_same_as_resources(shared_data: Path) -> None:
    paths = sorted((shared_data / "ics").rglob("*.ics"))
    assert len(paths) > 200
    count = 0
    for path in paths:
        body = path.read_bytes()
        file = said(ics.read(BytesIO(body), source="files:x", where=str(path)))
        assert said(calendar_resource(body, source="caldav:x", where="/x", title="Work").events) == file, path
        count += len(file)
    assert count > 300


def test_real_cards_say_the_same_as_resources(shared_data: Path) -> None:
    paths = sorted((shared_data / "contacts").rglob("*.vcf"))
    assert len(paths) > 10
    for path in paths:
        body = path.read_bytes()
        file = said(vcf.read(BytesIO(body), source="files:x", where=str(path)))
        groups = groups_of([body])
        assert said(card_resource(body, source="carddav:x", where="/x", groups=groups).events) == file, path


def test_the_server_says_what_a_calendar_is_called() -> None:
    body = meeting("u").replace("BEGIN:VEVENT", "X-WR-CALNAME:Other\nBEGIN:VEVENT").encode()
    one, other = (
        calendar_resource(body, source="s", where="/x", title=title).events[0] for title in ("Work", "Product")
    )
    assert isinstance(one.payload, MeetingObserved)
    assert one.payload.calendar == "Work"
    assert one.stream == other.stream
    assert one.revision != other.revision


def test_what_is_none_of_ours_says_why() -> None:
    todo = meeting("u").replace("VEVENT", "VTODO").encode()
    assert calendar_resource(todo, source="s", where="/x", title="").skip == "not_a_meeting"
    assert "no calendar entry" in calendar_resource(b"", source="s", where="/x", title="").problems[0].why
    assert "contact card" in card_resource(b"<html>", source="s", where="/x", groups={}).problems[0].why


def test_members_of_groups_are_uids_or_addresses() -> None:
    group = "BEGIN:VCARD\nVERSION:4.0\nFN:{0}\nKIND:group\nMEMBER:urn:uuid:a\nMEMBER:mailto:bo@z.org\nEND:VCARD\n"
    groups = groups_of([group.format(name).encode() for name in ("Kin", "Family")])
    assert groups == {"a": ["Family", "Kin"], "bo@z.org": ["Family", "Kin"]}
    events = card_resource(card("b", address="bo@z.org").encode(), source="s", where="/x", groups=groups).events
    assert isinstance(events[0].payload, ContactObserved)
    assert events[0].payload.labels == ("Family", "Kin")
