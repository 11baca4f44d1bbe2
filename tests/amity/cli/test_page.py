"""The page for others: whatever else is in the home, nothing but what was called public is ever on it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.home import Home, guests, mail, vevent

CANARY = "zanzibar"
PAGE = f"""
[goals.launch]
public = true
weekly = "10h"
match = ["{CANARY}-word", "label:{CANARY}", "calendar:{CANARY}"]
people = {{ "{CANARY}@key.example" = 0.5 }}

[goals.{CANARY}-secret]
weight = 0.5
match = ["secret"]

[goals.{CANARY}-alone]
solo = true

[tiers.{CANARY}]
members = ["{CANARY}@tier.example", "label:{CANARY}"]
offer = {{ hours = "Tue 03:33-04:44", length = "33m" }}

[people."{CANARY}@people.example"]
max = "1h/week"
needs = ["{CANARY}-need"]
offers = ["{CANARY}-offer"]

[now]
working_on = ["Amity 1.0"]
help_wanted = ["design partners"]
"""
SHOWN = {"working_on": ["Amity 1.0"], "goals": ["launch"], "help_wanted": ["design partners"],
         "hours": "Mon-Fri 09:00-17:30", "timezone": "UTC"}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path, addresses=("me@x.org", f"{CANARY}@mine.example"), more=PAGE)
    lines = [*guests(f"{CANARY}@guest.example"), f"CATEGORIES:{CANARY}", f"LOCATION:{CANARY}"]
    meeting = vevent("m", "20261028T100000Z", "20261028T110000Z", *lines, title=f"{CANARY} {CANARY}-word")
    private = vevent("p", "20261028T120000Z", "20261028T130000Z", "CLASS:PRIVATE", *lines, title=f"{CANARY} private")
    found.calendar(meeting, private, head=f"X-WR-CALNAME:{CANARY}\r\n")
    found.mbox(mail(f"{CANARY} <{CANARY}@mail.example>", "me@x.org", "Wed, 28 Oct 2026 10:00:00 +0000", CANARY,
                    subject=f"{CANARY} and the secret"))  # fmt: skip
    found.invoke("note", f"{CANARY}@mail.example", f"{CANARY} called")
    return found


@pytest.mark.parametrize("diff", [(), ("--diff",)])
@pytest.mark.parametrize("form", ["text", "json", "html", "md"])
def test_nothing_that_is_not_public_is_in_any_format(home: Home, form: str, diff: tuple[str, ...]) -> None:
    result = home.invoke("now", "--format", form, *diff)
    assert result.exit_code == 0
    for word in ("Amity 1.0", "launch", "design partners", "09:00-17:30"):
        assert word in result.stdout
    for word in (CANARY, CANARY.title(), "secret", "me@x.org", "33", "private"):
        assert word not in result.stdout


def test_the_page_is_what_it_is_and_nothing_else(home: Home) -> None:
    assert home.json("now") == SHOWN
    result = home.invoke("now", "--as-of", home.as_of)
    assert result.stdout.splitlines() == [
        "Working on   Amity 1.0",
        "Goals        launch",
        "Looking for  design partners",
        "Hours        Mon-Fri 09:00-17:30 (UTC)",
    ]


def test_slots_say_nothing_but_times(home: Home) -> None:
    for form in ("text", "ics", "json"):
        result = home.invoke("slots", "--for", f"{CANARY}@mail.example", "--format", form)
        assert result.exit_code == 0
        assert CANARY not in result.stdout


def test_what_came_and_what_went_in_a_week(home: Home) -> None:
    """A moment between two versions of the settings, and the question asked seven days after it."""
    home.json("now")
    time.sleep(1.1)
    between = time.time()
    time.sleep(1.1)
    week_later = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(between + 7 * 86_400))
    unchanged = home.json("now", "--diff", as_of=week_later)
    nothing: dict[str, list[str]] = {"working_on": [], "goals": [], "help_wanted": [], "hours": []}
    assert (unchanged["came"], unchanged["went"]) == (nothing, nothing)
    text = (home.folder / "amity.toml").read_text()
    for old, new in (("Amity 1.0", "Amity 1.1"), ("09:00-17:30", "10:00-16:00"), ("public = true", "public = false")):
        text = text.replace(old, new)
    home.settings(text)
    found = home.json("now", "--diff", as_of=week_later)
    assert found["came"] == nothing | {"working_on": ["Amity 1.1"], "hours": ["Mon-Fri 10:00-16:00"]}
    assert found["went"] == nothing | {"working_on": ["Amity 1.0"], "hours": ["Mon-Fri 09:00-17:30"]}  # no goal named
    lines = home.invoke("now", "--diff", "--as-of", week_later).stdout.splitlines()
    assert "+ Working on: Amity 1.1" in lines
    assert not any("launch" in line for line in lines)
    early = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(between + 6 * 86_400))
    assert home.json("now", "--diff", as_of=early)["since"] is None


def test_what_the_page_said_is_known_at_an_earlier_position(home: Home) -> None:
    home.json("now")
    position = home.json("status")["log"]["last_position"]
    home.settings((home.folder / "amity.toml").read_text().replace("design partners", "an accountant"))
    assert home.json("now")["help_wanted"] == ["an accountant"]
    assert home.json("now", "--known-at", str(position))["help_wanted"] == ["design partners"]
    home.settings((home.folder / "amity.toml").read_text().split("[now]")[0])
    assert home.json("now")["working_on"] == []
    last = home.json("status")["log"]["last_position"]
    home.json("now")
    assert home.json("status")["log"]["last_position"] == last  # what was taken away is recorded once
    assert home.json("now", "--known-at", str(last))["working_on"] == []
