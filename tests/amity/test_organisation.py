"""An organisation: owners come, go, agree or not; who runs it sees health, and an owner sees no other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from amity.cli import COMMANDS, main
from tests.home import guests, mail, vevent
from tests.peers.postgres import Cluster

CANARY = "zanzibar"
AS_OF = ("--as-of", "2026-10-01T00:00:00Z")


class Office:
    """The folder of an organisation, and its people at their shells."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, patch
        self.files = folder / "files"
        self.files.mkdir(parents=True)

    def run(self, owner: str, *arguments: str) -> Result:
        with self._patch.context() as patch:
            if owner:
                patch.setenv("AMITY_OWNER", owner)
            return CliRunner().invoke(main, [*arguments, "--home", str(self.folder / "amity")])

    def json(self, owner: str, *arguments: str) -> Any:
        result = self.run(owner, *arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def join(self, name: str, word: str, hours: int = 1, *, agrees: bool = True) -> None:
        """A new owner who met and wrote to somebody, about something that only they should ever read."""
        self.json("", "owners", "add", name, "--me", "me@x.org", "--timezone", "UTC")
        settings = self.folder / "amity" / "owners" / name / "amity.toml"
        if agrees:
            text = settings.read_text()
            settings.write_text(text.replace("[policy]", "[policy]\naggregates = true"))
        friend = f"{word}@y.org"
        event = vevent(f"{word}-1", "20260901T100000Z", f"20260901T{10 + hours}0000Z", *guests(friend), title=word)
        calendar = self.files / f"{name}.ics"
        calendar.write_text(f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{event}END:VCALENDAR\r\n", newline="")
        mails = self.files / f"{name}.mbox"
        mails.write_text(mail(f"{word} <{friend}>", "me@x.org", "Tue, 01 Sep 2026 12:00:00 +0000", word, subject=word))
        self.json(name, "import", str(calendar), str(mails))
        self.json(name, "note", friend, f"about {word}", *AS_OF)


@pytest.fixture(params=["files", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        monkeypatch.setenv("AMITY_DATABASE_URL", cluster.new_bound_database())
        monkeypatch.setenv("AMITY_CACHE", str(tmp_path / "cache"))
    return Office(tmp_path, monkeypatch)


def arguments_of(name: str, folder: Path) -> list[list[str]]:
    """Calls of a command that could show somebody else's data."""
    person, asked = ["me@x.org"], [f"{CANARY}@y.org"]
    special: dict[str, list[list[str]]] = {
        "explain": [["unassigned"], asked, ["(broadcast)"]],
        "person": [asked, person], "timeline": [asked], "brief": [["next"], asked],
        "query": [[f"SELECT * FROM v_{view}"] for view in ("time", "people", "contacts", "meetings", "messages")],
        "search": [[CANARY]], "who": [[CANARY]], "export": [[str(folder / "exported")]],
        "schema": [["time"]], "completions": [["bash"]], "report": [[], ["--format", "html"], ["--format", "md"]],
        "slots": [["--for", *asked]], "can-i": [["1h", "--with", *asked]], "owners": [[], ["averages", "2026-09"]],
        "merge": [[*asked, *person]], "split": [[*asked, *asked]], "snooze": [[*asked, "14d"]],
        "mark": [["1", "ignore"]],
        "time": [["all", "--by", "person,goal,day"]], "log": [[]], "goals": [[]], "people": [[], ["--all"]],
    }  # fmt: skip
    return special.get(name, [[]])


# What asks no question of the log, or does not end.
LOUD = {"init", "import", "connect", "disconnect", "sync", "demo", "daemon", "restore", "serve", "mcp", "undo"}


def test_no_command_shows_one_owner_anything_of_another(office: Office) -> None:
    office.join("ana", "harmless")
    office.join("bo", CANARY)
    shown = 0
    for name in sorted(set(COMMANDS) - LOUD):
        for given in arguments_of(name, office.folder):
            for form in ((), ("--json",)):
                result = office.run("ana", name, *given, *form)
                said = result.output + (result.stderr or "")
                for echo in given:  # what was asked may be repeated, and no more
                    said = said.replace(echo, "")
                assert CANARY not in said, f"{name} {given}"
                shown += "harmless" in said
    assert shown > 10  # the same commands do show what is hers
    written = [path for path in (office.folder / "exported").rglob("*") if path.is_file()]
    assert written
    assert not any(CANARY in path.read_text() for path in written)


def test_each_owner_has_their_own_numbers(office: Office) -> None:
    office.join("ana", "harmless", hours=1)
    office.join("bo", CANARY, hours=2)
    minutes = {name: office.json(name, "time", "all", *AS_OF)["totals"]["meeting_minutes"] for name in ("ana", "bo")}
    assert minutes == {"ana": 60, "bo": 120}
    assert office.json("bo", "verify")["ok"]


def test_who_runs_it_sees_health_and_no_content(office: Office) -> None:
    office.join("ana", CANARY)
    found = office.json("", "owners")
    assert [(one["owner"], one["state"], one["accounts"]) for one in found] == [("ana", "ok", 0)]
    assert found[0]["events"] > 3
    assert CANARY not in office.run("", "owners").output


def test_an_owner_whose_settings_are_wrong_keeps_nobody_from_being_shown(office: Office) -> None:
    office.join("ana", "harmless")
    office.join("bo", CANARY)
    (office.folder / "amity" / "owners" / "bo" / "amity.toml").write_text(f"[{CANARY}]\n")
    result = office.run("", "owners", "averages", "2026-09", "--json")
    assert result.exit_code == 0
    assert CANARY not in result.output


def test_averages_are_told_of_five_who_agreed_and_of_no_fewer(office: Office) -> None:
    for number in range(4):
        office.join(f"owner{number}", f"word{number}", hours=1 + number)
    office.join("shy", "shy", hours=9, agrees=False)
    few = office.json("", "owners", "averages", "2026-09")
    assert (few["owners"], few["measures"]) == (None, [])
    office.join("owner4", "word4", hours=5)
    found = office.json("", "owners", "averages", "2026-09")
    meetings = next(one for one in found["measures"] if one["measure"] == "meeting_minutes")
    assert (found["owners"], meetings["mean"], meetings["median"]) == (5, 180, 180)


def test_who_is_removed_leaves_nothing_and_takes_nobody_along(office: Office) -> None:
    office.join("ana", "harmless")
    office.join("bo", CANARY)
    refused = office.run("", "owners", "remove", "bo")
    assert (refused.exit_code, "--yes" in refused.output) == (2, True)
    assert office.json("", "owners", "remove", "bo", "--yes")["events"] > 3
    assert [one["owner"] for one in office.json("", "owners")] == ["ana"]
    assert office.json("ana", "verify")["ok"]
    office.json("", "owners", "add", "bo")
    assert office.json("bo", "people", "--all") == []


def test_an_owner_manages_nobody(office: Office) -> None:
    office.join("ana", "harmless")
    for arguments in ((), ("add", "x"), ("remove", "ana", "--yes"), ("averages",)):
        result = office.run("ana", "owners", *arguments)
        assert (result.exit_code, "without it" in result.output) == (2, True)


@pytest.mark.parametrize("name", ["", "..", "a/b", "Ana", "1st", "x" * 65, "a b"])
def test_a_name_that_could_lead_elsewhere_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    result = Office(tmp_path, monkeypatch).run("", "owners", "add", name)
    assert result.exit_code == 2
    assert not (tmp_path / "amity").exists()


@pytest.mark.parametrize("bound", [True, False])
def test_the_doctor_tells_where_a_database_keeps_nobody_apart(
    postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, bound: bool
) -> None:
    monkeypatch.setenv("AMITY_DATABASE_URL", postgres.new_bound_database() if bound else postgres.new_database())
    office = Office(tmp_path, monkeypatch)
    office.join("ana", "harmless")
    found = json.loads(office.run("ana", "doctor", "--json").stdout)
    assert [one["ok"] for one in found if one["what"] == "owners apart"] == [bound]
