"""First sync of a calendar beside vdirsyncer, from the same Radicale in the same run; then nothing new, and ten new.

    .venv/bin/python -m benchmarks.sync_dav [ROUNDS]

Whole processes, compiled as an installation leaves them: `amity sync` with the password in a file, and `vdirsyncer
sync` into an empty folder, which stores the entries and parses nothing. Collections are discovered before anybody is
timed, and both programs have read the calendar once. Radicale keeps its files in memory where there is room.

`the server alone` is what any client waits for: the same questions, of whose answers nothing is made.

For a first sync token Radicale writes a file for each entry. Amity asks for it when it first sees a change: the first
round pays for that, in a line of its own; for the next rounds the files are there.
"""

from __future__ import annotations

import base64
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.import_mail import AMITY, SETTINGS, quiet, timed
from connectors.dav import bodies, names
from tests.peers.dav import DavServer, meeting
from tests.peers.radicale import radicale

ENTRIES, BATCH = 2_000, 200
VDIRSYNCER = Path(sys.executable).with_name("vdirsyncer")
_CONFIG = """\
[general]
status_path = "{folder}/status/"
[pair p]
a = "near"
b = "far"
collections = ["work"]
[storage near]
type = "filesystem"
path = "{folder}/calendars/"
fileext = ".ics"
[storage far]
type = "caldav"
url = "{url}/alice/"
username = "{user}"
password = "{password}"
"""


def fill(server: DavServer) -> str:
    """One calendar, put there as a whole: Radicale takes it apart."""
    entries = (entry(number).partition("BEGIN:VEVENT")[2].partition("END:VCALENDAR")[0] for number in range(ENTRIES))
    body = "".join(f"BEGIN:VEVENT{lines}" for lines in entries)
    path = f"{server.calendars}work/"
    server.send(
        "PUT", path, f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{body}END:VCALENDAR\n", Content_Type="text/calendar"
    )
    return path


def entry(number: int) -> str:
    start = f"2026{number % 12 + 1:02}{number % 28 + 1:02}T{8 + number % 9:02}0000Z"
    return meeting(f"u{number}", title=f"Planning {number}", start=start)


def vdirsyncer(folder: Path, *words: str) -> None:
    subprocess.run(
        [VDIRSYNCER, *words], input=b"y\n" * 9, check=True, capture_output=True,
        env={**os.environ, "VDIRSYNCER_CONFIG": str(folder / "config")},
    )  # fmt: skip


def discovered(server: DavServer, folder: Path) -> Path:
    """vdirsyncer, ready for its first sync."""
    (folder / "config").write_text(
        _CONFIG.format(folder=folder, url=server.url, user=server.user, password=server.password)
    )
    vdirsyncer(folder, "discover")
    return folder


def connected(server: DavServer, folder: Path) -> Path:
    """A home with the account in it."""
    home = folder / "home"
    home.mkdir()
    (home / "amity.toml").write_text(SETTINGS)
    password = folder / "password"
    password.write_text(server.password)
    password.chmod(0o600)
    quiet(
        AMITY, "connect", "caldav", "--home", str(home), "--url", server.url, "--user", server.user,
        "--password-file", str(password), "--account", "work",
    )  # fmt: skip
    return home


class Rounds:
    """Seconds of each measured way."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}

    def time(self, name: str, work: Callable[[], object]) -> None:
        self.seconds.setdefault(name, []).append(timed(work))

    def median(self, name: str) -> float:
        return statistics.median(self.seconds[name])


def one_round(server: DavServer, path: str, number: int, rounds: Rounds) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = discovered(server, Path(scratch))
        rounds.time("the server alone", lambda: server_alone(server, path))
        rounds.time("vdirsyncer", lambda: vdirsyncer(folder, "sync"))
        rounds.time("vdirsyncer: nothing new", lambda: vdirsyncer(folder, "sync"))
        home = connected(server, folder)
        rounds.time("amity", lambda: quiet(AMITY, "sync", "--home", str(home)))
        rounds.time("amity: nothing new", lambda: quiet(AMITY, "sync", "--home", str(home)))
        for turn, name in enumerate(("amity: ten new, and a token", "amity: ten new")):
            add_ten(server, path, 2 * number + turn)
            rounds.time(name, lambda: quiet(AMITY, "sync", "--home", str(home)))


def server_alone(server: DavServer, path: str) -> None:
    """The same questions and answers, of which nothing is made: no client of this server is faster."""
    address = urlsplit(server.url)
    token = base64.b64encode(f"{server.user}:{server.password}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/xml", "Depth": "1"}
    connection = HTTPConnection(address.hostname or "", address.port)

    def ask(verb: str, body: bytes) -> bytes:
        connection.request(verb, path, body, headers)
        return connection.getresponse().read()

    listed = ask("PROPFIND", bodies.propfind(names.ETAG)).decode()
    hrefs = re.findall(r"href>([^<]+\.ics)<", listed)
    assert len(hrefs) >= ENTRIES
    for at in range(0, len(hrefs), BATCH):
        ask("REPORT", bodies.multiget(names.CALENDAR_MULTIGET, names.CALENDAR_DATA, hrefs[at : at + BATCH]))
    connection.close()


def add_ten(server: DavServer, path: str, number: int) -> None:
    for serial in range(ENTRIES + 10 * number, ENTRIES + 10 * number + 10):
        server.put(f"{path}e{serial}.ics", entry(serial))


def main(count: int) -> None:
    rounds = Rounds()
    with radicale() as server, tempfile.TemporaryDirectory() as compiled:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = compiled
        path = fill(server)
        with tempfile.TemporaryDirectory() as scratch:
            vdirsyncer(discovered(server, Path(scratch)), "sync")
            quiet(AMITY, "sync", "--home", str(connected(server, Path(scratch))))
        for number in range(count):
            one_round(server, path, number, rounds)
    for name, seconds in rounds.seconds.items():
        print(f"{name:28} {rounds.median(name):6.2f} s   ({' '.join(f'{one:.2f}' for one in seconds)})")
    alone, theirs, ours = map(rounds.median, ("the server alone", "vdirsyncer", "amity"))
    print(f"amity / vdirsyncer  {ours / theirs:.2f}  (at most 0.5)")
    print(f"the server alone / vdirsyncer  {alone / theirs:.2f}")


if __name__ == "__main__":
    began = time.perf_counter()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
    print(f"{time.perf_counter() - began:.0f} s in all")
