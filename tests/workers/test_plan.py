"""When what is due. The plan is pure: every state of the database can be written down here."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.queries.synced import MANY_ATTEMPTS
from events.jobs import JobRow
from workers.plan import (
    AT_ONCE,
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    SEND_AGAIN,
    SIGN_IN,
    TRIES,
    Account,
    Job,
    Lane,
    Report,
    State,
    Views,
    is_aside,
    next_due,
    plan,
    schedule,
)

NOW = 1_800_000_000_000
EVERY = 45 * SECOND


def row(name: str = "a", **some: int | str | bool) -> JobRow:
    plain = JobRow("pull", name, f"id-{name}", 0, 0, 0, 0, 0, 0, 0, 0, "", "", held=False)
    return plain._replace(**some)  # type: ignore[arg-type]  # columns by name


def account(name: str = "a", owner: str = "me", job: JobRow | None = None, **some: int | str | bool) -> Account:
    return Account(owner, job or row(name), EVERY)._replace(**some)  # type: ignore[arg-type]  # likewise


def due(one: Account, now: int = NOW) -> int:
    (job,) = schedule(now, State([one]))
    return job.due_ms


def names(jobs: Sequence[Job]) -> list[str]:
    return [job.row.name for job in jobs]


def test_an_account_that_was_never_read_is_read_now() -> None:
    assert names(plan(NOW, State([account()]))) == ["a"]


def test_an_account_is_read_again_within_its_interval_and_not_all_at_once() -> None:
    times = {due(account(f"a{n}", ended_ms=NOW)) - NOW for n in range(50)}
    assert all(0.75 * EVERY <= time <= EVERY for time in times)
    assert len(times) > 40
    assert due(account(ended_ms=NOW)) == due(account(ended_ms=NOW))


def test_what_was_missed_in_a_sleep_is_done_once() -> None:
    slept = account(ended_ms=NOW - 9 * DAY)
    assert names(plan(NOW, State([slept]))) == ["a"]
    assert plan(NOW, State([slept._replace(ended_ms=NOW)])) == []


def test_a_sync_by_hand_counts() -> None:
    assert due(account(job=row(ended_ms=NOW - HOUR), ended_ms=NOW)) > NOW


def test_a_source_that_wants_to_be_left_alone_is() -> None:
    until = NOW + 3 * HOUR
    hinted = account(job=row(hint_ms=NOW), state="waiting", ended_ms=NOW - DAY, not_before_ms=until)
    assert due(hinted) == until
    assert due(account(ended_ms=NOW - DAY, not_before_ms=NOW + 400 * DAY)) == NOW + 7 * DAY


def test_a_budget_that_is_spent_holds_all_its_accounts_back_whoever_owns_them() -> None:
    until = NOW + HOUR
    told = account("told", "ana", ended_ms=NOW - DAY, budget="google 1", budget_ms=until)
    others = [account(f"o{n}", "bo", ended_ms=NOW - DAY, budget="google 1") for n in range(20)]
    stranger, alone = account("s", "bo", budget="google 2"), account("i", "bo")
    state = State([told, *others, stranger, alone], room=99)
    assert sorted(names(plan(NOW, state))) == ["i", "s"]
    dues = {job.due_ms - until for job in schedule(NOW, state) if job.row.name.startswith("o")}
    assert all(0 <= due < MINUTE for due in dues)
    assert len(dues) > 15, "they do not come back all at once"
    assert len(plan(until + MINUTE, state)) == len(state.accounts)
    absurd = told._replace(budget_ms=NOW + 900 * DAY)
    assert due(absurd) == NOW + 7 * DAY


def test_no_more_of_a_project_are_read_at_once_than_its_quota_bears() -> None:
    most = AT_ONCE["google"]
    new = [account(f"google:n{n}", f"owner{n}", budget="google 1") for n in range(30)]
    old = [account(f"google:o{n}", "ana", ended_ms=NOW - 1, unfinished=True, state="waiting", budget="google 1")
           for n in range(30)]  # fmt: skip
    under_way = [account(f"google:u{n}", "bo", row(f"google:u{n}", held=True), budget="google 1") for n in range(5)]
    strangers = [account("google:x", budget="google 2"), account("imap:y"), account("microsoft:z", budget="m")]
    chosen = names(plan(NOW, State([*new, *old, *under_way, *strangers], room=64)))
    assert len([name for name in chosen if name[:8] in {"google:n", "google:o"}]) == most - 5
    assert [name for name in chosen if name.startswith("google:o")] != [], "and old mail has its place among them"
    assert {"google:x", "imap:y", "microsoft:z"} < set(chosen)


def test_failures_are_repeated_ever_more_rarely() -> None:
    pauses = [
        due(account(state="failed", job=row(failures=n, error="no", ended_ms=NOW), ended_ms=NOW)) - NOW
        for n in (1, 2, 3, 50)
    ]
    assert pauses == [MINUTE, 2 * MINUTE, 4 * MINUTE, 30 * MINUTE]


def test_a_refused_sign_in_is_seldom_repeated_and_at_once_when_it_was_changed() -> None:
    refused = account(state="needs_sign_in", job=row(failures=1, error="no", ended_ms=NOW - 1), ended_ms=NOW - 1)
    assert due(refused) == NOW - 1 + SIGN_IN
    assert due(refused._replace(changed_ms=NOW)) == NOW
    assert due(account(ended_ms=NOW - 1, changed_ms=NOW)) > NOW, "an account that works is not read for that"


def test_a_mistake_of_our_own_waits_like_a_failure() -> None:
    assert due(account(job=row(failures=2, error="a mistake", ended_ms=NOW))) == NOW + 2 * MINUTE


def test_a_hint_only_moves_a_due_time_forward() -> None:
    assert due(account(job=row(hint_ms=NOW, ended_ms=NOW - 10 * SECOND))) == NOW
    assert due(account(job=row(hint_ms=NOW, ended_ms=NOW - SECOND))) == NOW + SECOND, "hints are no flood"
    overdue = account(job=row(ended_ms=NOW - DAY))
    assert due(overdue._replace(job=overdue.job._replace(hint_ms=NOW))) == due(overdue)


def test_a_clock_that_was_put_back_stops_nothing() -> None:
    ahead = row(ended_ms=NOW + DAY, started_ms=NOW + DAY, sent_ms=NOW + DAY, hint_ms=NOW + DAY, failures=1, error="x")
    assert names(plan(NOW, State([account(job=ahead, ended_ms=NOW + DAY)]))) == ["a"]
    views = Views("me", ahead._replace(kind="project", name=""), behind=True)
    assert names(plan(NOW, State(views=[views]))) == [""]


def test_what_was_sent_and_never_begun_is_sent_again_within_a_minute() -> None:
    sent = row(sent_ms=NOW)
    assert plan(NOW, State([account(job=sent)])) == []
    assert plan(NOW + SEND_AGAIN - 1, State([account(job=sent)])) == []
    assert names(plan(NOW + SEND_AGAIN, State([account(job=sent)]))) == ["a"]
    assert SEND_AGAIN < MINUTE


def test_what_died_with_its_worker_is_sent_again_at_once() -> None:
    died = row(sent_ms=NOW - 2, started_ms=NOW - 1, attempts=1)
    assert names(plan(NOW, State([account(job=died)]))) == ["a"]
    assert plan(NOW, State([account(job=died._replace(held=True))])) == []


def test_a_job_that_takes_its_workers_with_it_stands_aside_ever_longer() -> None:
    assert TRIES == MANY_ATTEMPTS
    times = []
    for attempts in range(TRIES - 1, TRIES + 3):
        job = row(attempts=attempts, started_ms=NOW)
        times.append(max(due(account(job=job)) - NOW, 0))
        assert is_aside(NOW, job) == (attempts >= TRIES)
    assert times == [0, MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert due(account(job=row(attempts=90, started_ms=NOW))) == NOW + DAY
    by_hand = account(job=row(attempts=TRIES, started_ms=NOW - SECOND), ended_ms=NOW - MINUTE // 2)
    assert due(by_hand) > NOW
    assert due(by_hand._replace(ended_ms=NOW)) <= NOW + EVERY


def test_views_are_folded_when_they_are_behind_and_before_anything_is_read() -> None:
    views = Views("me", row("", kind="project"), behind=True)
    assert names(plan(NOW, State([account()], [views], room=1))) == [""]
    assert plan(NOW, State(views=[views._replace(behind=False)])) == []


def test_settings_that_were_wrong_are_tried_as_soon_as_they_are_repaired() -> None:
    failed = Views("me", row("", kind="project", failures=9, ended_ms=NOW - SECOND), behind=True)
    assert plan(NOW, State(views=[failed])) == []
    assert names(plan(NOW, State(views=[failed._replace(changed_ms=NOW)]))) == [""]


def test_a_report_waits_for_its_time_and_for_the_end_of_the_quiet_hours() -> None:
    report = Report("me", row("w", kind="report"), NOW)
    assert names(plan(NOW, State(reports=[report]))) == ["w"]
    assert plan(NOW, State(reports=[report._replace(due_ms=NOW + 1)])) == []
    assert plan(NOW, State(reports=[report._replace(quiet_until_ms=NOW + HOUR)])) == []


def test_old_mail_takes_half_of_the_room_and_is_never_shut_out() -> None:
    old = [account(f"old{n}", ended_ms=NOW - 1, unfinished=True, state="waiting") for n in range(9)]
    new = [account(f"new{n}", ended_ms=NOW - HOUR) for n in range(9)]
    lanes = Counter(job.lane for job in plan(NOW, State([*old, *new], room=6)))
    assert lanes == {Lane.INCREMENTAL: 5, Lane.BACKFILL: 1}
    assert len(plan(NOW, State(old, room=6))) == 3
    assert len(plan(NOW, State(old, room=1))) == 1


def test_owners_take_turns() -> None:
    many = [account(f"x{n:02}", "big", ended_ms=NOW - DAY - n) for n in range(30)]
    one = account("y", "small", ended_ms=NOW - HOUR)
    assert "y" in names(plan(NOW, State([*many, one], room=4)))[:2]


def test_when_to_look_again() -> None:
    state = State([account(job=row(held=True)), account("b", ended_ms=NOW), account("c", ended_ms=NOW - 20 * SECOND)])
    found = next_due(NOW, schedule(NOW, state))
    assert found is not None
    assert found == due(account("c", ended_ms=NOW - 20 * SECOND))
    assert next_due(NOW, []) is None


MOMENTS = st.sampled_from([0, NOW - DAY, NOW - HOUR, NOW - 31 * SECOND, NOW - 5 * SECOND, NOW, NOW + HOUR])
ACCOUNTS = st.lists(
    st.builds(
        lambda n, owner, **some: account(
            f"{owner}{n}", owner,
            row(f"{owner}{n}", **{key.removeprefix("job_"): one for key, one in some.items() if key[:4] == "job_"}),
            **{key: one for key, one in some.items() if key[:4] != "job_"},
        ),
        n=st.integers(0, 10**6), owner=st.sampled_from(["ana", "bo", "cy"]),
        state=st.sampled_from(["ok", "failed", "waiting", "needs_sign_in", "busy"]),
        not_before_ms=MOMENTS, ended_ms=MOMENTS, changed_ms=MOMENTS, unfinished=st.booleans(),
        job_attempts=st.integers(0, 9), job_failures=st.integers(0, 9), job_sent_ms=MOMENTS, job_hint_ms=MOMENTS,
        job_started_ms=MOMENTS, job_ended_ms=MOMENTS, job_held=st.booleans(),
    ),
    max_size=12, unique_by=lambda one: one.job.name,
)  # fmt: skip


@given(ACCOUNTS, st.integers(1, 8), st.randoms(use_true_random=False))
@settings(max_examples=150)
def test_whatever_the_state_no_more_is_sent_than_may_be(
    accounts: list[Account], room: int, chance: random.Random
) -> None:
    state = State(accounts, room=room)
    chosen = plan(NOW, state)
    held = sum(one.job.held for one in accounts)
    assert len(chosen) <= max(room - held, 0)
    assert len(set(names(chosen))) == len(chosen)
    for job in chosen:
        one = next(one for one in accounts if one.job is job.row)
        assert not one.job.held
        assert job.due_ms <= NOW
        assert one.not_before_ms <= NOW, "never earlier than a source allows"
        assert not 0 < NOW - one.job.sent_ms < SEND_AGAIN or one.job.attempts, "not twice"
    shuffled = list(accounts)
    chance.shuffle(shuffled)
    assert plan(NOW, state._replace(accounts=shuffled)) == chosen


@given(ACCOUNTS)
@settings(max_examples=50)
def test_everything_is_sent_sooner_or_later(accounts: list[Account]) -> None:
    """A world in which every job ends well the moment it is sent, on one worker with room for two."""
    free = {one.job.name: one._replace(job=one.job._replace(held=False)) for one in accounts}
    late = NOW + 8 * DAY
    left = set(free)
    for _ in range(4 * len(free) + 1):
        for job in plan(late, State(list(free.values()), room=2)):
            one = free[job.row.name]
            done = one.job._replace(turn=one.job.turn + 1, attempts=0, failures=0, sent_ms=0, hint_ms=0, ended_ms=late)
            free[job.row.name] = one._replace(job=done, state="ok", ended_ms=late, unfinished=False)
            left.discard(job.row.name)
    assert not left


@pytest.mark.parametrize("room", [2, 4, 8])
def test_a_huge_mailbox_starves_nobody(room: int) -> None:
    """45 minutes of an owner with 40 endless listings, a minute each, beside one with a single account."""
    clock, running = NOW, dict[str, tuple[int, Job]]()
    known = {
        f"big{n}": account(f"big{n}", "big", ended_ms=NOW - 1, unfinished=True, state="waiting") for n in range(40)
    }
    known["small"] = account("small", "small", ended_ms=NOW)
    waits, read = [], Counter[str]()
    while clock < NOW + 45 * MINUTE:
        for name, (end, _) in list(running.items()):
            if end <= clock:
                del running[name]
                one = known[name]
                row_after = one.job._replace(turn=one.job.turn + 1, held=False, ended_ms=clock)
                known[name] = one._replace(job=row_after, ended_ms=clock)
        state = State(list(known.values()), room=room)
        for job in plan(clock, state):
            name = job.row.name
            if name == "small":
                waits.append(clock - job.due_ms)
            read[name] += 1
            running[name] = (clock + (SECOND if name == "small" else MINUTE), job)
            known[name] = known[name]._replace(job=known[name].job._replace(held=True))
        clock += SECOND
    assert max(waits) <= 2 * SECOND
    assert read["small"] > 45 * MINUTE / (EVERY + 3 * SECOND)
    assert sum(read.values()) - read["small"] >= (room // 2) * 40, "and the mailbox goes on meanwhile"
    assert min(read[f"big{n}"] for n in range(40)) >= 1
