"""What Graph's answers mean, in whichever spelling."""

from __future__ import annotations

from email.message import Message

import msgspec
import pytest

from connectors.errors import CursorExpired, Refused, SignInNeeded, TryLater
from connectors.http import Answer
from connectors.microsoft.refusals import Answered, Failing, refusal


def answer(status: int, code: str = "", *, inner: str = "", message: str = "", **headers: str) -> Answer:
    said = Message()
    for name, value in headers.items():
        said[name.replace("_", "-")] = value
    error = {"code": code, "message": message, "innerError": {"code": inner}}
    return Answer(status, said, msgspec.json.encode({"error": error}) if code else b"<html>", "https://x")


def kind(found: Answer, *, link: bool = False) -> type[Exception]:
    return type(refusal(found, name="work", wall=0.0, link=link))


@pytest.mark.parametrize(
    ("found", "link"),
    [
        (answer(410), False), (answer(410, "Gone"), False), (answer(400, "SyncStateInvalid"), False),
        (answer(404, "ErrorSyncStateNotFound"), False), (answer(403, "x", inner="RESYNCREQUIRED"), False),
        (answer(400, "BadRequest", message="the SyncStateNotFound"), False), (answer(400, "BadRequest"), True),
        (answer(400), True), (answer(410, "resyncRequired", Location="https://x/?$deltatoken="), True),
    ],
)  # fmt: skip
def test_a_reset_is_known_in_every_spelling(found: Answer, *, link: bool) -> None:
    assert kind(found, link=link) is CursorExpired


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (answer(400, "BadRequest"), Answered), (answer(404, "ErrorItemNotFound"), Answered), (answer(404), Answered),
        (answer(429, "x"), TryLater), (answer(403, "MailboxConcurrency"), TryLater), (answer(509), TryLater),
        (answer(503, "x"), Failing), (answer(500, "x"), Failing), (answer(502), Failing),
        (answer(500, "syncStateNotFound"), Failing), (answer(401, "x"), SignInNeeded),
        (answer(404, "MailboxNotEnabledForRESTAPI"), Refused), (answer(302), Failing),
    ],
)  # fmt: skip
def test_each_other_no_says_what_to_do(found: Answer, expected: type[Exception]) -> None:
    assert kind(found) is expected


@pytest.mark.parametrize(
    ("scope", "everyone"),
    [
        ("Tenant_Application/ReadWrite/9a3d/0785", True), ("application/Any/9a3d", True), ("Tenant", True),
        ("User/Read/9a3d/0785", False), ("", False),
    ],
)  # fmt: skip
def test_a_limit_of_the_whole_application_is_for_all_of_its_accounts(scope: str, *, everyone: bool) -> None:
    said = answer(429, "TooManyRequests", Retry_After="17", x_ms_throttle_scope=scope)
    error = refusal(said, name="work", wall=0.0, link=False)
    assert isinstance(error, TryLater)
    assert (error.after_seconds, error.everyone) == (17, everyone)


def test_who_is_asked_to_wait_waits_so_long() -> None:
    error = refusal(answer(429, "x", Retry_After="17"), name="work", wall=0.0, link=False)
    assert isinstance(error, TryLater)
    assert error.after_seconds == 17
    assert str(error).startswith("work: Microsoft Graph asks us to slow down")


def test_a_thing_is_missing_only_where_graph_itself_says_so() -> None:
    for found, missing in ((answer(404, "ErrorItemNotFound"), True), (answer(404), False)):
        error = refusal(found, name="work", wall=0.0, link=False)
        assert isinstance(error, Answered)
        assert error.missing is missing
