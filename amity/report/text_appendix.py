"""The appendix of the text report: the same numbers at length, each section skippable."""

from __future__ import annotations

from typing import Any

from amity.queries import caring
from amity.report import week
from amity.report.obligations import ledger
from amity.report.words import tenths
from amity.terminal import cut, safe, table, wrap

WIDTH = 80


def lines(report: dict[str, Any]) -> list[str]:
    """All sections, each with its title; an empty one is one line."""
    sections = (
        ("Goal by person (hours)", _matrix(report)),
        ("People (hours)", _people(report)),
        ("Due and overdue", _due(report)),
        ("Budgets and value", _budgets(report)),
        ("Asked once: what is this time for?", week.question_lines(report)),
        ("Give and take", _care(report)),
        ("Requests", [f" {line}" for line in ledger(report)]),
        ("Meetings", _meetings(report)),
        ("Your week", week.load_lines(report)),
        (
            "New people",
            [f" {safe(one['person']['name'])}: {one['how']}, {one['at'][:10]}" for one in _of(report, "new_people")],
        ),
        ("Since last week's report", _restated(report)),
        (
            "Not counted",
            [
                f" {one['items']:>6} {safe(one['reason']):<24} {one['minutes'] / 60:>7.1f} h"
                for one in report["uncounted"]
            ],
        ),
        ("Data", _sources(report)),
    )
    found: list[str] = []
    for number, (title, body) in enumerate(sections, 1):
        found += [f"{number} {title}", *(cut(line, WIDTH) for line in body or [" nothing"]), ""]
    return found[:-1]


def _of(report: dict[str, Any], name: str) -> Any:
    return report["appendix"][name]


def _matrix(report: dict[str, Any]) -> list[str]:
    rows = _of(report, "goal_by_person")
    goals = sorted({goal for row in rows for goal in row["goals"]})[:6]
    body = [
        [
            row["person"]["name"],
            *(f"{row['goals'][goal] / 60:.1f}" if goal in row["goals"] else "" for goal in goals),
        ]
        for row in rows
    ]
    return table(["", *goals], body, range(1, len(goals) + 1), WIDTH) if rows else []


def _people(report: dict[str, Any]) -> list[str]:
    rows, top = report["people"], 15
    body = [_person(row["person"]["name"], row) for row in rows[:top]]
    if rows[top:]:
        rest = {part: sum(row[part] for row in rows[top:]) for part in ("minutes", "meeting_minutes", "mail_minutes")}
        body.append(_person(f"{len(rows) - top} others", rest))
    whole = {part: sum(row[part] for row in rows) for part in ("minutes", "meeting_minutes", "mail_minutes")}
    return table(["", "hours", "meetings", "mail"], [*body, _person("total", whole)], (1, 2, 3), WIDTH) if rows else []


def _person(name: str, row: dict[str, Any]) -> list[str]:
    return [name, *(f"{row[part] / 60:.2f}" for part in ("minutes", "meeting_minutes", "mail_minutes"))]


def _due(report: dict[str, Any]) -> list[str]:
    rows, rest = _of(report, "due"), _of(report, "due_more")
    body = [
        [
            one["person"]["name"],
            one["state"],
            f"{one['elapsed_days']:.0f} d",
            f"{one['usual_days']:.0f} d",
            f"{one['ratio']:.1f}",
        ]
        for one in rows
    ]
    head = ["", "state", "since", "usual", "ratio"]
    lines = table(head, body, (2, 3, 4), WIDTH) if rows else []
    lines += [" one of them is fine as it is: `amity fine neglected NAME`"] if rows else []
    return lines + ([f" and {rest:,} more: `amity neglected`"] if rest else [])


def _budgets(report: dict[str, Any]) -> list[str]:
    rows = _of(report, "budgets")[:20]
    body = [
        [one["person"]["name"], one["state"], f"{one['minutes'] / 60:.1f}", _limit(one),
         f"{one['time_share']:.0%}", f"{one['value_share']:.0%}"]
        for one in rows
    ]  # fmt: skip
    return table(["", "state", "4 wks", "max", "time", "value"], body, (2, 3, 4, 5), WIDTH) if rows else []


def _limit(one: dict[str, Any]) -> str:
    return "" if one["max_minutes"] is None else f"{one['max_minutes'] / 60:.1f}"


def _care(report: dict[str, Any]) -> list[str]:
    lists = (
        ("cares about you", report["care"]),
        ("you give less than you get", report["owe"]),
        ("cares, and is seldom answered", _of(report, "quiet")),
    )
    told = [f"{title}: {one['person']['name']}: {one['why']}" for title, rows in lists for one in rows[:8]]
    told += [one["why"] for one in _of(report, "chasing")[:8]]
    lines = [line for sentence in told for line in _broken(safe(sentence))]
    share = _broken(f"time for those who care: {caring.sentence(_of(report, 'care_share'))}") if report["care"] else []
    return share + lines


def _meetings(report: dict[str, Any]) -> list[str]:
    found = _of(report, "meetings")
    if not found["meetings"]:
        return []
    whole, (one, small, large) = tenths([found[size] for size in ("alone_with_one", "small", "large")])
    sizes = f"with one {one:.1f}, 2 to 8 others {small:.1f}, more {large:.1f}"
    return [
        f" {found['meetings']:.0f} meetings, {whole:.1f} h: {sizes}",
        f" recurring {found['recurring'] / 60:.1f} h · double-booked {found['conflict'] / 60:.1f} h",
    ]


def _restated(report: dict[str, Any]) -> list[str]:
    return [
        f" {one['week']} {safe(one['goal'])} {one['before_minutes'] / 60:.1f} → {one['after_minutes'] / 60:.1f} h"
        for one in report["restated"]
    ]


def _sources(report: dict[str, Any]) -> list[str]:
    sentences = [*report["notes"], *(_source(one) for one in report["sources"])]
    return [line for one in sentences for line in _broken(safe(one))]


def _broken(sentence: str) -> list[str]:
    """A sentence at full length, on as many lines as it takes: what is wrong is never cut off."""
    first, *rest = wrap(sentence.split(), WIDTH - 3, " ") or [""]
    return [f" {first}", *(f"   {line}" for line in rest)]


def _source(one: dict[str, Any]) -> str:
    failed = ""
    if one["error"]:
        since = f"known until {_minute(one['last_success'])}" if one["last_success"] else "never read to its end"
        failed = f", failed ({since}): {one['error']}"
    return f"{one['source']}: read {_minute(one['last'])}, {one['seen']:,} seen, {one['problems']} problems{failed}"


def _minute(moment: str) -> str:
    return moment[:16].replace("T", " ")
