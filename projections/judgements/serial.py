"""Dated notices in a series: whoever sends "Cleaning log 12/06/2026" every other week begins no conversation by it."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable

from projections.intervals import DAY_MS
from projections.judgements.exchanges import FEW, MAIL_DAYS
from projections.subjects import bare

SERIES = 4  # (ours) notices under one subject but for the date
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec|januar|februar|märz|mai|juni|juli|oktober|dezember|"
    "janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|"
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|"
    "janeiro|fevereiro|março|maio|junho|julho|setembro|outubro|novembro|dezembro|"
    "gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre"
)
_DATE = re.compile(
    r"\d{1,4}[./-]\d{1,2}(?:[./-]\d{2,4})?|\d{4}年|\d{1,2}月(?:\d{1,2}日)?"
    rf"|\b(?:{_MONTHS})\b\.?,? (?:de )?\d{{1,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th|\.)? (?:de |of )?(?:{_MONTHS})\b"
    r"|\b(?:week|kw|woche|semaine|semana|settimana|vecka|uke|uge)\W?\d+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+")
# What begins something, asks nothing in words and was never answered.
_BEGUN = f"""
SELECT t.person, m.subject FROM touch t JOIN message m ON m.id = t.item
WHERE t.person IN (SELECT value FROM json_each(:only)) AND t.at_ms > :since AND t.at_ms <= :as_of AND t.kind = 'in'
AND t.opened = 'theirs' AND t.n <= {FEW} AND NOT m.asks AND coalesce(t.answered_ms > :as_of, 1)"""


def series_of(subject: str) -> str:
    """The subject without its date and other numbers; "" where there is no date in it."""
    plain = bare(subject)[0]
    left = _DATE.sub(" ", plain)
    return "" if left == plain else " ".join(_NUMBER.sub(" ", left).split())


def read_serial(conn: sqlite3.Connection, as_of_ms: int, only: Iterable[int]) -> dict[int, int]:
    """By person: how many of their beginnings of the last two years were notices of a series, where any was."""
    about = {"as_of": as_of_ms, "since": as_of_ms - round(MAIL_DAYS * DAY_MS), "only": json.dumps(sorted(only))}
    found: Counter[tuple[int, str]] = Counter()
    for person, subject in conn.execute(_BEGUN, about):
        if name := series_of(subject):
            found[person, name] += 1
    counted: dict[int, int] = {}
    for (person, _), times in found.items():
        if times >= SERIES:
            counted[person] = counted.get(person, 0) + times
    return counted
