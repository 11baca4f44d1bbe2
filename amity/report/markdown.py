"""The report as Markdown: tables, with everything untrusted escaped."""

from __future__ import annotations

import re
from typing import Any

from amity.queries import caring
from amity.report.obligations import lately, sentence, waiting_on, you_owe
from amity.report.week import load_sentences
from amity.report.words import period_title
from amity.terminal import hours, safe

LISTED = 10  # requests at length
PARTS = (("meetings", "meeting"), ("mail", "mail"), ("solo", "solo"))
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$-])")


def plain(text: str) -> str:
    """Untrusted text that Markdown shows as it is: no link, no image, no HTML."""
    return _SPECIAL.sub(r"\\\1", safe(text))


def render(report: dict[str, Any]) -> str:
    """The whole document, ending in a line feed."""
    totals = report["totals"]
    parts = [f"{part} {hours(totals[f'{key}_minutes'])}" for part, key in PARTS]
    lines = [
        f"# {period_title(report['period'])}",
        "",
        f"{hours(totals['clock_minutes'])} tracked = {' + '.join(parts)}",
        "",
        *(f"> {plain(note)}" for note in report["notes"]),
        "",
        "## Goals",
        "",
        *_table(
            ["goal", "actual", "target"],
            [[plain(one["goal"]), hours(one["minutes"]), _target(one)] for one in report["goals"]],
        ),
        "",
        "## People",
        "",
        *_table(
            ["person", "hours"],
            [[plain(one["person"]["name"]), hours(one["minutes"])] for one in report["people"][:20]],
        ),
        "",
    ]
    for title, rows in (
        ("Neglected", report["neglected"]),
        ("Over-invested", report["over_invested"]),
        ("Care about you", report["care"]),
        ("You give less than you get", report["owe"]),
        ("Care, and are seldom answered", report["appendix"]["quiet"]),
    ):
        lines += [
            f"## {title}",
            "",
            *([f"- {plain(one['person']['name'])}: {plain(one['why'])}" for one in rows] or ["- nobody"]),
            "",
        ]
    lines += [f"Time for those who care: {plain(caring.sentence(report['appendix']['care_share']))}", ""]
    for title, key, parts in (
        ("You owe", "inbox", you_owe(report)),
        ("Waiting on", "waiting", waiting_on(report)),
    ):
        rows = lately(report, key)[:LISTED]
        entries = [f"- {plain(one['person']['name'])}: {plain(sentence(one))}" for one in rows]
        lines += [f"## {title}", "", plain(" · ".join(parts)), "", *([*entries, ""] if entries else [])]
    lines += [
        "## Moves",
        "",
        *([f"{i}. {plain(one['move'])}" for i, one in enumerate(report["moves"], 1)] or ["Nothing is flagged."]),
        "",
    ]
    lines += ["## Your week", "", *(f"- {plain(one)}" for one in load_sentences(report) or ["nothing"]), ""]
    for one in report["questions"]:
        choices = [f"    {safe(choice)}" for choice in one["choices"]]
        lines += [f"What is this time for? {plain(one['person']['name'])}: {plain(one['why'])}", "", *choices, ""]
    rows = [[plain(one["reason"]), str(one["items"]), hours(one["minutes"])] for one in report["uncounted"]]
    return "\n".join([*lines, "## Not counted", "", *_table(["reason", "items", "would have been"], rows), ""])


def _target(one: dict[str, Any]) -> str:
    return "" if one["target_minutes"] is None else hours(one["target_minutes"])


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
