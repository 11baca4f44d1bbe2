"""The weekly report brought to the owner: in a folder, by mail, as a notification; each way once for each week."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from amity.delivery_mail import headline, message
from amity.due import FORSAKEN_MS, Due, Wish, due, next_due_ms
from amity.home import Home, write_private
from amity.report.compose import compose
from amity.report.render import rendered
from amity.session import open_session
from amity.settings import Report
from amity.wiring import open_home, settings_of
from connectors.outgoing import NotSent, post, smtp
from events import deliveries
from events.deliveries import BEGUN, FAILED, SENT, Delivery
from events.errors import AmityError, UsageError
from events.log import Log

_SUFFIX = {"text": "txt", "html": "html", "md": "md", "json": "json"}
Begin = Callable[[], None]
Way = Callable[[Report, dict[str, Any], Begin], None]


class _OvertakenError(AmityError):
    """Another process took this delivery over before it was begun: it is that one's."""


class Delivered(NamedTuple):
    """What became of one delivery: `sent`, `failed`, or `begun` where nobody knows whether it arrived."""

    period: str
    way: str
    state: str
    error: str = ""


def wish_of(home: Home) -> tuple[Wish, Report]:
    """What the settings want; a folder is taken from the home, wherever the daemon was started.

    Raises UsageError with all their mistakes.
    """
    settings = settings_of(home)
    folder = settings.report.folder and str(home.folder / Path(settings.report.folder).expanduser())
    report = settings.report.model_copy(update={"folder": folder})
    wanted = {
        "file": report.folder, "mail": report.mail, "desktop": report.desktop, "ntfy": report.ntfy,
        "webhook": report.webhook,
    }  # fmt: skip
    ways = tuple(way for way, given in wanted.items() if given)
    return Wish(ways, report.at, report.quiet, ZoneInfo(settings.me.timezone)), report


def deliver(home: Home, now_ms: int, *, ways: Mapping[str, Way] | None = None) -> list[Delivered]:
    """Deliver whatever is due, each exactly once, whoever else tries; a way that fails keeps no other from its turn."""
    wish, report = wish_of(home)
    return _deliver(home, now_ms, wish, report, ways or WAYS) if wish.ways else []


def _deliver(home: Home, now_ms: int, wish: Wish, report: Report, ways: Mapping[str, Way]) -> list[Delivered]:
    with closing(open_home(home)) as log:
        with log.reading() as connection:
            before = deliveries.deliveries(connection, log.owner)
        found = [
            _tried(home, attempt, partial(ways[attempt.row.way], report))
            for attempt in (_claimed(log, one, now_ms) for one in due(now_ms, wish, before))
            if attempt is not None
        ]
    return [one for one in found if one]


def again(home: Home, now_ms: int, way: str = "") -> list[Delivered]:
    """Deliver the newest report once more, because the owner says so: by one way, or by all (""); also at night."""
    wish, report = wish_of(home)
    wish = wish._replace(quiet="")
    if way and way not in wish.ways:
        raise UsageError(f"The report does not go by {way}: [report] names {', '.join(wish.ways) or 'no way'}.")
    with closing(open_home(home)) as log, log.writing() as connection:
        for one in due(now_ms, wish, {}):
            if way in {"", one.way}:
                deliveries.again(connection, log.owner, one.period, one.way)
    return _deliver(home, now_ms, wish, report, WAYS) if wish.ways else []


def next_ms(home: Home, log: Log, now_ms: int) -> int | None:
    """When the next delivery is due; None where the settings want none."""
    wish, _ = wish_of(home)
    with log.reading() as connection:
        return next_due_ms(now_ms, wish, deliveries.deliveries(connection, log.owner))


class _Attempt:
    """One delivery that was claimed: every change of its state is refused once another attempt has taken it over."""

    def __init__(self, log: Log, row: Delivery) -> None:
        self.row, self.begun, self._log = row, False, log

    def begin(self) -> None:
        self.move(BEGUN)
        self.begun = True

    def move(self, state: str, error: str = "") -> None:
        with self._log.writing() as connection:
            if not deliveries.move(connection, self._log.owner, self.row, state, now_ms=self.row.at_ms, error=error):
                raise _OvertakenError(f"{self.row.way}: another process delivers it.")


