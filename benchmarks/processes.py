"""Processor time, as Linux counts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_OWN, _ENDED = slice(11, 13), slice(13, 15)  # in /proc/PID/stat, behind the name: its own, and of ended children


def seconds(pid: int) -> float:
    """Of a process and all below it, those included that it has seen end; 0 where there is none."""
    fields = _fields(pid)
    return _sum(fields, _OWN) + _sum(fields, _ENDED) + sum(map(seconds, _children(pid)))


def _sum(fields: list[str], which: slice) -> float:
    return sum(map(int, fields[which])) / _TICK


def _children(parent: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _fields(int(entry.name))[1:2] == [str(parent)]:
            yield int(entry.name)


def _fields(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
