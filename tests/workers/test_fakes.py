"""The daemon with accounts of every kind at once: real servers, and the fakes of Google and Microsoft, in real time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.connectors.imap.worlds import mail
from tests.peers.dav import meeting
from tests.peers.dovecot import Dovecot
from tests.peers.radicale import radicale
from tests.workers.rig import Mailbox, daemon, until
from tests.workers.signed_in import signed_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # all of it waits for others
ALL = ("one", "two", "cal", "g", "m")
LONG = 240.0  # seconds
WEEK = ("2026-W02", "--as-of", "2026-02-01T00:00:00Z")


def test_all_kinds_of_accounts_are_read_by_themselves(
    tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with signed_in(tmp_path, monkeypatch) as signed, radicale() as calendar:
        rig, google, graph = signed.rig, signed.google.world, signed.graph.world
        box, other = Mailbox(dovecot), Mailbox(dovecot)
        rig.connect_imap(box, "one")
        rig.connect_imap(other, "two")
        calendar.make("/alice/work/", ".ics")
        rig.amity("connect", "caldav", "--url", calendar.url, "--user", "alice", "--password-file", str(rig.password),
                  "--account", "cal")  # fmt: skip
        box.add(mail("i1@x.example"))
        google.mail().add(mail("g1@x.example"))
        graph.mail().add("inbox", mail("m1@x.example"))
        more = {"TEST_EVERY_MS": "1500", **signed.more}
        with daemon(rig, more=more) as running:
            until(lambda: rig.messages() == 3, LONG)
            box.add(mail("i2@x.example"))
            other.add(mail("i3@x.example"))
            google.mail().add(mail("g2@x.example"))
            graph.mail().add("inbox", mail("m2@x.example"))
            calendar.put("/alice/work/a.ics", meeting("a", start="20260105T100000Z"))
            google.calendar().put(
                summary="Plan", start={"dateTime": "2026-01-06T10:00:00Z"}, end={"dateTime": "2026-01-06T11:00:00Z"}
            )
            until(lambda: (rig.messages(), rig.meetings()) == (7, 2), LONG)
            said = {one["account"]: one for one in rig.amity("status")["accounts"]}
            assert set(said) == set(ALL)
            assert not any(one["error"] for one in said.values())
            report = rig.amity("report", *WEEK)
            assert running.stop()[0] == 0
        box.close()
        other.close()
    assert {one["source"].partition(":")[2] for one in report["sources"]} == set(ALL)
    assert report["totals"]["meeting_minutes"] == 30
    read = {line["provider"] for line in running.runs("pull") if line["state"] == "ok"}
    assert read == {"imap", "caldav", "google", "microsoft"}
    told = "".join(running.raw)
    for secret in (box.user, other.user, "alice", "example", "127.0.0.1", str(rig.folder)):
        assert secret not in told
