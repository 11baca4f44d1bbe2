"""What a monitor is told: numbers only, and the truth about whether the planner is alive."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from connectors.serving import place_of, serving
from events.errors import UsageError
from events.jobs import JobRow
from tests.conftest import ROOT
from workers import metrics, plan
from workers.metrics import ALIVE_MS, TYPE, Look, answer, exposition
from workers.plan import Account, Job, Lane, State, Views

NOW = 1_800_000_000_000


def row(name: str, attempts: int = 0) -> JobRow:
    return JobRow("pull", name, name, 1, attempts, 0, 0, 0, NOW - 1000, 0, 0, "", "", held=False)


def test_the_numbers_of_a_look() -> None:
    accounts = [
        Account("me", row("imap:canary@x.org"), 1000, "ok", ended_ms=NOW - 60_000),
        Account("me", row("imap:two", attempts=plan.TRIES), 1000, "failed", ended_ms=NOW - 3_600_000),
    ]
    listed = [Job("me", one.job, Lane.INCREMENTAL, NOW - 1) for one in accounts]
    seen = metrics.look(NOW, State(accounts, [Views("me", row("p"), behind=True)]), listed)
    assert seen.gauges == {
        "amity_accounts": 2, "amity_accounts_failing": 1, "amity_jobs_due": 2, "amity_jobs_running": 0,
        "amity_jobs_set_aside": 1, "amity_oldest_read_seconds": 3600, "amity_views_behind": 1,
        "amity_last_look_timestamp_seconds": NOW / 1000,
    }  # fmt: skip
    text = exposition(seen)
    assert "canary" not in text
    assert all(re.fullmatch(r"#.*|[a-z_]+ [0-9.e+]+", line) for line in text.splitlines())


def test_alive_is_who_looked_lately() -> None:
    assert answer("/healthz", Look(), NOW)[0] == 200
    assert answer("/readyz", Look(), NOW)[0] == 503
    for path in ("/healthz", "/readyz"):
        assert answer(path, Look(NOW), NOW + ALIVE_MS - 1)[0] == 200
        assert answer(path, Look(NOW), NOW + ALIVE_MS)[0] == 503
    assert answer("/etc/passwd", Look(NOW), NOW)[0] == 404


def test_a_port_alone_is_for_this_machine_only() -> None:
    assert place_of("9464") == ("127.0.0.1", 9464)
    assert place_of("0.0.0.0:9464") == ("0.0.0.0", 9464)  # noqa: S104  as somebody may write it
    assert place_of("[::1]:9464") == ("::1", 9464)
    for wrong in ("", "here", "127.0.0.1:", "1:99999"):
        with pytest.raises(UsageError):
            place_of(wrong)


def test_it_is_served_until_the_end_and_changes_nothing() -> None:
    began = time.monotonic()

    def answered(path: str) -> tuple[int, str]:
        return answer(path, Look(NOW, {"amity_accounts": 2.0}), NOW)

    with serving("0", TYPE, answered) as port:
        address = f"http://127.0.0.1:{port}/metrics"
        with urllib.request.urlopen(address, timeout=5) as response:
            assert b"amity_accounts 2\n" in response.read()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(address, method="POST", data=b""), timeout=5)
    assert time.monotonic() - began < 10
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(address, timeout=5)


def test_rules_and_dashboard_ask_for_numbers_that_there_are() -> None:
    for name in ("alerts.yaml", "grafana.json"):
        text = (Path(ROOT) / "deploy" / "dashboards" / name).read_text()
        asked = set(re.findall(r"\bamity_[a-z_]+", text))
        assert asked
        assert asked <= set(metrics.HELP)
