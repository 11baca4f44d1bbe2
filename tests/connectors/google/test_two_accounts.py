"""Two Google accounts of one person, with copies of mail and shared calendars between them: each minute once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.google.test_commands import connect, google, home
from tests.home import SETTINGS, Home
from tests.peers.google import Google, World

__all__ = ["google", "home"]  # fixtures
HERE, THERE, ANA = "me@example.com", "me@work.example", "ana@partner.org"
TEAM = "team@group.calendar.google.com"
NAMES = {HERE: "home", THERE: "work"}
Homes = dict[tuple[str, ...], Home]


@pytest.fixture
def homes(
    tmp_path: Path,
    google: Google,
    home: Home,  # noqa: ARG001  for its browser and passphrase
) -> Homes:
    """One home that knows the first account, and two that know both, connected in either order."""
    google.world.quota.limits = dict.fromkeys(google.world.quota.limits, 1 << 30)
    google.world.account(THERE)
    made: Homes = {}
    for accounts in ((HERE,), (HERE, THERE), (THERE, HERE)):
        folder = tmp_path / "-".join(NAMES[address] for address in accounts)
        made[accounts] = one = Home(folder)
        one.settings(SETTINGS.format(zone="Europe/Berlin", addresses=f'"{HERE}", "{THERE}"'))
        (folder / "client.json").write_text(json.dumps(google.client_secrets()))
    return made


def synced(google: Google, accounts: tuple[str, ...], home: Home) -> None:
    """Connect the accounts one after the other, and read each twice."""
    for address in accounts:
        google.world.oauth.signed_in = address
        code, _, error = connect(home, google, "--account", NAMES[address], "--quota", "1000000")
        assert (code, error) == (0, "")
    for _ in range(2):
        found = home.json("sync", as_of=None)["accounts"]
        assert [one["state"] for one in found] == ["ok"] * len(accounts), found


def counted(home: Home) -> list[str]:
    """Everything that earned minutes, each by its day and title."""
    return sorted(f"{row['at'][8:10]} {row['title']}" for row in home.json("explain", ANA, "all")["items"])


def hour(day: int, begin: int) -> dict[str, Any]:
    return {
        end: {"dateTime": f"2026-09-{day:02}T{at:02}:00:00+02:00", "timeZone": "Europe/Berlin"}
        for end, at in (("start", begin), ("end", begin + 1))
    }


def guests(*addresses: str) -> list[dict[str, Any]]:
    return [{"email": one, "responseStatus": "accepted"} for one in addresses]


def meet(world: World) -> None:
    """An invitation to both addresses; a series in a calendar that both see; all of the one, seen by the other."""
    both = guests(HERE, THERE, ANA)
    invited: dict[str, Any] = {"organizer": {"email": ANA}, "attendees": both, "iCalUID": "invited@partner.org"}
    for address in (HERE, THERE):
        world.calendar(address).put(summary="Invited", **hour(7, 10), **invited)
    team = world.new_calendar(TEAM, owner=HERE, summary="Team")
    series = team.put(
        summary="Weekly", **hour(8, 14), attendees=guests(HERE, ANA), recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"]
    )["id"]
    team.instance(series, "2026-09-15T14:00:00+02:00", **hour(16, 9))
    team.cancel_instance(series, "2026-09-22T14:00:00+02:00")
    world.calendar(HERE).put(summary="At home", **hour(9, 11), attendees=guests(HERE, ANA))
    world.share(TEAM, "writer", THERE)
    world.share(HERE, "owner", THERE)


def mail(name: str, sender: str, to: str, words: str, *headers: str, subject: str = "Plan", at: int = 10) -> bytes:
    """`at`: the hour that it was sent."""
    lines = [
        f"From: {sender}", f"To: {to}", f"Subject: {subject}", f"Message-ID: <{name}@x.org>",
        f"Date: Thu, 10 Sep 2026 {at}:00:00 +0200", *headers, "Content-Type: text/plain; charset=utf-8",
    ]  # fmt: skip
    return "\r\n".join([*lines, "", words, ""]).encode()


def write(world: World) -> None:
    """Mail that the one account forwards by itself to the other; an answer of which the other has a copy."""
    question = "Shall we go through the numbers of the spring together before they meet on Monday? " * 4
    asked = mail("q", ANA, HERE, question)
    copy = f"Received: by forwarder\r\nX-Forwarded-To: {THERE}\r\nDelivered-To: {THERE}\r\n".encode() + asked
    world.mail(HERE).add(asked, ["INBOX"])
    world.mail(THERE).add(copy, ["INBOX", "UNREAD"])
    answer = mail(
        "a", HERE, ANA, "Yes, let us do so, I shall bring what I have of it. " * 5, "In-Reply-To: <q@x.org>",
        "References: <q@x.org>", f"Cc: {THERE}", subject="Re: Plan", at=12,
    )  # fmt: skip
    world.mail(HERE).add(answer, ["SENT"])
    world.mail(THERE).add(answer, ["INBOX"])
    world.mail(THERE).add(answer, ["SENT"])


def test_meetings_that_both_accounts_show_count_once(google: Google, homes: Homes) -> None:
    meet(google.world)
    for accounts, one in homes.items():
        synced(google, accounts, one)
        assert one.minutes() == {ANA: 60 * (1 + 2 + 1)}, accounts
        assert counted(one) == ["07 Invited", "08 Weekly", "09 At home", "16 Weekly"], accounts
        assert one.minutes("day") == {
            "2026-09-07": 60, "2026-09-08": 60, "2026-09-09": 60, "2026-09-16": 60,
        }, accounts  # fmt: skip


def test_mail_that_both_accounts_have_counts_once(google: Google, homes: Homes) -> None:
    write(google.world)
    found = []
    for accounts, one in homes.items():
        synced(google, accounts, one)
        assert counted(one) == ["10 Plan", "10 Re: Plan"], accounts
        found.append((one.minutes(), one.minutes("channel"), one.totals()))
    assert found[0][0][ANA] > 0
    assert found[1] == found[0]
    assert found[2] == found[0]


def test_a_life_in_two_accounts_is_one_life(google: Google, homes: Homes) -> None:
    """With what only the second account knows; and what was forwarded by hand is nobody's."""
    meet(google.world)
    write(google.world)
    first, both, other = homes
    synced(google, first, homes[first])
    before = homes[first].minutes()
    by_hand = mail("f", HERE, THERE, "For later.", subject="Fwd: Plan", at=15)
    google.world.mail(HERE).add(by_hand, ["SENT"])
    google.world.mail(THERE).add(by_hand, ["INBOX"])
    google.world.calendar(THERE).put(summary="At work", **hour(17, 10), attendees=guests(THERE, ANA))
    for accounts in (both, other):
        synced(google, accounts, homes[accounts])
        after = homes[accounts].minutes()
        assert after[ANA] == pytest.approx(before[ANA] + 60), accounts
        assert not {HERE, THERE} & set(after), accounts
    assert homes[both].minutes() == homes[other].minutes()


