"""Asking Google to tell of news: what is sent, what is kept, and what happens where Google does not want to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.google.refusals import Answered
from connectors.google.renewing import Renewing
from connectors.google.scopes import Feature, asked
from connectors.google.subscribing import LASTS_MS, GoogleSubscriber
from connectors.notified.port import DAY_MS, Made, Place, proof_of
from connectors.sync.provider import InMemory
from tests.connectors.google.worlds import secret
from tests.peers.google import Google, serving
from tests.peers.google.faults import error
from tests.peers.google.pushing import Push
from tests.peers.post import OUTSIDE

TOPIC = "projects/project/topics/amity"
PLACE = Place(OUTSIDE, TOPIC)
ME = "me@example.com"
ALL = (Feature.WORDS, Feature.CALENDAR, Feature.CONTACTS)
_OPEN: list[GoogleSubscriber] = []


@pytest.fixture
def google() -> Iterator[Google]:
    with serving() as made:
        made.world.pushing.topics[TOPIC] = Push(f"{OUTSIDE}/gmail")
        yield made
    while _OPEN:
        _OPEN.pop().close()


def subscriber(google: Google, *features: Feature, off: float = 0.0) -> GoogleSubscriber:
    """`off`: seconds by which its clock is wrong."""
    clock = google.world.clock

    def wall() -> float:
        return clock.now() + off

    scopes = [scope.rpartition("/")[2] for scope in asked(features or ALL)]
    keeper = InMemory(secret(google, google.world.grant(*scopes)))
    made = GoogleSubscriber(Renewing(keeper, "g", wall=wall), "g", features or ALL, endpoint=google.url, wall=wall)
    _OPEN.append(made)
    return made


def now_ms(google: Google) -> int:
    return int(google.world.clock.now() * 1000)


def test_mail_and_each_calendar_can_be_told_of_and_contacts_cannot(google: Google) -> None:
    streams = ["mail", "calendar:b", "calendar:a", "contacts", "other_contacts"]
    assert subscriber(google).names(streams) == ["mail", "calendar:a", "calendar:b"]
    assert subscriber(google, Feature.CALENDAR).names(streams) == ["calendar:a", "calendar:b"]
    assert subscriber(google, Feature.CONTACTS).names(["contacts"]) == []


def test_mail_is_watched_for_a_week_and_asked_for_anew_each_day(google: Google) -> None:
    made = subscriber(google).make("mail", PLACE)
    assert made.id == f"gmail:{ME}"
    assert made.proof == ""
    assert made.expires_ms - now_ms(google) == pytest.approx(LASTS_MS, abs=5_000)
    assert made.renew_ms - now_ms(google) == pytest.approx(DAY_MS, abs=5_000)
    assert not made.heard
    assert google.world.pushing.watches[ME].topic == TOPIC
    google.world.clock.advance(86_400)
    again = subscriber(google).renew("mail", made, PLACE)
    assert again
    assert again.id == made.id
    assert again.expires_ms > made.expires_ms


def test_a_calendar_gets_a_channel_with_a_secret_of_its_own(google: Google) -> None:
    one, other = (subscriber(google).make(f"calendar:{ME}", PLACE) for _ in range(2))
    held = google.world.pushing.channels[one.id.removeprefix("calendar:")]
    assert held.address == f"{OUTSIDE}/calendar"
    assert len(held.token) >= 40
    assert one.proof == proof_of(held.token)
    assert held.token not in str(one)
    assert one.proof != other.proof
    assert one.renew_ms - now_ms(google) == pytest.approx(LASTS_MS / 2, abs=5_000)


def test_a_channel_is_renewed_by_another_and_the_first_ends(google: Google) -> None:
    made = subscriber(google).make(f"calendar:{ME}", PLACE)
    again = subscriber(google).renew(f"calendar:{ME}", made, PLACE)
    assert again
    assert list(google.world.pushing.channels) == [again.id.removeprefix("calendar:")]


def test_a_channel_that_lasts_shorter_than_asked_is_renewed_in_time(google: Google) -> None:
    google.world.pushing.lifetime = 3_600
    made = subscriber(google).make(f"calendar:{ME}", PLACE)
    assert made.expires_ms - now_ms(google) == pytest.approx(3_600_000, abs=5_000)
    assert made.renew_ms < made.expires_ms - 1_700_000


@pytest.mark.parametrize("off", [-3_600.0, 3_600.0])
def test_a_clock_that_is_an_hour_off_renews_before_the_end(google: Google, off: float) -> None:
    for name in ("mail", f"calendar:{ME}"):
        made = subscriber(google, off=off).make(name, PLACE)
        true_end = made.expires_ms - now_ms(google)
        told = made.renew_ms - (now_ms(google) + off * 1000)  # when that clock says so
        assert 0 < told < true_end - DAY_MS


def test_both_end(google: Google) -> None:
    made = {name: subscriber(google).make(name, PLACE) for name in ("mail", f"calendar:{ME}")}
    for name, held in made.items():
        subscriber(google).end(name, held)
        subscriber(google).end(name, held)  # well too where it has ended
    assert not google.world.pushing.channels
    assert not google.world.pushing.watches


def test_without_a_topic_mail_is_not_told_of(google: Google) -> None:
    with pytest.raises(Refused, match="topic"):
        subscriber(google).make("mail", Place(OUTSIDE))
    assert google.world.methods() == []


def test_a_calendar_that_has_no_notifications_says_so(google: Google) -> None:
    google.world.pushing.unwatchable = frozenset({ME})
    with pytest.raises(Answered, match="pushNotSupported"):
        subscriber(google).make(f"calendar:{ME}", PLACE)


def test_a_topic_that_there_is_not(google: Google) -> None:
    with pytest.raises(Answered, match="404"):
        subscriber(google).make("mail", Place(OUTSIDE, "projects/p/topics/none"))


def test_what_was_not_allowed_is_to_be_signed_in_for(google: Google) -> None:
    keeper = InMemory(secret(google, google.world.grant("contacts.readonly")))
    clock = google.world.clock.now
    asking = GoogleSubscriber(Renewing(keeper, "g", wall=clock), "g", ALL, endpoint=google.url, wall=clock)
    _OPEN.append(asking)
    with pytest.raises(SignInNeeded):
        asking.make(f"calendar:{ME}", PLACE)


def test_busy_is_later(google: Google) -> None:
    google.world.faults.add("gmail.users.watch", error(429, "rateLimitExceeded", retry_after="77"))
    with pytest.raises(TryLater) as refused:
        subscriber(google).make("mail", PLACE)
    assert refused.value.after_seconds == 77


def test_only_reading_and_asking_for_news(google: Google) -> None:
    made = subscriber(google).make("mail", PLACE)
    subscriber(google).end("mail", made)
    held = subscriber(google).make(f"calendar:{ME}", PLACE)
    subscriber(google).end(f"calendar:{ME}", held)
    posts = {one.method for one in google.world.asked if one.verb != "GET"} - {"oauth.token"}
    assert posts == {"gmail.users.watch", "gmail.users.stop", "calendar.events.watch", "calendar.channels.stop"}


def test_nothing_is_ended_but_what_is_held(google: Google) -> None:
    kept = subscriber(google).make(f"calendar:{ME}", PLACE)
    subscriber(google).end(f"calendar:{ME}", Made("calendar:other", "other", "", 0, 0))
    assert list(google.world.pushing.channels) == [kept.id.removeprefix("calendar:")]
