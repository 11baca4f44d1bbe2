"""What vdirsyncer pulls from the same server, imported as files, gives the same answers as synchronising directly."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import absent
from tests.home import ME, Home
from tests.peers.daemon import program
from tests.peers.dav import DavServer, meeting

_CONFIG = """\
[general]
status_path = "{folder}/status/"
[pair calendars]
a = "near_calendars"
b = "far_calendars"
collections = ["work"]
[storage near_calendars]
type = "filesystem"
path = "{folder}/calendars/"
fileext = ".ics"
[storage far_calendars]
type = "caldav"
url = "{url}/alice/"
username = "alice"
password = "secret"
[pair books]
a = "near_books"
b = "far_books"
collections = ["friends"]
[storage near_books]
type = "filesystem"
path = "{folder}/books/"
fileext = ".vcf"
[storage far_books]
type = "carddav"
url = "{url}/alice/"
username = "alice"
password = "secret"
"""
SHARE = 6  # every sixth of the real entries: the server needs 100 ms to take one
_ZONE = re.compile(r"BEGIN:VTIMEZONE.*?END:VTIMEZONE\r?\n", re.DOTALL)
_ENTRY = re.compile(r"BEGIN:VEVENT.*?END:VEVENT\r?\n", re.DOTALL)
_UID = re.compile(r"^UID:(.*?)\r?$", re.MULTILINE)
_CARD = re.compile(r"BEGIN:VCARD.*?END:VCARD\r?\n", re.DOTALL)


def resources(folder: Path) -> Iterator[str]:
    """The real calendars taken apart as a server wants them: one UID a resource, zones beside it, no UID twice."""
    seen: set[str] = set()
    for path in sorted(folder.rglob("*.ics")):
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        by_uid: dict[str, list[str]] = {}
        for entry in _ENTRY.findall(text):
            if found := _UID.search(entry):
                by_uid.setdefault(found[1], []).append(entry)
        for uid, entries in by_uid.items():
            if uid not in seen:
                seen.add(uid)
                zones = "".join(_ZONE.findall(text))
                yield f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//tests//EN\n{zones}{''.join(entries)}END:VCALENDAR\n"


def fill(server: DavServer, data: Path) -> int:
    """Everything real that the server takes, and meetings of our own that earn minutes; how much it took."""
    work = server.make("/alice/work/", ".ics", "work")
    friends = server.make("/alice/friends/", ".vcf", "friends")
    texts = [(f"{work}{number}.ics", text) for number, text in enumerate(resources(data / "ics"))]
    cards = [
        card for path in sorted((data / "contacts").rglob("*.vcf"))
        for card in _CARD.findall(path.read_bytes().decode("utf-8", "replace")) if _UID.search(card)
    ]  # fmt: skip
    texts = texts[::SHARE]
    texts += [(f"{friends}{number}.vcf", text) for number, text in enumerate(cards)]
    for number in range(20):
        start = f"2026{number % 9 + 1:02}{number + 1:02}T100000Z"
        texts.append(
            (f"{work}ours-{number}.ics", meeting(f"ours-{number}", start=start, more="RRULE:FREQ=DAILY;COUNT=3\n"))
        )
    taken = 0
    for path, text in texts:
        media = "text/calendar" if path.endswith(".ics") else "text/vcard"
        taken += server.raw("PUT", path, text, Content_Type=f"{media}; charset=utf-8").status_code < 300
    return taken


def pulled(server: DavServer, folder: Path) -> tuple[Path, Path]:
    (folder / "config").write_text(_CONFIG.format(folder=folder, url=server.url))
    independent = program("vdirsyncer")
    if independent is None:
        absent("vdirsyncer is not installed")
    assert independent is not None
    for word in ("discover", "sync"):
        subprocess.run(
            [independent, word], input=b"y\n" * 9, check=True, capture_output=True, cwd=folder,
            env={**os.environ, "VDIRSYNCER_CONFIG": str(folder / "config")},
        )  # fmt: skip
    return folder / "calendars", folder / "books"


def answers(home: Home) -> dict[str, Any]:
    """All that must be the same; people without the ids that follow from who was seen first."""
    rows = "select uid, title, start_utc, end_utc, all_day, counted, reason, clock_minutes, n, goal from v_meetings"
    people = [
        (person["name"], sorted(person["names"]), sorted(person["addresses"]), person["kind"], person["meetings"])
        for person in home.json("people", "--all")
    ]
    return {
        "meetings": sorted(map(str, home.json("query", rows))),
        "people": sorted(people),
        "minutes": home.minutes(),
        "days": home.minutes("day", measure="clock"),
        "totals": home.totals(),
        "uncounted": home.reasons(),
    }


def test_vdirsyncer_and_we_read_the_same(
    radicale: DavServer, shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert fill(radicale, shared_data) > 100
    files, direct = Home(tmp_path / "a", addresses=[ME]), Home(tmp_path / "b", addresses=[ME])
    for folder in pulled(radicale, tmp_path):
        files.json("import", str(folder), as_of=None)

    password = tmp_path / "password"
    password.write_text(radicale.password)
    password.chmod(0o600)
    for kind in ("caldav", "carddav"):
        made = direct.invoke(
            "connect", kind, "--url", radicale.url, "--user", "alice", "--password-file", str(password),
            "--account", kind,
        )  # fmt: skip
        assert made.exit_code == 0, made.output
    result = direct.json("sync", as_of=None)
    assert [account["error"] for account in result["accounts"]] == [None, None]

    one, other = answers(files), answers(direct)
    assert len(one["meetings"]) > 100
    assert one["totals"]["clock_minutes"] > 0
    for question in one:
        assert one[question] == other[question], question
    assert direct.json("verify", as_of=None)["ok"]
