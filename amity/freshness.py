"""Are the views up to date? Asked before every answer, with the standard library alone: 5 ms, not 500."""

from __future__ import annotations

import json
import os
import sqlite3
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from amity.home import Home

NOT_SETTINGS = {  # they move things and change no number
    "AMITY_HOME", "AMITY_OWNER", "AMITY_CACHE", "AMITY_DATABASE_URL", "AMITY_DATABASE_URL_FILE", "AMITY_BROKER_URL",
    "AMITY_BROKER_URL_FILE", "AMITY_PASSPHRASE_FILE", "AMITY_PASSWORD_FILE", "AMITY_METRICS",
    "AMITY_NOTIFIED", "AMITY_PUSH__URL", "AMITY_PUSH__TOPIC", "AMITY_PUSH__SENDER",
}  # fmt: skip
MAPPED_BYTES = 192 << 20  # of the views; the system takes these pages back when it wants memory


class Seen(NamedTuple):
    """What the views were made from. `rules` is the JSON of `projections.rules.Rules`."""

    settings: str
    rules: dict[str, Any]
    position: int
    code: str
    log: str  # the hash of the event at `position`: which log it was


def settings_text(home: Home, environment: Mapping[str, str]) -> str:
    """Everything that can change a number: the text of the settings file, then the `AMITY_…` variables."""
    try:
        text = home.settings.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        text = "-"
    names = sorted(name for name in environment if name.startswith("AMITY_") and name not in NOT_SETTINGS)
    return "\n".join([text, *(f"{name}={environment[name]!a}" for name in names)])


def code_mark() -> str:
    """Tells one installation of the projections from another: then they look for themselves whether to build anew."""
    folder = Path(__file__).parent.parent / "projections"
    found = sorted((entry.name, entry.stat().st_mtime_ns) for entry in os.scandir(folder) if entry.name.endswith(".py"))
    return f"{zlib.crc32(repr(found).encode()):08x}"  # hashlib would cost 10 ms


def seen(views: sqlite3.Connection) -> Seen | None:
    """What these views were made from; None where they are not (yet) whole."""
    try:
        meta = dict(views.execute("SELECT key, value FROM meta WHERE key LIKE 'amity.%'").fetchall())
        position = views.execute("SELECT min(position) FROM checkpoint").fetchone()[0]
        rules = json.loads(meta["amity.rules"])
        return Seen(meta["amity.settings"], rules, position or 0, meta["amity.code"], meta["amity.log"])
    except (sqlite3.Error, KeyError, ValueError):
        return None


def notes(settings: str, rules: str, log: str) -> list[tuple[str, str]]:
    """What is written beside the views, for `seen` to read: settings text, JSON of rules, hash of the last event."""
    return [("amity.settings", settings), ("amity.rules", rules), ("amity.code", code_mark()), ("amity.log", log)]


def write_seen(views: Path, settings: str, rules: str, log: str) -> None:
    """Note beside the views what they were made from: the last step of bringing them up to date."""
    connection = sqlite3.connect(views, timeout=30)
    try:
        with connection:
            connection.executemany(
                "INSERT INTO meta(key, value) VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                notes(settings, rules, log),
            )
    finally:
        connection.close()


def open_readonly(views: Path) -> sqlite3.Connection | None:
    """The views, unable to write; None where there are none."""
    if not views.exists():
        return None
    try:
        connection = sqlite3.connect(f"{views.as_uri()}?mode=ro", uri=True, timeout=30)
        connection.execute("PRAGMA temp_store = MEMORY")  # what a question needs on the way stays in memory
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")  # a page read without a call: a fifth of a report
    except sqlite3.Error:
        return None
    return connection
