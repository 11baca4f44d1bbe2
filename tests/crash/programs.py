"""Small programs to crash: pages into a log, done right and, for proof that the harness sees it, done wrong."""

from __future__ import annotations

from pathlib import Path

import alembic.command  # noqa: F401  loaded by the first opening: once here, not in each forked child
from alembic.script import ScriptDirectory  # noqa: F401  likewise

from events.envelope import NewEvent, stream_of
from events.errors import AmityError
from events.log import Log, open_log
from events.vocabulary import MessageObserved

PAGES, SIZE = 3, 8
WHERE = ("files:test", "all")


def page(number: int) -> list[NewEvent]:
    """The events of a page, counted from 1; each page also repeats the last event of the page before it."""
    first = (number - 1) * SIZE
    return [mail(item) for item in range(max(0, first - 1), first + SIZE)]


def mail(item: int) -> NewEvent:
    payload = MessageObserved(source="files:test", subject=f"{item} " * 40)
    return NewEvent(stream_of(item, "message", str(item)), 1, item, payload)


def acknowledge(acks: str, number: int) -> None:
    with Path(acks).open("a") as file:
        file.write(f"{number}\n")


def open_only(home: str, _: str) -> int:
    """Make the log, or finish making it."""
    try:
        open_log(f"sqlite:///{home}/amity.db").close()
    except AmityError as error:
        return error.exit_code
    return 0


def append_pages(home: str, acks: str) -> int:
    """Continue where the cursor says; a page and its cursor in one append."""
    try:
        with open_log(f"sqlite:///{home}/amity.db") as log:
            for number in range(_pages_done(log) + 1, PAGES + 1):
                log.append(page(number), cursor=(*WHERE, str(number)))
                acknowledge(acks, number)
    except AmityError as error:
        return error.exit_code
    return 0


def cursor_first(home: str, acks: str) -> int:
    """Wrong: the cursor is stored before the page that it stands for."""
    with open_log(f"sqlite:///{home}/amity.db") as log:
        for number in range(_pages_done(log) + 1, PAGES + 1):
            log.append([], cursor=(*WHERE, str(number)))
            log.append(page(number))
            acknowledge(acks, number)
    return 0


def acknowledged_first(home: str, acks: str) -> int:
    """Wrong: says that a page is stored before it is."""
    with open_log(f"sqlite:///{home}/amity.db") as log:
        for number in range(_pages_done(log) + 1, PAGES + 1):
            acknowledge(acks, number)
            log.append(page(number), cursor=(*WHERE, str(number)))
    return 0


def _pages_done(log: Log) -> int:
    return int(log.cursor(*WHERE) or 0)