def test_what_one_account_no_longer_shows_stands_as_long_as_the_other_does(google: Google, homes: Homes) -> None:
    meet(google.world)
    accounts = (HERE, THERE)
    one = homes[accounts]
    synced(google, accounts, one)
    for event in list(google.world.calendar(THERE).events):
        google.world.calendar(THERE).cancel(event)
    google.world.unshare(TEAM, THERE)
    google.world.unshare(HERE, THERE)
    for _ in range(2):
        one.json("sync", as_of=None)
    assert one.minutes() == {ANA: 240}


def test_an_answer_at_either_address_is_an_answer(google: Google, homes: Homes) -> None:
    """Invited at both addresses, answered at one: as each account's calendar shows it."""
    ana = {"email": ANA, "responseStatus": "accepted"}
    for day, (here, there) in enumerate([("needsAction", "accepted"), ("declined", "declined")], start=7):
        answers = [{"email": HERE, "responseStatus": here}, {"email": THERE, "responseStatus": there}, ana]
        for address in (HERE, THERE):
            google.world.calendar(address).put(
                iCalUID=f"{day}@partner.org", summary=here, organizer={"email": ANA}, attendees=answers, **hour(day, 10)
            )
    accounts = (HERE, THERE)
    synced(google, accounts, homes[accounts])
    assert counted(homes[accounts]) == ["07 needsAction"]
    assert homes[accounts].reasons() == ["declined"]
