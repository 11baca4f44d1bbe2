from __future__ import annotations

from amity.queries.synced import Stream, Synced


def stream(completed_ms: int, state: str = "ok") -> Stream:
    return Stream("s", "S", completed_ms, state, "", "", [])


def test_an_account_is_known_until_its_slowest_living_stream() -> None:
    assert Synced("ok", "", 0, 9, [stream(5), stream(7)]).known_until_ms() == 5
    assert Synced("failed", "", 0, 9, [stream(5, "failed"), stream(7)]).known_until_ms() == 5
    assert Synced("ok", "", 0, 9, [stream(5, "ended"), stream(7)]).known_until_ms() == 7
    assert Synced("ok", "", 0, 9, [stream(0), stream(7)]).known_until_ms() == 0


def test_an_account_without_streams_is_known_until_its_last_good_run() -> None:
    assert Synced("ok", "", 0, 9, []).known_until_ms() == 9
    assert Synced("needs_sign_in", "no.", 0, 9, []).known_until_ms() == 0
