"""First sync of a mailbox beside mbsync, from the same server in the same run; then nothing new, and ten new messages.

    .venv/bin/python -m benchmarks.sync_imap [ROUNDS]

Needs Dovecot (dovecot-imapd) and mbsync (isync). Whole processes: `amity sync` with the password in a file, and
`mbsync` as it comes and with `FSync no`, which stores the messages and parses nothing. The server has read the mailbox
once before anybody is timed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.import_mail import AMITY, ARCHIVE, SETTINGS, messages, quiet, timed
from tests.peers import dovecot

MESSAGES = 10_000
USER = "bench"


def fill(server: dovecot.Dovecot, archive: Path) -> Path:
    """The mailbox: real messages of a list, the last ones once more under other ids. Its Maildir."""
    maildir = server.folder / "home" / USER / "Maildir"
    for name in ("cur", "new", "tmp"):
        (maildir / name).mkdir(parents=True)
    raws = list(messages(archive))
    for number in range(MESSAGES):
        copy, index = divmod(number, len(raws))
        raw = raws[index].replace(b"Message-ID: <", b"Message-ID: <x%d." % copy, 1) if copy else raws[index]
        deliver(maildir, number, raw)
    return maildir


def deliver(maildir: Path, number: int, raw: bytes) -> None:
    path = maildir / "cur" / f"{1_700_000_000 + number}.{number:06d}.host:2,{'S' if number % 3 else ''}"
    path.write_bytes(raw)
    for one in (path, *path.parents):
        if one == maildir.parent.parent:
            break
        shutil.chown(one, *owner())


def owner() -> tuple[str | int, str | int]:
    return ("nobody", "nogroup") if os.geteuid() == 0 else (os.geteuid(), os.getegid())


class Rounds:
    """One measured way, with its seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], object]) -> None:
        self.seconds.setdefault(name, []).append(timed(work))

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])


def new_home(scratch: Path, port: int) -> Path:
    home = scratch / "home"
    home.mkdir()
    (home / "amity.toml").write_text(SETTINGS)
    password = scratch / "password"
    password.write_text(dovecot.PASSWORD)
    password.chmod(0o600)
    quiet(
        AMITY, "connect", "imap", "--home", str(home), "--host", "127.0.0.1", "--port", str(port), "--user", USER,
        "--no-tls", "--password-file", str(password), "--account", "bench",
    )  # fmt: skip
    return home


def sync(home: Path) -> None:
    quiet(AMITY, "sync", "--home", str(home))


def mbsync(port: int, scratch: Path, option: str) -> None:
    target = scratch / "Maildir"
    target.mkdir(exist_ok=True)
    (scratch / "rc").write_text(
        f"{option}\n\nIMAPAccount a\nHost 127.0.0.1\nPort {port}\nUser {USER}\nPass {dovecot.PASSWORD}\nSSLType None\n"
        f"AuthMechs LOGIN\n\nIMAPStore far\nAccount a\n\nMaildirStore near\nPath {target}/\nInbox {target}/INBOX\n\n"
        "Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Near\nSync Pull\nSyncState *\n"
    )
    subprocess.run(["mbsync", "-q", "-c", scratch / "rc", "c"], check=True, capture_output=True, cwd=scratch)
    assert sum(1 for _ in target.glob("INBOX/*/*host*")) >= 0


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def one_round(server: dovecot.Dovecot, maildir: Path, archive: Path, rounds: Rounds, number: int) -> None:
    raw = next(messages(archive))
    for name, option in (("mbsync", ""), ("mbsync, FSync no", "FSync no")):
        with scratch() as folder:
            rounds.time(name, lambda folder=folder, option=option: mbsync(server.port, folder, option))  # type: ignore[misc]
            rounds.time(f"{name}: again", lambda folder=folder, option=option: mbsync(server.port, folder, option))  # type: ignore[misc]
    with scratch() as folder:
        home = new_home(folder, server.port)
        rounds.time("amity", lambda: sync(home))
        rounds.time("amity: nothing new", lambda: sync(home))
        for new in range(10):
            serial = MESSAGES + 10 * number + new
            deliver(maildir, serial, raw.replace(b"Message-ID: <", b"Message-ID: <y%d." % serial, 1))
        rounds.time("amity: ten new", lambda: sync(home))


def main(count: int) -> None:
    rounds = Rounds()
    with scratch() as folder, dovecot.running() as server:
        with tarfile.open(ARCHIVE) as tar:
            tar.extractall(folder, filter="data")
        archive = folder / "email-list-linux-mips"
        maildir = fill(server, archive)
        with scratch() as warm:
            mbsync(server.port, warm, "FSync no")
        for number in range(count):
            one_round(server, maildir, archive, rounds, number)
    for name, seconds in rounds.seconds.items():
        shown = " ".join(f"{one:.2f}" for one in seconds)
        print(f"{name:28} {rounds.median(name):6.2f} s   ({shown})")
    ours = rounds.median("amity")
    print(f"amity / mbsync            {ours / rounds.median('mbsync'):.2f}  (at most 1)")
    print(f"amity / mbsync, FSync no  {ours / rounds.median('mbsync, FSync no'):.2f}  (at most 3)")


if __name__ == "__main__":
    began = time.perf_counter()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    print(f"{time.perf_counter() - began:.0f} s in all")
