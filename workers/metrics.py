"""What a monitor may know: counts and ages for Prometheus, and whether the planner is alive. No name of anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from workers.plan import MINUTE, Job, State, is_aside, is_out

ALIVE_MS = 2 * MINUTE  # ours: a planner looks every few seconds
TYPE = "text/plain; version=0.0.4; charset=utf-8"  # https://prometheus.io/docs/instrumenting/exposition_formats/

HELP = {
    "amity_accounts": "Accounts that are connected.",
    "amity_accounts_failing": "Accounts whose last run did not end well.",
    "amity_jobs_due": "Jobs that are due and not begun.",
    "amity_jobs_running": "Jobs in the queue or under way.",
    "amity_jobs_set_aside": "Jobs that took their worker down again and again.",
    "amity_oldest_read_seconds": "Age of the account that was read longest ago.",
    "amity_views_behind": "Owners whose read models are behind their log.",
    "amity_last_look_timestamp_seconds": "When the planner last looked at the database.",
}


class Look(NamedTuple):
    """What the planner saw last: `at_ms` 0 before the first time."""

    at_ms: int = 0
    gauges: Mapping[str, float] = {}


def look(now: int, state: State, listed: Sequence[Job]) -> Look:
    """The numbers of one look. Pure."""
    ages = [now - account.ended_ms for account in state.accounts if account.ended_ms]
    running = sum(is_out(job.row, now) for job in listed)
    return Look(
        now,
        {
            "amity_accounts": len(state.accounts),
            "amity_accounts_failing": sum(account.state not in {"ok", "waiting"} for account in state.accounts),
            "amity_jobs_due": sum(job.due_ms <= now and not is_out(job.row, now) for job in listed),
            "amity_jobs_running": running,
            "amity_jobs_set_aside": sum(is_aside(now, job.row) for job in listed),
            "amity_oldest_read_seconds": max(ages, default=0) / 1000,
            "amity_views_behind": sum(views.behind for views in state.views),
            "amity_last_look_timestamp_seconds": now / 1000,
        },
    )


def exposition(seen: Look) -> str:
    """The text that Prometheus reads."""
    lines = (
        f"# HELP {name} {HELP[name]}\n# TYPE {name} gauge\n{name} {value:.15g}\n"
        for name, value in sorted(seen.gauges.items())
    )
    return "".join(lines)


def answer(path: str, seen: Look, now: int) -> tuple[int, str]:
    """Status and text of one request."""
    alive = seen.at_ms > 0 and now - seen.at_ms < ALIVE_MS
    if path == "/metrics":
        return 200, exposition(seen)
    if path == "/healthz":  # before the first look it has just started
        return (200, "ok\n") if alive or not seen.at_ms else (503, "the planner has not looked for two minutes\n")
    if path == "/readyz":
        return (200, "ok\n") if alive else (503, "the database has not answered yet\n")
    return 404, "/metrics, /healthz or /readyz\n"
