"""Files of contacts as comma-separated values: one item a row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from connectors.contacts import contact_event
from connectors.contacts_csv import observed, rows, table_of
from connectors.files.streams import rejoined
from connectors.items import Item, Problem, Skipped

HEAD_BYTES = 32 << 10  # holds any header: Outlook's 90 translated columns take 2 kB
LINE_CHARS = 1 << 20


def read(stream: BinaryIO, *, source: str, where: str, folder: str = "") -> Iterator[Item]:  # noqa: ARG001  readers have one shape
    """One item a row below the header; one problem where there is no header of contacts."""
    head = stream.read(HEAD_BYTES)
    table = table_of(head)
    if table is None:
        yield Problem(
            f"{where}:1", "the first row names no columns of contacts, such as a name and an e-mail address"
        )
        return
    text = io.TextIOWrapper(rejoined(head, stream), table.encoding, errors="replace", newline="")
    for row in islice(rows(iter(lambda: text.readline(LINE_CHARS), ""), table.delimiter), 1, None):
        place = f"{where}:{row.line}"
        if row.cells is None:
            yield Problem(
                place, "this row cannot be read: a quote is not closed, or a cell is longer than 128 kB"
            )
            continue
        card = observed(row.cells, table, source=source, where=place)
        yield contact_event(card) if card else Skipped("empty_contact")
