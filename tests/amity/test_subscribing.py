"""What is asked of a provider so that it tells of news: decided purely, stored step by step, and in nobody's way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import pytest

from amity import subscribing, wiring
from amity.accounts import Account
from amity.connect import Access
from amity.freshness import settings_text
from amity.home import Home
from amity.queries.status import pushed
from amity.queries.synced import Told
from amity.settings import Push
from amity.subscribing import Do, keep, mark_of, steps
from connectors.credentials.tokens import Tokens
from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.notified.port import Made, Place
from events import positions, subscriptions
from events.errors import AmityError
from events.log import Log
from events.positions import StreamRow
from events.subscriptions import LAPSING, OK, REFUSED, REMOVED, WAITING, Subscription

PLACE = Place("https://push.example.net", "projects/p/topics/t")
MARK = mark_of(PLACE)
NOW = 1_000_000_000
HOUR = 3_600_000
SOURCE = "google:g"
ACCOUNT = Account("g", "google", {})


def row(name: str = "mail", /, **other: object) -> Subscription:
    held = Subscription(
        SOURCE, name, f"id:{name}", "r", "p", MARK, expires_ms=NOW + 8 * HOUR, renew_ms=NOW + 4 * HOUR, heard_ms=NOW
    )
    return held._replace(**other)  # type: ignore[arg-type]


def done(held: Sequence[Subscription], wanted: Collection[str], place: Place = PLACE) -> list[tuple[str, str]]:
    return [(step.do.value, step.row.name) for step in steps(held, wanted, SOURCE, place, NOW)]


def test_what_is_wanted_and_not_held_is_made() -> None:
    assert done([], ["mail", "calendar:a"]) == [("make", "mail"), ("make", "calendar:a")]


def test_what_holds_is_left_alone() -> None:
    assert done([row()], ["mail"]) == []


@pytest.mark.parametrize(
    ("other", "do"),
    [
        ({"renew_ms": NOW}, Do.RENEW), ({"renew_ms": NOW, "expires_ms": NOW}, Do.MAKE),
        ({"renew_ms": NOW, "id": ""}, Do.MAKE), ({"state": LAPSING}, Do.RENEW), ({"state": REMOVED}, Do.MAKE),
        ({"state": WAITING, "renew_ms": NOW}, Do.RENEW), ({"state": REFUSED, "renew_ms": NOW}, Do.RENEW),
        ({"state": LAPSING, "expires_ms": NOW - 1}, Do.MAKE),
    ],
)  # fmt: skip
def test_what_ends_is_renewed_and_what_has_ended_is_made_anew(other: dict[str, object], do: Do) -> None:
    assert done([row(**other)], ["mail"]) == [(do.value, "mail")]


@pytest.mark.parametrize("state", [WAITING, REFUSED])
def test_what_went_wrong_waits_for_its_time(state: str) -> None:
    assert done([row(state=state, renew_ms=NOW + 1)], ["mail"]) == []


def test_what_is_not_wanted_any_more_ends() -> None:
    assert done([row("calendar:gone"), row()], ["mail"]) == [("end", "calendar:gone")]


def test_what_sends_elsewhere_ends_and_is_made_anew() -> None:
    assert done([row()], ["mail"], Place("https://new.example")) == [("end", "mail"), ("make", "mail")]


class Pretended:
    """A subscriber that does as it is told. `fails`: what it raises, by name; `opening`: what `names` raises."""

    def __init__(self) -> None:
        self.fails: dict[str, AmityError] = {}
        self.opening: AmityError | None = None
        self.wanted = ["calendar:a", "mail"]
        self.gone = False
        self.done: list[tuple[str, str]] = []
        self.made = 0

    def names(self, streams: Collection[str]) -> Sequence[str]:  # noqa: ARG002  one shape
        if self.opening:
            raise self.opening
        return self.wanted

    def make(self, name: str, place: Place) -> Made:  # noqa: ARG002  likewise
        self._do("make", name)
        self.made += 1
        return Made(f"{name} {self.made}", "r", "p", NOW + 8 * HOUR, NOW + 4 * HOUR)

    def renew(self, name: str, held: Made, place: Place) -> Made | None:  # noqa: ARG002  likewise
        self._do("renew", name)
        return None if self.gone else held._replace(expires_ms=NOW + 16 * HOUR, renew_ms=NOW + 12 * HOUR)

    def end(self, name: str, held: Made) -> None:  # noqa: ARG002  likewise
        self._do("end", name)

    def close(self) -> None:
        self.done.append(("close", ""))

    def _do(self, what: str, name: str) -> None:
        self.done.append((what, name))
        if name in self.fails:
            raise self.fails[name]


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(Home(tmp_path), Tokens(tmp_path / "tokens", lambda: None, lambda _: None), print)


@pytest.fixture
def log(access: Access) -> Iterator[Log]:
    with wiring.open_home(access.home) as made:
        yield made


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Pretended:
    made = Pretended()
    monkeypatch.setattr(subscribing, "_subscriber", lambda *_: made)
    return made


def turn(access: Access, log: Log, later_ms: int = 0) -> tuple[int, int]:
    return keep(ACCOUNT, access, log, PLACE, lambda: (NOW + later_ms) / 1000)


def held(log: Log) -> dict[str, Subscription]:
    with log.reading() as connection:
        return {one.name: one for one in subscriptions.rows(connection, log.owner)}


def test_made_once_renewed_when_it_is_time_and_closed_each_time(access: Access, log: Log, provider: Pretended) -> None:
    assert turn(access, log) == (2, 2)
    assert turn(access, log, HOUR) == (0, 2)
    assert turn(access, log, 4 * HOUR) == (0, 2)
    names = [("renew", "calendar:a"), ("renew", "mail")]
    assert [one for one in provider.done if one[0] == "renew"] == names
    assert provider.done.count(("close", "")) == 3
    assert {one.expires_ms for one in held(log).values()} == {NOW + 16 * HOUR}


def test_one_that_the_provider_forgot_is_made_anew_and_has_yet_to_be_heard(
    access: Access, log: Log, provider: Pretended
) -> None:
    turn(access, log)
    with log.writing() as connection:
        subscriptions.heard(connection, log.owner, held(log)["mail"].id, NOW)
    provider.gone = True
    assert turn(access, log, 4 * HOUR) == (2, 2)
    assert {one.heard_ms for one in held(log).values()} == {0}


def test_each_renewal_has_yet_to_be_heard(access: Access, log: Log, provider: Pretended) -> None:
    turn(access, log)
    with log.writing() as connection:
        subscriptions.heard(connection, log.owner, held(log)["mail"].id, NOW + 5)
    turn(access, log, 4 * HOUR)
    assert provider.made == 2
    assert held(log)["mail"].heard_ms == 0, "Gmail sends one at once: what lies between us is tried each day"


def test_one_that_is_refused_does_not_keep_the_others(access: Access, log: Log, provider: Pretended) -> None:
    provider.fails["calendar:a"] = Refused("no notifications of holidays")
    assert turn(access, log) == (1, 1)
    refused = held(log)["calendar:a"]
    assert (refused.state, refused.error, refused.id) == (REFUSED, "no notifications of holidays", "")
    provider.fails.clear()
    assert turn(access, log, HOUR) == (0, 1), "it is asked again, but not at once"
    turn(access, log, 13 * HOUR)
    assert held(log)["calendar:a"].state == OK


@pytest.mark.parametrize("error", [TryLater("busy", 7_200.0), TryLater("busy"), SignInNeeded("sign in again")])
def test_one_that_is_put_off_puts_off_the_others_for_as_long(
    access: Access, log: Log, provider: Pretended, error: AmityError
) -> None:
    provider.fails["calendar:a"] = error
    assert turn(access, log) == (0, 0)
    assert [one for one in provider.done if one[0] == "make"] == [("make", "calendar:a")]
    waiting = held(log)["calendar:a"]
    assert (waiting.state, waiting.error) == (WAITING, str(error))
    assert waiting.renew_ms - NOW == (2 * HOUR if getattr(error, "after_seconds", None) else HOUR / 4)


def test_a_renewal_that_is_put_off_loses_nothing(access: Access, log: Log, provider: Pretended) -> None:
    turn(access, log)
    provider.fails["calendar:a"] = TryLater("busy")
    assert turn(access, log, 5 * HOUR) == (0, 0)
    assert {one.state for one in held(log).values()} == {WAITING}
    assert {bool(one.id) for one in held(log).values()} == {True}
    provider.fails.clear()
    assert turn(access, log, 6 * HOUR) == (0, 2)
    assert {one.state for one in held(log).values()} == {OK}


def test_a_sign_in_that_does_not_open_is_told_in_a_row(access: Access, log: Log, provider: Pretended) -> None:
    provider.opening = SignInNeeded("sign in again")
    assert turn(access, log) == (0, 0)
    (only,) = held(log).values()
    assert (only.state, only.error) == (WAITING, "sign in again")
    provider.opening = None
    assert turn(access, log, HOUR) == (2, 2)
    assert set(held(log)) == {"mail", "calendar:a"}


def test_a_disconnected_account_is_told_of_no_more(access: Access, log: Log, provider: Pretended) -> None:
    turn(access, log)
    provider.done.clear()
    assert subscribing.end(ACCOUNT, access) == []
    assert [one for one in provider.done if one[0] == "end"] == [("end", "calendar:a"), ("end", "mail")]
    assert not held(log)
    assert subscribing.end(ACCOUNT, access) == []


def test_what_cannot_be_ended_is_said_and_ends_by_itself(access: Access, log: Log, provider: Pretended) -> None:
    turn(access, log)
    provider.fails["calendar:a"] = TryLater("busy")
    (said,) = subscribing.end(ACCOUNT, access)
    assert "by themselves within a week" in said
    with log.writing() as connection:
        positions.forget(connection, log.owner, SOURCE)
    assert not held(log)


def test_streams_that_have_ended_are_not_told_of(
    access: Access, log: Log, monkeypatch: pytest.MonkeyPatch, provider: Pretended
) -> None:
    seen: list[list[str]] = []

    def names(streams: Collection[str]) -> list[str]:
        seen.append(list(streams))
        return []

    monkeypatch.setattr(provider, "names", names)
    with log.writing() as connection:
        for name, state in (("calendar:a", "ok"), ("calendar:b", "ended")):
            positions.put_stream(connection, log.owner, SOURCE, StreamRow(name, name, "calendar", state=state))
    turn(access, log)
    assert seen == [["calendar:a"]]


def test_where_providers_send_to_changes_no_number(access: Access) -> None:
    """Views that a daemon with these variables made are not made anew by a command without them."""
    push = {f"AMITY_PUSH__{name.upper()}": "x" for name in Push.model_fields}
    more = {**push, "AMITY_NOTIFIED": "8440"}
    assert settings_text(access.home, more) == settings_text(access.home, {})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([], ""), ([Told("mail", 9, 5, OK, "")], "the provider tells of news"),
        ([Told("mail", 9, 0, OK, "")], "silent so far"), ([Told("mail", 1, 5, OK, "")], "only asked, until"),
        ([Told("mail", 9, 5, OK, ""), Told("x", 9, 5, REFUSED, "it said no")], "not told of all news: it said"),
        ([Told("mail", 9, 5, REMOVED, "")], "only asked, until"),
    ],
)  # fmt: skip
def test_a_word_on_it(told: list[Told], said: str) -> None:
    found = pushed(told, 2)
    assert said in found
    assert bool(said) == bool(found)
