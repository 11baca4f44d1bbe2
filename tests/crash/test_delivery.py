"""A delivery of the report, killed at every call that changes a file or sends a byte: it arrives once, or is told of.

Each way alone; the servers are real ones and live on. The suite looks at every `STRIDE`th call, and at every other one
while the report is under way; `TEST_STRIDE=1` looks at all.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from amity.delivery import again, deliver
from amity.due import FORSAKEN_MS
from amity.home import Home as Place
from amity.queries.delivered import open_deliveries
from tests.crash.harness import Crasher, crasher, fast_folder
from tests.home import ME, Home, guests, mail, vevent
from tests.peers.mailbox import mailbox
from tests.workers.rig import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # all of it waits for others
STRIDE = int(os.environ.get("TEST_STRIDE", "4"))
WEEK = "2026-W38"
NOW = 1_789_974_000_000  # Monday, 2026-09-21, 07:00 UTC


class Receiver(NamedTuple):
    """Where a report arrives: what stands in [report], and how much arrived when nothing is on its way any more."""

    settings: str
    arrived: Callable[[], int]


@contextmanager
def http_server(path: str) -> Iterator[tuple[str, Callable[[], int]]]:
    """One connection at a time: what was sent before we ask has been taken, or dropped, when we are answered."""
    taken: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            wanted = int(self.headers["Content-Length"])
            body = self.rfile.read(wanted)
            if len(body) == wanted:
                taken.append(body)
            self.do_GET()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    class Server(HTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Clients are killed here."""

    def arrived() -> int:
        asking = HTTPConnection("127.0.0.1", server.server_port, timeout=60)
        asking.request("GET", "/")
        assert asking.getresponse().status == 200
        asking.close()
        return len(taken)

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{path}", arrived
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def receiver(way: str, out: Path) -> Iterator[Receiver]:
    if way == "file":
        yield Receiver(f'folder = "{out}"', lambda: len(list(out.glob("amity-*.html"))))
    elif way == "mail":
        with mailbox() as box:

            def arrived() -> int:
                until(lambda: box.open == 0, 60)
                return len(box.mails)

            yield Receiver(
                f'[report.mail]\nhost = "127.0.0.1"\nport = {box.port}\ntls = "none"\nsender = "amity@x.org"\n'
                f'to = ["{ME}"]', arrived,
            )  # fmt: skip
    else:
        with http_server("/topic") as (url, arrived):
            yield Receiver(f'{way} = "{url}"', arrived)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    folder = fast_folder(tmp_path)
    yield folder
    shutil.rmtree(folder)


def prepared(folder: Path, settings: str) -> Path:
    """A home with a week to tell of, whose views are up to date."""
    home = Home(folder / "start", more=f"[report]\n{settings}\n")
    home.calendar(vevent("a", "20260915T100000Z", "20260915T110000Z", *guests("ana@y.org")))
    home.mbox(mail("ana@y.org", ME, "Tue, 15 Sep 2026 12:00:00 +0000"))
    home.json("report", WEEK)
    return home.folder


class Stage(NamedTuple):
    """What is killed, and who sees it."""

    target: Crasher
    start: Path
    home: Path
    out: Path
    arrived: Callable[[], int]

    def killed(self, at: int, mode: str = "kill") -> bool:
        for path in (self.home, self.out):
            shutil.rmtree(path, ignore_errors=True)
        shutil.copytree(self.start, self.home)
        end = self.target.run(str(self.home), str(NOW), below=self.home.parent, at=at, mode=mode, sockets=True)
        assert end.killed or (end.code, end.error) == (0, ""), end
        return end.killed


@contextmanager
def staged(way: str, shim: Path, folder: Path) -> Iterator[Stage]:
    run = folder / "run"
    run.mkdir()
    with (
        receiver(way, run / "out") as there,
        crasher("tests.crash.delivery_program:deliver_at", shim) as target,
    ):
        start = prepared(folder, there.settings)
        yield Stage(target, start, run / "home", run / "out", there.arrived)


def afterwards(stage: Stage, way: str, before: int, where: str) -> bool:
    """Whoever tries afterwards, and however often: it arrives once, or is told of and repeated by its owner alone.

    Whether it was told of.
    """
    place = Place(stage.home)
    deliver(place, NOW + 60_000)  # somebody may still be at it
    for late in (1, 2):
        deliver(place, NOW + late * FORSAKEN_MS)
    came = stage.arrived() - before
    (told,) = [one.state for one in open_deliveries(place)] or [""]
    assert (came, told) in {(1, ""), (0, "begun"), (1, "begun")}, where
    if told:
        assert [one[1:3] for one in again(place, NOW + 3 * FORSAKEN_MS, way)] == [(way, "sent")], where
        assert stage.arrived() - before == came + 1, where
        assert open_deliveries(place) == [], where
        assert deliver(place, NOW + 5 * FORSAKEN_MS) == [], where
    return bool(told)


@pytest.mark.parametrize(("way", "mode"), [("mail", "kill"), ("mail", "torn"), ("webhook", "kill"), ("ntfy", "torn")])
def test_killed_anywhere_it_arrives_once_or_is_told_of(shim: Path, folder: Path, way: str, mode: str) -> None:
    with staged(way, shim, folder) as stage:
        at, told = 1, 0
        while True:
            before = stage.arrived()
            if not stage.killed(at, mode):
                break
            under_way = open_deliveries(Place(stage.home)) != []
            told += afterwards(stage, way, before, f"{mode} at call {at}")
            at += min(STRIDE, 2) if under_way else STRIDE
        assert stage.arrived() == before + 1
    assert at > 20, "the crash points are not seen: is the shim loaded?"
    assert told, "no kill fell between its beginning and its end"


@pytest.mark.parametrize("mode", ["kill", "torn"])
def test_a_file_is_there_exactly_once_wherever_it_was_killed(shim: Path, folder: Path, mode: str) -> None:
    with staged("file", shim, folder) as stage:
        at = 1
        while stage.killed(at, mode):
            deliver(Place(stage.home), NOW + FORSAKEN_MS)
            names = [one.name for one in stage.out.iterdir()]
            assert names == [f"amity-{WEEK}.html"], f"{mode} at call {at}"
            assert (stage.out / names[0]).read_text(encoding="utf-8").endswith("</html>\n")
            assert open_deliveries(Place(stage.home)) == []
            at += STRIDE
    assert at > 20, "the crash points are not seen: is the shim loaded?"
