"""A log as files, and back: one JSON document per line beside a manifest that says where the chain must end.

The same positions, times, payload bytes and hashes come back. Nothing of it is a secret of the machine: it is the
log itself, to be kept as carefully as the log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
from sqlalchemy import text

from events import chain
from events.chain import Head, Row
from events.errors import Damaged, UsageError
from events.log import BATCH, Log

MANIFEST = "manifest.json"
FORMAT = 1


class Line(msgspec.Struct, frozen=True):
    """One event in the file; the payload's bytes stand in it as they stand in the log."""

    owner: str
    position: int
    stream: str  # hexadecimal
    revision: int
    type: str
    happened_ms: int
    recorded_ms: int
    payload: msgspec.Raw
    hash: str  # hexadecimal


class Owner(msgspec.Struct, frozen=True):
    """Where one owner's chain ends."""

    owner: str
    events: int
    head: str
    recorded_ms: int


class Manifest(msgspec.Struct, frozen=True):
    """Written last: a folder without it is not an export."""

    format: int
    log: str  # the file's name
    owners: list[Owner]
    cursors: list[tuple[str, str, str, str]]  # owner, source, stream, cursor


_DECODER = msgspec.json.Decoder(Line)
_ENDS = text("SELECT owner, position, hash, recorded_ms FROM heads WHERE owner = :owner")
_CURSORS = text("SELECT * FROM cursors WHERE owner = :owner ORDER BY source, stream")
_RESTORED = text("INSERT INTO cursors VALUES (:owner, :source, :stream, :cursor)")


def export_log(log: Log, folder: Path) -> Manifest:
    """Write the owner's whole log into a folder; an earlier export there is replaced when the new one is complete.

    Raises Damaged where the chain is broken: a copy must not look whole when its original is not.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.reading() as connection:
        ends = connection.execute(_ENDS, {"owner": log.owner}).all()
        cursors = connection.execute(_CURSORS, {"owner": log.owner}).all()
    owners = [Owner(owner, position, digest.hex(), recorded) for owner, position, digest, recorded in ends]
    name = f"log-{'-'.join(owner.head[:12] for owner in owners) or 'empty'}.jsonl"
    lines = (line for owner in owners for line in _lines(log, owner))
    _write(folder / name, lines)
    manifest = Manifest(FORMAT, name, owners, [tuple(row) for row in cursors])
    _write(folder / MANIFEST, iter([msgspec.json.format(msgspec.json.encode(manifest))]))
    for old in folder.glob("log-*.jsonl"):
        if old.name != name:
            old.unlink()
    return manifest


def _lines(log: Log, owner: Owner) -> Iterator[bytes]:
    """The lines of one owner up to the manifest's head, each checked against the chain on its way out."""
    checked = chain.Checker(Head(owner.events, bytes.fromhex(owner.head), owner.recorded_ms))
    for row in log.rows(owner.events):
        if not checked.accepts(row):
            break
        _, position, stream, revision, wire, happened, recorded, payload, digest = row
        line = Line(
            owner.owner, position, stream.hex(), revision, wire.decode(), happened, recorded,
            msgspec.Raw(payload), digest.hex(),
        )  # fmt: skip
        yield msgspec.json.encode(line)
    if (bad := checked.first_bad()) is not None:
        raise Damaged(f"event {bad} of the log is not what was written: see `amity verify`; nothing was exported.")


def _write(path: Path, lines: Iterator[bytes]) -> None:
    """Whole or not at all: written beside, synced, renamed."""
    beside = path.with_name(f".{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        for line in lines:
            file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def restore_log(log: Log, folder: Path) -> Manifest:
    """Fill an empty log from an export, in one transaction: it is all there afterwards, or nothing is.

    An export of another owner becomes this one's: its events are chained anew, since the chain names the owner.
    Raises UsageError where the log is not empty or the folder holds no export, Damaged where the export is not what
    was written.
    """
    manifest = _manifest(folder)
    with log.writing() as connection:
        if connection.execute(_ENDS, {"owner": log.owner}).one_or_none():
            raise UsageError("the log is not empty: restore into an empty home.")
        start = {"owner": log.owner, "genesis": chain.GENESIS}
        connection.execute(text("INSERT INTO heads VALUES (:owner, 0, :genesis, 0)"), start)
        previous = chain.GENESIS
        for rows in _checked(folder / manifest.log, manifest):
            owned = rows if rows[0][0] == log.owner else chain.renamed(rows, log.owner, previous)
            previous = owned[-1][-1]
            log.store(connection, owned)
        for _, source, stream, cursor in manifest.cursors:
            connection.execute(_RESTORED, {"owner": log.owner, "source": source, "stream": stream, "cursor": cursor})
    return manifest


def _manifest(folder: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no export: there is no {MANIFEST} in it.") from None
    except msgspec.DecodeError as error:
        raise Damaged(f"{folder / MANIFEST} cannot be read ({error}): restore from another export.") from error
    if manifest.format != FORMAT:
        raise UsageError(f"{folder} was exported by a newer Amity (format {manifest.format}): update Amity first.")
    if len(manifest.owners) > 1:
        raise UsageError(f"{folder} holds the logs of several owners: export and restore one owner at a time.")
    return manifest


def _checked(path: Path, manifest: Manifest) -> Iterator[list[Row]]:
    """The rows of the file in batches, each proved to follow the one before it, up to the manifest's heads."""
    checkers = {
        owner.owner: chain.Checker(Head(owner.events, bytes.fromhex(owner.head))) for owner in manifest.owners
    }
    rows: list[Row] = []
    for number, line in enumerate(_lines_of(path), 1):
        row = _row(line, f"{path}, line {number}")
        name = row[0]
        stored = tuple(one.encode() if isinstance(one, str) else one for one in row)
        if name not in checkers or not checkers[name].accepts(stored):
            raise Damaged(f"{path}, line {number}: event {row[1]} is not what was written; nothing was restored.")
        if rows and (len(rows) == BATCH or rows[0][0] != name):
            yield rows
            rows = []
        rows.append(row)
    if rows:
        yield rows
    for name, checker in checkers.items():
        if (bad := checker.first_bad()) is not None:
            raise Damaged(f"{path} does not hold event {bad} of {name!r}; nothing was restored.")


def _lines_of(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from file
    except FileNotFoundError:
        raise Damaged(f"{path} is missing, which its {MANIFEST} names: restore from another export.") from None


def _row(line: bytes, where: str) -> Row:
    try:
        one = _DECODER.decode(line)
        return (
            one.owner, one.position, bytes.fromhex(one.stream), one.revision, one.type,
            one.happened_ms, one.recorded_ms, bytes(one.payload).decode(), bytes.fromhex(one.hash),
        )  # fmt: skip
    except ValueError as error:
        raise Damaged(f"{where} cannot be read ({error}); nothing was restored.") from error
