"""What `amity daemon` costs while nothing happens, and how soon new mail is known.

    python -m benchmarks.daemon_idle [SECONDS]

Three accounts at real servers: two at Dovecot, one at Radicale. Processor time and memory are those that Linux counts.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from tests.connectors.imap.worlds import mail
from tests.peers import dovecot
from tests.peers.dav import meeting
from tests.peers.radicale import radicale
from tests.workers.rig import Mailbox, Rig, daemon, until

NEWS = 5  # mails whose way is measured


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 300.0
    with tempfile.TemporaryDirectory() as folder, dovecot.running() as server, radicale() as calendar:
        rig, boxes = Rig(Path(folder)), [Mailbox(server), Mailbox(server)]
        for number in range(200):
            boxes[number % 2].add(mail(f"old{number}@x.example"))
        for name, box in zip(("one", "two"), boxes, strict=True):
            rig.connect_imap(box, name)
        calendar.make("/alice/work/", ".ics")
        calendar.put("/alice/work/one.ics", meeting("one"))
        url = ("--url", calendar.url, "--user", "alice", "--password-file", str(rig.password))
        rig.amity("connect", "caldav", *url, "--account", "three")
        with daemon(rig) as running:
            until(lambda: all(rig.turns(name) for name in ("one", "two", "three")))
            time.sleep(5)
            pid = running.process.pid
            began, before = time.monotonic(), processor_seconds(pid)
            time.sleep(seconds)
            share = (processor_seconds(pid) - before) / (time.monotonic() - began)
            print(f"idle for {seconds:.0f} s: {100 * share:.2f} % of a core, {resident_mb(pid):.0f} MB")
            for number in range(NEWS):
                known, sent = rig.turns("one"), time.monotonic()
                boxes[0].add(mail(f"new{number}@x.example"))
                until(lambda known=known: rig.turns("one") > known)  # type: ignore[misc]
                print(f"new mail was read after {time.monotonic() - sent:.1f} s")
                time.sleep(3)
            code, took = running.stop()
            print(f"it ended with {code} in {took:.2f} s")
        for box in boxes:
            box.close()


def processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


if __name__ == "__main__":
    main()
