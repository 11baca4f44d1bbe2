from __future__ import annotations

from pathlib import Path

import pytest

from amity import settings
from events.errors import UsageError

MISTAKES = """\
[me]
timezone  = "Europe/Helsinkix"
addresses = ["me@x.org", "mecorp.com"]
hours     = "Mon-Fri 09:00-07:30"
foo = 3

[goals.launch]
weight = 1.40
weekly = "10 parsecs"
people = { "ana@x.org" = 0.5, "bo@x.org" = 9 }

[goals.unassigned]

[goals.growth]
solo   = true
weekly = 4
people = { "ana@x.org" = 1.0 }

[tiers.close]
every = "soon"
offer = { length = "x" }

[people."victor@y.org"]
max = "1h/day"

[policy]
attendance = "lenient"

[nonsense]
"""
PLACES = [
    "2:1", "3:26", "4:1", "5:1", "8:1", "9:1", "10:31", "12:1", "15:1", "16:1", "20:1", "21:11", "24:1", "27:1", "29:1",
]  # fmt: skip
CONTRACT = """\
[me]
timezone  = "Europe/Helsinki"
addresses = ["Me@X.org", "me@corp.com"]
hours     = "Mon-Fri 09:00-17:30"
[goals.launch]
weight = 0.40
weekly = "10h"
match  = ["launch", "label:v2", "calendar:Product"]
people = { "ana@x.org" = 0.5, "bo@x.org" = 0.3 }
public = true
[goals.growth]
solo   = true
weekly = "4h"
[tiers.close]
every   = "14d"
members = ["ana@x.org", "label:Family"]
offer   = { hours = "Tue,Thu 14:00-17:00", length = "45m", notice = "24h" }
[people."victor@y.org"]
max       = "1h/week"
every     = "6w"
protected = false
needs  = ["pricing"]
offers = ["legal"]
[now]
working_on  = ["Amity 1.0"]
help_wanted = ["design partners"]
[policy]
attendance = "auto"
email      = "words"
bodies     = "never"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "amity.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_all_mistakes_are_reported_at_once_with_line_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, MISTAKES)
    with pytest.raises(UsageError) as raised:
        settings.load(path)
    lines = str(raised.value).splitlines()
    found = [line.removeprefix(f"{path}:").split(": ")[0] for line in lines]
    assert found == PLACES
    assert all(line.endswith(".") for line in lines)


def test_the_example_of_the_contract_is_understood(tmp_path: Path) -> None:
    rules = settings.load(write(tmp_path, CONTRACT)).rules()
    assert rules.addresses == ("me@x.org", "me@corp.com")
    assert rules.goals[0].weekly_minutes == 600
    assert rules.goals[0].people == {"ana@x.org": 0.5, "bo@x.org": 0.3}
    assert rules.goals[1].solo
    assert (rules.tiers[0].every_days, rules.tiers[0].members) == (14, ("ana@x.org", "label:Family"))
    assert (rules.budgets[0].max_minutes_week, rules.budgets[0].every_days) == (60, 42)
    assert rules.working_on == ("Amity 1.0",)


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    assert settings.load(tmp_path / "amity.toml").rules().timezone == "UTC"


def test_the_environment_outranks_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_ME__TIMEZONE", "Asia/Tokyo")
    found = settings.load(write(tmp_path, '[me]\ntimezone = "Europe/Paris"\naddresses = ["a@x.org"]\n'))
    assert (found.me.timezone, found.me.addresses) == ("Asia/Tokyo", ["a@x.org"])


def test_a_mistake_in_the_environment_names_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_POLICY__EMAIL", "guess")
    with pytest.raises(UsageError, match="AMITY_POLICY__EMAIL"):
        settings.load(tmp_path / "amity.toml")


@pytest.mark.parametrize("text", ["[me", "a = ", "[me]\n[me]\n"])
def test_what_is_no_toml_says_where(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"amity\.toml: this is not TOML: .*(line|end)"):
        settings.load(write(tmp_path, text))


def test_what_is_no_utf8_says_where(tmp_path: Path) -> None:
    path = tmp_path / "amity.toml"
    path.write_bytes(b'[me]\n# \xff\ntimezone = "UTC"\n')
    with pytest.raises(UsageError, match="byte 7"):
        settings.load(path)