def _claimed(log: Log, one: Due, now_ms: int) -> _Attempt | None:
    """None where somebody else is at it."""
    with log.writing() as connection:
        number = deliveries.claim(
            connection, log.owner, one.period, one.way, now_ms=now_ms, forsaken_ms=now_ms - FORSAKEN_MS
        )
    claimed = Delivery(one.period, one.way, deliveries.CLAIMED, number or 0, now_ms)
    return None if number is None else _Attempt(log, claimed)


def _tried(home: Home, attempt: _Attempt, send: Callable[[dict[str, Any], Begin], None]) -> Delivered | None:
    row = attempt.row
    try:
        with open_session(home, row.at_ms) as session:
            document = compose(session, session.period(row.period))
        send(document, attempt.begin)
        attempt.move(SENT)
    except _OvertakenError:
        return None
    except Exception as error:  # noqa: BLE001  whatever one way does, the others have their turn
        state = FAILED if not attempt.begun or isinstance(error, NotSent) else BEGUN
        sentence = _said(error)
        with suppress(_OvertakenError):
            attempt.move(state, sentence)
        return Delivered(row.period, row.way, state, sentence)
    return Delivered(row.period, row.way, SENT)


def _said(error: Exception) -> str:
    """Of errors that are nobody's sentence only the kind: their texts may quote anything."""
    known = isinstance(error, AmityError | OSError)
    return (known and str(error)) or f"it could not be made or sent ({type(error).__name__}): report it if that stays"


def _file(report: Report, document: dict[str, Any], _: Begin) -> None:
    """Never begun: written again it is one file all the same, so whoever dies at it is succeeded by another."""
    folder = Path(report.folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"amity-{document['period']['name']}.{_SUFFIX[report.format]}"
    for left in folder.glob(f".{path.name}.*"):  # by somebody who died before the file had its name
        left.unlink(missing_ok=True)
    write_private(path, rendered(document, report.format))


def _mail(report: Report, document: dict[str, Any], begin: Begin) -> None:
    mail = report.mail
    if mail is None:
        raise NotSent("There is no [report.mail] in amity.toml.")
    password = _password(mail.password_file) if mail.user else ""
    server = smtp.Server(mail.host, mail.port, mail.tls, mail.user, password)
    bodies = rendered(document, "text"), rendered(document, "html")
    smtp.send(server, message(document, mail.sender, mail.to, *bodies), begin)


def _password(path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        raise NotSent(f"[report.mail] password_file {path} cannot be read ({error.strerror}).") from error


def _desktop(report: Report, document: dict[str, Any], begin: Begin) -> None:
    del report
    title, text = headline(document)
    command = (
        ["osascript", "-e", "on run argv", "-e", "display notification (item 2 of argv) with title (item 1 of argv)",
         "-e", "end run", title, text]
        if sys.platform == "darwin" else ["notify-send", "--app-name=Amity", "--", title, text]
    )  # fmt: skip
    if shutil.which(command[0]) is None:
        raise NotSent(f"There is no {command[0]} here: take `desktop` out of [report].")
    begin()
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=10)  # noqa: S603  ours, and no shell
    except subprocess.SubprocessError as error:
        raise NotSent(f"{command[0]} did not show the notification.") from error


def _ntfy(report: Report, document: dict[str, Any], begin: Begin) -> None:
    title, text = headline(document)
    post.post(report.ntfy, text.encode(), {"Title": title}, begin)


def _webhook(report: Report, document: dict[str, Any], begin: Begin) -> None:
    body = rendered(document, "json").encode()
    key = f"amity-{document['period']['name']}"  # whoever receives it can see that it is the same report
    post.post(report.webhook, body, {"Content-Type": "application/json", "Idempotency-Key": key}, begin)


WAYS: Mapping[str, Way] = {
    "file": _file, "mail": _mail, "desktop": _desktop, "ntfy": _ntfy, "webhook": _webhook
}  # fmt: skip
