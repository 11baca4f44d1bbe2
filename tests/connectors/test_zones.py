"""What a TZID means."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.zones import Zone, Zones, known_zone
from events.clocks import clock_of, wall_of
from tests.cliffs import no_cliff

BERLIN = [
    "BEGIN:VTIMEZONE", "TZID:{name}",
    "BEGIN:DAYLIGHT", "DTSTART:19810329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200", "END:DAYLIGHT",
    "BEGIN:STANDARD", "DTSTART:19961027T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE",
]  # fmt: skip


def defined(name: str, lines: list[str]) -> Zones:
    zones = Zones()
    zones.define([line.format(name=name) for line in lines])
    return zones


@pytest.mark.parametrize(
    ("tzid", "name"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("America/New York", "America/New_York"),
        ('"Europe/Zurich"', "Europe/Zurich"),
        ("/freeassociation.sourceforge.net/Tzfile/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
        ("/freeassociation.sourceforge.net/Europe/Berlin", "Europe/Berlin"),
        ("/mozilla.org/20070129_1/America/New_York", "America/New_York"),
        ("/Europe/Stockholm", "Europe/Stockholm"),
        ("posix/Europe/Vaduz", "posix/Europe/Vaduz"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("tzone://Microsoft/Utc", "UTC"),
        ("Etc/UTC", "UTC"),
        ("GMT", "UTC"),
    ],
)
def test_names(tzid: str, name: str) -> None:
    found = known_zone(tzid)
    assert found is not None
    assert found.name.removeprefix("posix/") == name.removeprefix("posix/")


@pytest.mark.parametrize(
    "tzid", ["", "Customized Time Zone", "../../etc/passwd", "Europe", "custom_America/New_York", "x" * 999]
)
def test_names_that_mean_nothing(tzid: str) -> None:
    assert known_zone(tzid) is None
    assert Zones().find(tzid) is None


@pytest.mark.parametrize(
    ("tzid", "minutes"),
    [("UTC+11", 660), ("GMT -0330", -210), ("(UTC-03:00) Salvador", -180), ("+05:30", 330), ("UTC+1", 60)],
)
def test_fixed_offsets(tzid: str, minutes: int) -> None:
    assert Zones().find(tzid) == Zone("custom", ((0, minutes),))


def test_a_definition_is_computed_from_1970_to_2050() -> None:
    zone = defined("Our Office", BERLIN).find("Our Office")
    assert zone is not None
    assert zone.name == "custom"
    ours, real = clock_of(zone.name, zone.offsets, UTC), clock_of("Europe/Berlin", (), UTC)
    for text in ("2001-03-25T02:30", "2026-03-29T01:59", "2026-03-29T03:00", "2026-10-25T02:30", "2049-07-01T00:00"):
        assert ours.to_ms(wall_of(text)) == real.to_ms(wall_of(text))
    assert datetime.fromtimestamp(zone.offsets[-1][0] / 1000, ZoneInfo("Europe/Berlin")).year == 2050


def test_a_definition_that_says_where_it_is() -> None:
    lines = [*BERLIN[:2], "X-LIC-LOCATION:Europe/Vienna", *BERLIN[2:]]
    assert defined("Our Office", lines).find("Our Office") == Zone("Europe/Vienna")


def test_the_name_wins_over_the_definition() -> None:
    assert defined("Europe/Lisbon", BERLIN).find("Europe/Lisbon") == Zone("Europe/Lisbon")


def test_a_definition_may_come_later() -> None:
    zones = Zones()
    assert zones.find("X") is None
    zones.define([line.format(name="X") for line in BERLIN])
    assert zones.find("X") is not None


def test_a_single_offset() -> None:
    lines = ["TZID:{name}", "BEGIN:STANDARD", "DTSTART:16010101T000000", "TZOFFSETFROM:+0545", "TZOFFSETTO:+0545"]
    assert defined("K", lines).find("K") == Zone("custom", ((-11644494300000, 345),))


@pytest.mark.parametrize(
    "line",
    ["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=YEARLY;BYMONTH=99", "RRULE:x",
     "TZOFFSETTO:+9999", "TZOFFSETTO:nonsense", "DTSTART:99999999T999999", "RDATE:" + "19800101T000000," * 4000,
     "RRULE:FREQ=YEARLY;UNTIL=00010101T000000Z", "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z;BYDAY=5MO"],
)  # fmt: skip
def test_a_hostile_definition_costs_nothing(line: str) -> None:
    lines = [*BERLIN[:3], "DTSTART:00010101T000000", line, *BERLIN[3:]]
    with no_cliff():
        defined("X", lines * 3).find("X")
