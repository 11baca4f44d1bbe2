"""The composition root: settings become objects here, and nowhere else. Nothing is opened at import."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from amity import freshness, recorded
from amity.home import Home, prepare
from amity.progress import Late
from amity.said import SaidAhead, said
from events import codec
from events.envelope import NewEvent
from events.errors import UsageError
from events.log import Log, open_log
from events.vocabulary import Payload
from projections.rules import Rules

if TYPE_CHECKING:
    from amity.settings import Settings
    from connectors.ahead import Ahead

Progress = Callable[[int, int], None]  # events folded, events to fold


# A log of fewer events is tidied while its views settle. Of a longer one that is no part of the time worth a thread,
# beside which nothing may fork: `projections.ledger_halves` does.
_SHORT = 20_000


def open_home(home: Home) -> Log:
    """The log of a home, made on first use."""
    prepare(home)
    return open_log(home.url(), owner=home.owner)


def settings_of(home: Home) -> Settings:
    """The settings of a home, checked. Raises UsageError with all mistakes."""
    from amity.settings import load  # noqa: PLC0415  150 ms that only new settings may cost

    return load(home.settings)


def bring_up(home: Home, clock_ms: int, progress: Progress | None = None) -> None:
    """Record what changed in the settings, then fold what the views have not seen."""
    with closing(open_home(home)) as log:
        fold(log, home, recorded_rules(log, home, clock_ms), progress)


def recorded_rules(log: Log, home: Home, clock_ms: int, begun: SaidAhead | None = None) -> Rules:
    """What the settings say, after the log was told whatever of it was new.

    Where they are as the views know them, neither the settings nor the log need be read; else `begun` may have read
    them. Raises UsageError with all mistakes; then nothing was recorded.
    """
    known = _unchanged(log, home)
    if known is not None:
        return known
    rules, bodies = begun.result() if begun else said(home.settings)
    before = recorded.standing(_said(log, None))
    new = recorded.changes(before, recorded.facts_of(rules, bodies), clock_ms)
    if new:
        log.append(new)
    return rules


def _unchanged(log: Log, home: Home) -> Rules | None:
    """The rules that the views were made with, if the settings are still those."""
    seen = _seen(home.views)
    if seen is None or seen.settings != freshness.settings_text(home, os.environ):
        return None
    if log.hash_at(seen.position) != seen.log:  # another log, which may never have heard of them
        return None
    return msgspec.convert(seen.rules, Rules)


def _seen(path: Path) -> freshness.Seen | None:
    views = freshness.open_readonly(path)
    if views is None:
        return None
    with closing(views):
        return freshness.seen(views)


def fold(log: Log, home: Home, rules: Rules, progress: Progress | None = None) -> None:
    """Bring the views up to the head of the log, and note beside them what they were made from.

    Views of another log (a restored one, another database) are thrown away first.
    """
    seen = _seen(home.views)
    if seen is not None and _is_fresh(seen, home, log.hash_at(log.head()), freshness.code_mark()):
        return
    from projections import base  # noqa: PLC0415  60 ms that a sync without news does without

    if seen is not None and log.hash_at(seen.position) != seen.log:
        home.views.unlink(missing_ok=True)
    base.catch_up(log, home.views, rules, progress=progress)
    note_seen(log, home, rules)


def is_fresh(home: Home, head: str, code: str) -> bool:
    """Whether there is nothing to fold. `head`: the hash of the log's last event, "" of an empty one; `code`: the mark.

    Of one owner of many, whoever asks for all reads those two once.
    """
    seen = _seen(home.views)
    return seen is not None and _is_fresh(seen, home, head, code)


def _is_fresh(seen: freshness.Seen, home: Home, head: str, code: str) -> bool:
    """Whether the views hold all that the log holds, by the settings as they are."""
    return (seen.settings, seen.code, seen.log) == (freshness.settings_text(home, os.environ), code, head)


def note_seen(log: Log, home: Home, rules: Rules) -> None:
    with closing(sqlite3.connect(home.views)) as views:
        position = views.execute("SELECT min(position) FROM checkpoint").fetchone()[0] or 0
    freshness.write_seen(home.views, *_made_from(log, home, rules, position))


def _made_from(log: Log, home: Home, rules: Rules, position: int) -> tuple[str, str, str]:
    """What `freshness.notes` notes of views that are at a position."""
    return freshness.settings_text(home, os.environ), msgspec.json.encode(rules).decode(), log.hash_at(position)


def decide(home: Home, payload: Payload, stream: bytes, happened_ms: int, clock_ms: int) -> int:
    """Append one decision and fold it; the position at which it stands."""
    with closing(open_home(home)) as log:
        rules = recorded_rules(log, home, clock_ms)
        position = log.append([NewEvent(stream, None, happened_ms, payload)]).last_position
        fold(log, home, rules)
    return position


@contextmanager
def earlier_views(home: Home, as_of_ms: int, known_at: int | None, known_at_ms: int | None) -> Iterator[Path]:
    """Views as they would have been, in a private folder that goes away: for `--known-at`, and before later decisions.

    Older settings come back with `--known-at` only. A time is turned into the last position recorded by then.
    """
    from projections import base  # noqa: PLC0415  as in `fold`

    settings = settings_of(home)
    with closing(open_home(home)) as log, tempfile.TemporaryDirectory(prefix="amity-") as folder:
        rules, position = settings.rules(), known_at
        if known_at_ms is not None:
            position = log.position_at(known_at_ms)
        if position is not None:
            if position > log.head():
                raise UsageError(
                    f"The log ends at position {log.head()}: --known-at {position} lies behind it."
                )
            rules = recorded.rules_of(recorded.standing(_said(log, position)))
        views = Path(folder) / "views.db"
        base.catch_up(log, views, rules, as_of_ms=as_of_ms, known_at=position)
        freshness.write_seen(views, "", msgspec.json.encode(rules).decode(), "")
        yield views


def rules_at(log: Log, recorded_ms: int) -> Rules | None:
    """The settings as they had been recorded by an instant; None where none had."""
    facts = recorded.standing(_said(log, log.position_at(recorded_ms)))
    return recorded.rules_of(facts) if facts else None


def _said(log: Log, until: int | None) -> Iterator[Payload]:
    for page in log.read(until=until):
        for event in page:
            if event.type in recorded.SETTINGS:
                yield codec.decode(event.type, event.data)


def rebuild(home: Home, clock_ms: int, name: str | None, progress: Progress | None = None) -> dict[str, Any]:
    """Build all views anew. Raises UsageError where `name` is the name of none."""
    from projections import base  # noqa: PLC0415  as in `fold`
    from projections.projection import discover  # noqa: PLC0415  likewise

    names = [one.name for one in discover()]
    if name is not None and name not in names:
        raise UsageError(f'There is no view "{name}"; there are: {", ".join(names)}.')
    started = time.monotonic()
    with closing(open_home(home)) as log:
        rules = recorded_rules(log, home, clock_ms)
        base.rebuild(log, home.views, rules, progress=progress)
        note_seen(log, home, rules)
        return {"events": log.head(), "projections": names, "seconds": round(time.monotonic() - started, 3)}


@contextmanager
def _meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Have something done by another thread, and wait for it at the end."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def import_files(
    home: Home,
    paths: list[Path],
    clock_ms: int,
    late: Late,
    *,
    ahead: Ahead | None = None,
    settings: SaidAhead | None = None,
) -> dict[str, Any]:
    """Read files into the log and bring the views up to date: the document of `amity import`.

    `ahead`: what `connectors.base.read_ahead` began of the first path; `settings`: what reads those of the home.
    """
    from connectors.base import import_paths  # noqa: PLC0415  a decision does without the readers of files
    from projections import base  # noqa: PLC0415  as in `fold`

    with closing(open_home(home)) as log:
        rules = recorded_rules(log, home, clock_ms, settings)
        try:
            if home.views.exists():
                result = import_paths(paths, log, progress=late.importing, ahead=ahead)
                fold(log, home, rules, late.folding)
            else:  # the views are built while the files are read: nobody has to wait for both
                with base.Following(log, home.views, rules) as views:
                    result = import_paths(paths, log, progress=late.importing, ahead=ahead, stored=views.step)
                    with _meanwhile(log.tidy) if log.head() < _SHORT else nullcontext():
                        views.finish(late.folding, lambda head: freshness.notes(*_made_from(log, home, rules, head)))
        except Exception:  # what was stored before an error is stored: the views must show it
            fold(log, home, rules, late.folding)
            raise  # whoever stops an import does not want to wait: the next question folds
    return {
        "seen": result.seen, "stored": result.stored, "duplicates": result.duplicates,
        "skipped": dict(sorted(result.skipped.items())),
        "problems": [{"where": one.where, "why": one.why} for one in result.problems],
    }  # fmt: skip
