"""What the planner knows of owners: looked at again when something changed, and only then."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from amity import accounts, wiring
from amity.accounts import Account
from amity.home import Home, all_homes, of_owner, prepare, write_private
from events import jobs, standing
from events.errors import AmityError
from events.jobs import JobRow
from tests.peers.postgres import Cluster
from workers import owner as one_owner
from workers import owners as module
from workers.owners import Owners
from workers.plan import HOUR, PROJECT, PULL, REPORT, Job, Lane, State

NOW = 1_800_000_000_000
SETTINGS = '[me]\ntimezone = "UTC"\naddresses = ["me@x.org"]\n'
REPORTED = SETTINGS + '[report]\nfolder = "reports"\nat = "Mon 07:00"\n'
FEED = Account("feed", "ics", {}, {"url": "https://x.org"})


class Office:
    """Owners in a folder. `asked`, `read`: of whom the database, and what it said, was looked at in the last look."""

    def __init__(self, home: Home) -> None:
        self.home, self.owners = home, Owners()
        self.asked: list[str] = []
        self.read: list[str] = []
        prepare(home)
        for name in ("ana", "bo"):
            self.add(name)

    def of(self, name: str) -> Home:
        return of_owner(self.home, name)

    def add(self, name: str) -> None:
        home = self.of(name)
        prepare(home)
        (home.folder / "password").write_text("secret")
        write_private(home.settings, SETTINGS)
        mail = Account("mail", "imap", {"host": "h", "user": "u"}, {}, accounts.IN_FILE, str(home.folder / "password"))
        accounts.write(home, [mail])
        wiring.bring_up(home, NOW)

    def look(self, now: int = NOW) -> State:
        self.asked.clear()
        self.read.clear()
        return self.owners.look(all_homes(self.home), now)

    def row(self, name: str, kind: str = PULL) -> JobRow:
        with closing(wiring.open_home(self.of(name))) as log, log.reading() as connection:
            return next(row for key, row in jobs.rows(connection, name).items() if key[0] == kind)

    def sent(self, name: str) -> list[Job]:
        return self.owners.take([Job(name, self.row(name), Lane.INCREMENTAL, NOW)], NOW)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    url = ""
    if request.param == "postgresql":
        cluster: Cluster = request.getfixturevalue("postgres")
        url = cluster.new_bound_database()
    made = Office(Home(tmp_path / "office", url))
    asking, finding = standing.of, one_owner.found_of

    def of(connection: Any, owners: list[str], now: int) -> dict[str, str]:
        made.asked += owners
        return asking(connection, owners, now)

    def found_of(owner: str, *given: Any, **more: Any) -> tuple[State, int]:
        made.read.append(owner)
        return finding(owner, *given, **more)

    monkeypatch.setattr(standing, "of", of)
    monkeypatch.setattr(module, "found_of", found_of)
    yield made
    made.owners.close()


def pulled(state: State) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for account in state.accounts:
        found.setdefault(account.owner, set()).add(account.job.name)
    return found


def test_what_is_known_of_all(office: Office) -> None:
    state = office.look()
    assert pulled(state) == {"ana": {"imap:mail"}, "bo": {"imap:mail"}}
    assert {views.owner: views.behind for views in state.views} == {"ana": False, "bo": False}
    assert state.reports == []


def test_nobody_is_looked_at_again_for_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SETTLED_NS", -(1 << 62))  # as if all had been written long ago
    first = office.look()
    office.look()
    again = office.look(NOW + HOUR)
    assert office.read == []
    assert office.asked == ([] if not office.home.log_url else ["ana", "bo"])
    assert again == first


def rules(office: Office) -> None:
    write_private(office.of("ana").settings, REPORTED)


def account(office: Office) -> None:
    accounts.write(office.of("ana"), [*accounts.read(office.of("ana")), FEED])


def no_account(office: Office) -> None:
    accounts.write(office.of("ana"), [])


def secret(office: Office) -> None:
    (office.of("ana").folder / "password").write_text("another")


def no_views(office: Office) -> None:
    office.of("ana").views.unlink()


def hint(office: Office) -> None:
    with closing(wiring.open_home(office.of("ana"))) as log, log.writing() as connection:
        jobs.hint(connection, "ana", PULL, "imap:mail", NOW)


@pytest.mark.parametrize("change", [rules, account, no_account, secret, no_views, hint])
def test_whatever_changes_is_seen_at_the_next_look(office: Office, change: Callable[[Office], None]) -> None:
    def told(state: State) -> object:
        own = [one for one in state.accounts if one.owner == "ana"]
        views = [one for one in state.views if one.owner == "ana"]
        return own, views, [one for one in state.reports if one.owner == "ana"]

    before = told(office.look())
    assert told(office.look()) == before
    change(office)
    after = told(office.look())
    assert after != before
    anew = Owners()
    assert told(anew.look(all_homes(office.home), NOW)) == after, "a planner that has just begun knows the same"
    anew.close()


def test_owners_come_and_go(office: Office) -> None:
    office.look()
    office.add("cy")
    assert set(pulled(office.look())) == {"ana", "bo", "cy"}
    shutil.rmtree(office.of("ana").folder)
    assert set(pulled(office.look())) == {"bo", "cy"}
    assert {home.owner for home, _ in office.owners.accounts()} == {"bo", "cy"}


def test_jobs_are_those_that_are_wanted(office: Office) -> None:
    rules(office)
    office.look()
    assert office.row("ana", REPORT).kind == REPORT
    no_account(office)
    office.look()
    with closing(wiring.open_home(office.of("ana"))) as log, log.reading() as connection:
        assert set(jobs.rows(connection, "ana")) == {(PROJECT, ""), (REPORT, "")}


def test_a_turn_is_taken_once_of_every_owner(office: Office) -> None:
    state = office.look()
    chosen = [Job(one.owner, one.job, Lane.INCREMENTAL, NOW) for one in state.accounts]
    assert office.owners.take(chosen, NOW) == chosen
    assert office.owners.take(chosen, NOW + 1) == []
    office.owners.note([job._replace(due_ms=NOW + HOUR) for job in chosen])
    assert [office.row(name).due_ms for name in ("ana", "bo")] == [NOW + HOUR] * 2


def test_a_broken_home_is_its_owner_s_trouble(office: Office) -> None:
    office.look()
    office.of("ana").accounts.write_text("no toml")
    for _ in range(2):
        assert set(pulled(office.look())) == {"bo"}
    no_account(office)
    assert {views.owner for views in office.look().views} == {"ana", "bo"}


def test_a_database_that_is_away_is_asked_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = office.look()
    chosen = [Job(one.owner, one.job, Lane.INCREMENTAL, NOW) for one in before.accounts]

    def away(*_: object) -> object:
        raise AmityError("it is away")

    hint(office)
    with monkeypatch.context() as patch:
        for name in ("of", "send", "plan"):
            patch.setattr(standing, name, away)
        assert office.owners.take(chosen, NOW) == []
        office.owners.note(chosen)
        assert "ana" not in pulled(office.look())
    assert pulled(office.look()) == pulled(before)
