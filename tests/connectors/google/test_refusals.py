"""What Google's no's mean, by what the person or the loop must do."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path

import pytest

from connectors.errors import Refused, SignInNeeded, TryLater
from connectors.google.refusals import Answered, Failing, refusal
from connectors.http import Answer
from connectors.sync.loop import sync
from events.errors import AmityError
from events.log import open_log
from tests.connectors.google.worlds import GmailWorld
from tests.peers.google import Google
from tests.peers.google.faults import Fault, error, html

NOW = 1_790_000_000.0
INFO = "type.googleapis.com/google.rpc.ErrorInfo"


def judged(
    status: int, reason: str = "", *, info: str = "", limit: str = "", message: str = "", **headers: str
) -> AmityError:  # fmt: skip
    told = Message()
    for name, value in headers.items():
        told[name.replace("_", "-")] = value
    body: dict[str, object] = {"code": status, "message": message}
    if reason:
        body["errors"] = [{"domain": "global", "reason": reason}]
    if info:
        body["details"] = [{"@type": INFO, "reason": info, "metadata": {"quota_limit": limit} if limit else {}}]
    answer = Answer(status, told, json.dumps({"error": body}).encode(), "https://gmail.googleapis.com/")
    return refusal(answer, name="work", what="Gmail", wall=NOW)


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("reason", ["rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"])
def test_a_limit_is_waited_for(status: int, reason: str) -> None:
    found = judged(status, reason, Retry_After="30")
    assert isinstance(found, TryLater)
    assert not isinstance(found, Failing)
    assert found.after_seconds == 30


def test_a_limit_of_the_new_shape_is_one_too() -> None:
    assert isinstance(judged(403, info="RATE_LIMIT_EXCEEDED"), TryLater)


_USED_UP = "Quota exceeded for quota metric 'Queries' and limit '{}' of service 'gmail.googleapis.com' for 'x'."


@pytest.mark.parametrize(
    ("found", "everyone", "after"),
    [
        (judged(403, "rateLimitExceeded", message=_USED_UP.format("Queries per minute")), True, 60),
        (judged(403, "rateLimitExceeded", message=_USED_UP.format("Queries per minute per user")), False, None),
        (judged(429, info="RATE_LIMIT_EXCEEDED", limit="defaultPerMinutePerProject", Retry_After="9"), True, 9),
        (judged(429, info="RATE_LIMIT_EXCEEDED", limit="QuotaUnitsPerMinutePerUser"), False, None),
        (judged(403, "dailyLimitExceeded"), True, 3600), (judged(403, "userRateLimitExceeded"), False, None),
    ],
)  # fmt: skip
def test_a_quota_of_the_whole_project_is_for_all_of_its_accounts(
    found: AmityError, *, everyone: bool, after: float | None
) -> None:
    assert isinstance(found, TryLater)
    assert (found.everyone, found.after_seconds) == (everyone, after)


def test_a_date_is_kept_and_nonsense_is_not() -> None:
    found = judged(429, Retry_After="Mon, 21 Sep 2026 14:14:20 GMT")
    assert isinstance(found, TryLater)
    assert found.after_seconds == 60
    for nonsense in ("soon", "-5", "nan", ""):
        found = judged(429, Retry_After=nonsense)
        assert isinstance(found, TryLater)
        assert found.after_seconds is None


def test_googles_own_words_are_kept_where_no_header_says_more() -> None:
    words = "User-rate limit exceeded.  Retry after 2026-09-21T14:14:20.250Z"
    found = judged(403, "userRateLimitExceeded", message=words)
    assert isinstance(found, TryLater)
    assert found.after_seconds is not None
    assert 60.25 <= found.after_seconds <= 61.25
    assert isinstance(judged(403, "userRateLimitExceeded", message="Retry after 2026-99-99T99:99:99Z"), TryLater)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_what_is_out_of_order_is_asked_again(status: int) -> None:
    assert isinstance(judged(status, "backendError"), Failing)


def test_rights_and_switches_are_the_persons() -> None:
    for reason, info in (("insufficientPermissions", ""), ("", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")):
        found = judged(403, reason, info=info)
        assert isinstance(found, SignInNeeded)
        assert "amity connect google --account work" in str(found)
    for reason, info in (("accessNotConfigured", ""), ("", "SERVICE_DISABLED")):
        found = judged(403, reason, info=info)
        assert isinstance(found, Refused)
        assert "not enabled in your Google project" in str(found)
        assert "docs/google.md" in str(found)


def test_every_other_no_says_what_google_said_in_one_line() -> None:
    found = judged(403, "domainPolicy", message="The domain\nadministrators have disabled Gmail apps. " + "x" * 900)
    assert isinstance(found, Answered)
    assert (found.status, "domainPolicy" in found.reasons) == (403, True)
    assert len(str(found).splitlines()) == 1
    assert len(str(found)) < 400


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"error": "x"}', b'{"error": {"errors": 7}}', b"\xff"])
def test_a_no_that_google_did_not_write_is_still_one(body: bytes) -> None:
    found = refusal(Answer(404, Message(), body, "u"), name="work", what="Gmail", wall=NOW)
    assert isinstance(found, Answered)
    assert found.reasons == frozenset()


@pytest.mark.parametrize(
    ("fault", "state", "says"),
    [
        (error(403, "accessNotConfigured"), "failed", "Gmail is not enabled in your Google project"),
        (error(403, "insufficientPermissions"), "needs_sign_in", "tick its box"),
        (error(403, "domainPolicy", "no apps here"), "failed", "no apps here"),
        (html(200), "failed", "not Gmail answers"),
    ],
)
def test_the_account_says_it(google: Google, tmp_path: Path, fault: Fault, state: str, says: str) -> None:
    world = GmailWorld(google)
    world.add(3)
    google.world.faults.add("gmail.*", fault)
    log, connector, clock = open_log(f"sqlite:///{tmp_path}/log.db"), world.connector(), google.world.clock
    result = sync(connector, log, clock=clock.now, sleep=clock.advance)
    connector.close()
    log.close()
    assert result.state == state
    assert says in result.error
    assert result.error.startswith("test: ")
