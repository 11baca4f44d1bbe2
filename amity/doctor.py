"""`amity doctor`: what is wrong here, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from amity import freshness, template
from amity.home import OWNER, Home
from amity.queries import own_mail
from amity.queries.delivered import open_deliveries, says
from amity.session import head as log_head
from amity.session import open_session
from events.errors import AmityError

NAMES = ("amity", "connectors", "events", "projections", "workers")
ROOM_BYTES = 500_000_000  # ours: below this an import of a large mailbox may not end well
NOT_MINE_SHARE = 0.2  # ours: so many meetings without me mean that an address of mine is missing
OFTEN = (
    0.5  # ours: an address of mine stands on every second mail, or every second meeting that seems foreign
)
_ON_MAILS = """
    SELECT address, count(*) * 1.0 / (SELECT count(*) FROM message) FROM (
        SELECT address_id, message.id FROM member JOIN message ON message.circle = member.circle
        UNION SELECT sender, id FROM message) JOIN address ON address.id = address_id
    GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"""
_IN_FOREIGN_MEETINGS = """
    SELECT address.address, count(*) * 1.0 / (SELECT count(*) FROM occurrence WHERE reason = 'not_mine')
    FROM attendance JOIN occurrence ON occurrence.id = attendance.occurrence
    JOIN address ON address.id = attendance.address_id
    WHERE reason = 'not_mine' GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"""
REMOTE = (
    "nfs",
    "nfs4",
    "cifs",
    "smb",
    "smb3",
    "fuse.sshfs",
    "9p",
    "afs",
)  # where SQLite's locks cannot be trusted


class Finding(NamedTuple):
    what: str
    ok: bool
    says: str


def examine(home: Home, clock_ms: int) -> list[Finding]:
    """All findings, good ones too."""
    log = [*_views(home, clock_ms), *_owners_apart(home)]
    return [_names(), _python(), *_folder(home), _settings(home), *log, *_accounts(home, clock_ms), *_deliveries(home)]


def _deliveries(home: Home) -> list[Finding]:
    """Of the newest report what is not known to have arrived."""
    try:
        found = open_deliveries(home)
    except (AmityError, sqlite3.Error):  # a log that cannot be read is told of above
        return []
    return [Finding("report", ok=one.state == "claimed", says=says(*one)) for one in found]


def _accounts(home: Home, clock_ms: int) -> list[Finding]:
    from amity import doctor_accounts  # noqa: PLC0415  accounts need the store of secrets

    return doctor_accounts.examine(home, clock_ms)


def _names() -> Finding:
    owners = packages_distributions()
    foreign = {name: sorted(set(owners.get(name, [])) - {"amity"}) for name in NAMES}
    wrong = [f"{name} also belongs to {', '.join(found)}" for name, found in foreign.items() if found]
    says = (
        "; ".join(wrong) + ": install Amity into an environment of its own"
        if wrong
        else "nobody else owns ours"
    )
    return Finding("packages", not wrong, says)


def _python() -> Finding:
    return Finding("python", ok=True, says=f"{sys.version.split()[0]} at {sys.prefix}")


def _folder(home: Home) -> list[Finding]:
    if not home.folder.is_dir():
        return [
            Finding(
                "home", ok=False, says=f"{home.folder} is not there yet: run `amity init --me YOUR@ADDRESS`"
            )
        ]
    mode = home.folder.stat().st_mode & 0o777
    loose = [
        path.name
        for path in home.folder.iterdir()
        if path.suffix != ".toml" and path.is_file() and path.stat().st_mode & 0o077
    ]
    found = [Finding("home", ok=True, says=str(home.folder))]
    if mode & 0o077:
        found.append(Finding("permissions", ok=False, says=f"others can enter {home.folder}: chmod 700 it"))
    elif loose:
        found.append(
            Finding(
                "permissions", ok=False, says=f"others may read {', '.join(sorted(loose))}: chmod 600 these"
            )
        )
    else:
        found.append(Finding("permissions", ok=True, says="only you can read it"))
    free = shutil.disk_usage(home.folder).free
    enough = free >= ROOM_BYTES
    found.append(
        Finding(
            "disk", enough, f"{free / 1e9:.1f} GB free" + ("" if enough else ": make room before importing")
        )
    )
    kind = _file_system(home.folder)
    if kind in REMOTE:
        found.append(
            Finding(
                "file system", ok=False, says=f"{kind}: SQLite's locks are not safe there; use a local --home"
            )
        )
    return found


def _file_system(folder: Path) -> str:
    """The kind of file system that holds a folder, on Linux; "" where it cannot be told."""
    best = ("", "")
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in mounts:
        _, point, kind, *_ = line.split(" ")
        point = point.replace("\\040", " ")
        if (str(folder) + "/").startswith(point.rstrip("/") + "/") and len(point) >= len(best[0]):
            best = (point, kind)
    return best[1]


def _settings(home: Home) -> Finding:
    from amity.settings import load  # noqa: PLC0415  400 ms that only this finding needs

    try:
        settings = load(home.settings)
    except AmityError as error:
        return Finding("settings", ok=False, says=str(error).replace("\n", " / "))
    if not home.settings.exists():
        return Finding("settings", ok=False, says=f"no {home.settings}: run `amity init --me YOUR@ADDRESS`")
    machine = template.machine_zone()
    zone = settings.me.timezone
    differs = ZoneInfo(machine).key != zone and "TZ" not in os.environ
    note = f" (this machine is in {machine})" if differs else ""
    return Finding("settings", ok=True, says=f"no mistakes; time zone {zone}{note}")


def _owners_apart(home: Home) -> list[Finding]:
    """Whether a database of several owners keeps them apart by itself; a file holds one owner only."""
    if not home.log_url:
        return []
    from amity import wiring  # noqa: PLC0415  a database server is not asked in 5 ms
    from events import rowlevel  # noqa: PLC0415  likewise

    with wiring.open_home(home) as log, log.reading() as connection:
        bound = rowlevel.is_bound(connection)
    says = "row-level security holds" if bound else (
        "row-level security does not bind this role: connect as one that is neither superuser nor BYPASSRLS"
    )  # fmt: skip
    return [Finding("owners apart", ok=bound or home.owner == OWNER, says=says)]


def _views(home: Home, clock_ms: int) -> list[Finding]:
    if not home.log_url and not home.log.exists():
        return [
            Finding(
                "log",
                ok=False,
                says="empty: run `amity import PATH…` with your mail, calendar and contact files",
            )
        ]
    head = log_head(home)
    views = freshness.open_readonly(home.views)
    seen = freshness.seen(views) if views else None
    lag = head - seen.position if seen else head
    if views:
        views.close()
    found = [
        Finding("log", ok=True, says=f"{head:,} events"),
        Finding("views", ok=True, says=f"{max(lag, 0):,} events behind"),
    ]
    try:
        with open_session(home, clock_ms) as session:
            candidates = candidates_for_me(session.views)
            not_mine, all_meetings = session.views.execute(
                "SELECT count(*) FILTER (WHERE reason = 'not_mine'), count(*) FROM occurrence"
            ).fetchone()
            mine = session.rules.get("addresses", [])
            foreign = own_mail.sent_as_another(session.views)
    except AmityError as error:
        return [*found, Finding("answers", ok=False, says=str(error).replace("\n", " / "))]
    often = all_meetings > 0 and not_mine / all_meetings >= NOT_MINE_SHARE
    if not mine or often:
        why = (
            "[me] names no address"
            if not mine
            else f"{not_mine:,} of {all_meetings:,} meetings are somebody else's"
        )
        guess = f"; yours may be: {', '.join(candidates)}" if candidates else ""
        found.append(Finding("addresses", ok=False, says=f"{why}{guess}: add yours to [me] addresses"))
    elif foreign:
        told = ", ".join(f"{n:,} from {address}" for address, n, _ in foreign)
        where = f"of {foreign[0][2]:,} mails in folders of sent mail {told}: if that is you, add it to [me] addresses"
        found.append(Finding("addresses", ok=False, says=where))
    else:
        found.append(Finding("addresses", ok=True, says=", ".join(mine)))
    return found


def candidates_for_me(views: sqlite3.Connection, limit: int = 3) -> list[str]:
    """Addresses that may be the owner's: on most mails where none is set, else on most meetings without the owner."""
    known = views.execute("SELECT 1 FROM address WHERE mine = 1 LIMIT 1").fetchone()
    rows = views.execute(_IN_FOREIGN_MEETINGS if known else _ON_MAILS, (limit,)).fetchall()
    return [address for address, share in rows if share >= OFTEN]
