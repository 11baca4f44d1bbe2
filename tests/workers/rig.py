"""A home with accounts at real servers, and `amity daemon` beside it as a process of its own."""

from __future__ import annotations

import imaplib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from events.log import open_log
from tests.conftest import ROOT
from tests.contracts.living import RUNS
from tests.peers.dovecot import PASSWORD, Dovecot

PATIENCE = 40.0  # seconds; a busy machine with two cores


def until(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


class Mailbox:
    """A user at Dovecot, and the client that writes there."""

    def __init__(self, dovecot: Dovecot) -> None:
        self.dovecot, self.user = dovecot, dovecot.new_user()
        self._client = imaplib.IMAP4("127.0.0.1", dovecot.port)
        self._client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._client.login(self.user, PASSWORD)

    def add(self, mail: bytes) -> None:
        kind, _ = self._client.append("INBOX", "", "", mail)
        assert kind == "OK"

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):
            self._client.logout()


class Rig:
    """A home in a folder. Every command is a process of its own, as people start them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "amity.toml").write_text('[me]\ntimezone = "UTC"\naddresses = ["bob@example.org"]\n')
        self.password = folder / "password"
        self.password.write_text(PASSWORD)
        self.password.chmod(0o600)

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AMITY_")}
        own = {"AMITY_HOME": str(self.home), "HOME": str(self.folder), "PYTHONPATH": str(ROOT)}
        return {**kept, **own, **(more or {})}

    def amity(self, *arguments: str, code: int = 0, more: Mapping[str, str] | None = None) -> Any:
        """The document that a command prints."""
        command = [sys.executable, "-m", "tests.workers.amity", *arguments, "--json"]
        done = subprocess.run(command, env=self.environment(more), capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    def connect_imap(self, mailbox: Mailbox, name: str) -> None:
        self.amity(
            "connect", "imap", "--host", "127.0.0.1", "--port", str(mailbox.dovecot.port), "--user", mailbox.user,
            "--password-file", str(self.password), "--no-tls", "--account", name,
        )  # fmt: skip

    def connect_pretended(self, name: str, **world: object) -> None:
        """An account of tests.workers.provider."""
        (self.folder / name).mkdir()
        self.pretend(name, **world)
        self.amity("connect", "pretended", "--folder", str(self.folder / name), "--account", name)

    def pretend(self, name: str, **world: object) -> None:
        beside = self.folder / name / "new.json"
        beside.write_text(json.dumps(world))
        beside.replace(self.folder / name / "world.json")

    def meetings(self) -> int:
        """How many meetings the report would know of."""
        found: int = self.amity("query", "SELECT count(*) AS n FROM v_meetings")[0]["n"]
        return found

    def account(self, name: str) -> dict[str, Any]:
        """An account as `amity status` tells of it."""
        found: dict[str, Any] = next(one for one in self.amity("status")["accounts"] if one["account"] == name)
        return found

    def jobs(self) -> list[dict[str, Any]]:
        """The rows of the jobs, as they are now."""
        if not (self.home / "amity.db").exists():
            return []
        with closing(sqlite3.connect(self.home / "amity.db", timeout=30)) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'jobs'").fetchone():
                return []
            db.row_factory = sqlite3.Row
            return [dict(row) for row in db.execute("SELECT * FROM jobs ORDER BY kind, name")]

    def turns(self, name: str) -> int:
        """How often reading an account has come to its end."""
        found = [row["turn"] for row in self.jobs() if row["name"].endswith(f":{name}")]
        return int(found[0]) if found else 0

    def attempted(self, name: str, attempts: int) -> None:
        """As if reading an account had been tried so often."""
        with closing(sqlite3.connect(self.home / "amity.db", timeout=30)) as db, db:
            db.execute("UPDATE jobs SET attempts = ? WHERE name LIKE ?", (attempts, f"%:{name}"))

    def facts(self) -> list[tuple[str, bytes]]:
        """What the log holds of the sources, in its order; its chain is whole."""
        with open_log(f"sqlite:///{self.home}/amity.db") as log:
            assert log.verify().ok
            return [(one.type, one.data) for page in log.read() for one in page if one.type not in RUNS]

    def lapse(self) -> None:
        """Let all leases end: as if whoever holds them had slept for longer than they last."""
        with closing(sqlite3.connect(self.home / "amity.db", timeout=30)) as db, db:
            db.execute("UPDATE jobs SET until_ms = 0")
            db.execute("UPDATE leases SET until_ms = 0")

    def stop_between(self, send: Callable[[int], object]) -> None:
        """SIGSTOP, by `send`, to whoever works here, and not in the middle of a transaction: others wait for that."""
        send(signal.SIGSTOP)
        while not all(self._is_free(name) for name in ("amity.db", "views.db", "queue.db")):
            send(signal.SIGCONT)
            time.sleep(0.05)
            send(signal.SIGSTOP)

    def _is_free(self, name: str) -> bool:
        """Whether a file can be written within five seconds."""
        path = self.home / name
        if not path.exists():
            return True
        with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return False
            db.execute("ROLLBACK")
        return True

    def messages(self) -> int:
        """How many mails the report would know of."""
        found: int = self.amity("query", "SELECT count(*) AS n FROM v_messages")[0]["n"]
        return found


class Daemon:
    """A running `amity daemon`, and what it says."""

    def __init__(self, rig: Rig, *arguments: str, more: Mapping[str, str] | None = None) -> None:
        self.lines: list[dict[str, Any]] = []
        self.raw: list[str] = []
        command = [sys.executable, "-m", "tests.workers.amity", "daemon", *arguments]
        self.process = subprocess.Popen(
            command, env=rig.environment(more), stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.raw.append(line)
            with suppress(ValueError):
                self.lines.append(json.loads(line))

    def runs(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == "run" and line["kind"] == kind]

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, float]:
        """End it: its exit code, and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(30)
        took = time.monotonic() - began
        self.close()
        return code, took

    def close(self) -> None:
        """When the process has ended: what it said to the last word."""
        self._reader.join(5)
        if self.process.stderr:
            self.process.stderr.close()


@contextmanager
def daemon(rig: Rig, *arguments: str, more: Mapping[str, str] | None = None) -> Iterator[Daemon]:
    made = Daemon(rig, *arguments, more=more)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()
        made.close()


@contextmanager
def dramatiq_worker(
    rig: Rig, url: str, *options: str, more: Mapping[str, str] | None = None, log: str = "worker.log"
) -> Iterator[subprocess.Popen[bytes]]:
    """What an organisation runs: dramatiq's own command line, with its options; a process group of its own."""
    environment = rig.environment({"AMITY_BROKER_URL": url, **(more or {})})
    chosen = options or ("--processes", "1", "--threads", "4")
    command = [sys.executable, "-m", "dramatiq", "tests.workers.organisation", *chosen]
    with (rig.folder / log).open("ab") as said:
        worker = subprocess.Popen(command, env=environment, stderr=said, stdout=said, start_new_session=True)
    try:
        yield worker
    finally:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(60)
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
