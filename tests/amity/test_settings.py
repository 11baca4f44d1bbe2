from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from amity import settings
from amity.environment import FromEnvironment
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


TABLES = st.fixed_dictionaries(
    {},
    optional={
        "me": st.fixed_dictionaries(
            {},
            optional={
                "timezone": st.sampled_from(["Asia/Tokyo", "Nowhere/At_All", 3]),
                "addresses": st.sampled_from([["Me@X.org"], ["mecorp.com", 2], "me@x.org"]),
                "foo": st.just(1),
            },
        ),
        "goals": st.dictionaries(
            st.sampled_from(["launch", "unassigned"]),
            st.sampled_from([{"weekly": "10h"}, {"weekly": 4}, {"solo": True, "people": {"a@x.org": 1.0}}, 7]),
        ),
        "tiers": st.sampled_from(
            [{"close": {"every": "14d", "offer": {"length": "45m"}}}, {"close": {"every": "soon"}}]
        ),
        "policy": st.sampled_from([{"attendance": "lenient"}, {"care_floor": "20%"}, []]),
        "report": st.sampled_from([{"mail": {"host": "x"}}, {"at": "Tue 08:00"}, {"webhook": "ftp://x"}]),
        "now": st.just({"working_on": ["Amity"]}),
    },
)


def told(model: type[BaseModel], document: dict[str, Any]) -> object:
    """What a model makes of a document: its values, or what `settings` makes its sentences of."""
    try:
        return model(**document).model_dump()
    except ValidationError as error:
        return [(one["loc"], one["type"], one["msg"], one["input"]) for one in error.errors()]


@given(TABLES)
def test_a_file_alone_says_the_same_with_and_without_the_reader_of_the_environment(document: dict[str, Any]) -> None:
    assert told(settings.Settings, document) == told(FromEnvironment, document)


@pytest.mark.parametrize(
    ("name", "value", "hours"),
    [
        ("AMITY_ME__HOURS", "Mon 09:00-10:00", "Mon 09:00-10:00"),
        ("amity_me__Hours", "Mon 09:00-10:00", "Mon 09:00-10:00"),
        ("Amity_Me", '{"hours": "Mon 09:00-10:00"}', "Mon 09:00-10:00"),
        ("AMITY_METRICS", "9000", "Mon-Fri 08:00-16:00"),
        ("AMITY_", "x", "Mon-Fri 08:00-16:00"),
        ("AMITY_YOU__HOURS", "Mon 09:00-10:00", "Mon-Fri 08:00-16:00"),
    ],
)
def test_a_variable_is_a_setting_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, hours: str
) -> None:
    monkeypatch.setenv(name, value)
    found = settings.load(write(tmp_path, '[me]\nhours = "Mon-Fri 08:00-16:00"\ntimezone = "Asia/Tokyo"\n'))
    assert (found.me.hours, found.me.timezone) == (hours, "Asia/Tokyo")


def test_a_variable_that_is_no_json_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_ME__ADDRESSES", "me@x.org")
    with pytest.raises(UsageError, match=r"The environment: .*AMITY_ variable"):
        settings.load(tmp_path / "amity.toml")


def test_a_table_may_be_written_in_capitals(tmp_path: Path) -> None:
    assert settings.load(write(tmp_path, '[Me]\ntimezone = "Asia/Tokyo"\n')).me.timezone == "Asia/Tokyo"


def test_a_file_is_read_without_the_reader_of_the_environment(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from amity import settings; settings.load(pathlib.Path(sys.argv[1]));"
        "print('pydantic_settings' in sys.modules)"
    )
    known = {name: value for name, value in os.environ.items() if not name.upper().startswith("AMITY_")}
    command = [sys.executable, "-I", "-c", program, str(write(tmp_path, CONTRACT))]
    for more, loaded in (({}, "False"), ({"AMITY_HOME": "/"}, "False"), ({"AMITY_ME__TIMEZONE": "UTC"}, "True")):
        done = subprocess.run(command, env={**known, **more}, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == loaded
