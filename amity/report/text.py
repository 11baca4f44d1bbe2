"""The report as text: one screen of 80 columns and 40 lines before the line APPENDIX, every sum reconciling."""

from __future__ import annotations

from typing import Any

from amity.report import text_appendix
from amity.report.obligations import waiting_on, you_owe
from amity.report.words import moment_words, period_title, tenths
from amity.terminal import bar, cells, cut, pad, safe, wrap
from projections.overinvestment import OVER_BUDGET

WIDTH, LINES = 80, 40
GOALS_MAX = 8
BAR = 16
NAMED = 3  # names in one line
FULL_SCALE = 10  # a goal above ten times its target is drawn as that


def render(report: dict[str, Any]) -> str:
    """The whole text, ending in a line feed."""
    sections = (_head(report), _goals(report), _people(report), _moves(report), _not_counted(report))
    screen = [cut(line, WIDTH) for section in sections for line in [*section, ""]][:-1]
    if len(screen) >= LINES:  # blank lines give way first
        screen = [line for line in screen if line][: LINES - 1]
    return "\n".join([*screen, "", "APPENDIX", *text_appendix.lines(report), ""])


def _head(report: dict[str, Any]) -> list[str]:
    period, verdict, totals = report["period"], report["verdict"], report["totals"]
    until = f"data to {moment_words(report['data_until'], period)}" if report["data_until"] else "no data"
    days = f"{period['available_days']} of {period['work_days']} days"
    title = " · ".join([period_title(period), safe(period["timezone"]), days])
    gap = WIDTH - cells(title) - cells(until)
    lines = [title + " " * gap + until] if gap > 1 else [title, until]
    whole, (meetings, mail, solo) = tenths([totals[f"{part}_minutes"] for part in ("meeting", "mail", "solo")])
    alone = f" + solo {solo:.1f}" if totals["solo_minutes"] else ""
    people = f"people {meetings + mail:.1f} (meetings {meetings:.1f} · mail {mail:.1f})"
    shares = [f"{whole:.1f} h tracked = {people}{alone}", *_shares(verdict)]
    notes = [line for note in report["notes"][:2] for line in wrap(safe(note).split(" "), WIDTH, " ")]
    return [*lines, *wrap(shares, WIDTH, "   "), *notes]


def _shares(verdict: dict[str, Any]) -> list[str]:
    shares = []
    if verdict["average_minutes"] is not None:
        shares.append(f"4-wk avg {verdict['average_minutes'] / 60:.1f}")
    if verdict["on_goals"] is not None:
        before = "" if verdict["on_goals_average"] is None else f" (4-wk {verdict['on_goals_average']:.0%})"
        shares.append(f"On goals {verdict['on_goals']:.0%}{before}")
    if verdict["plan_fit"] is not None:
        shares.append(f"plan fit {verdict['plan_fit']:.2f}")
    if verdict["reactive"] is not None:
        shares.append(f"started by others & off-goal {verdict['reactive']:.0%}")
    return shares


def _goals(report: dict[str, Any]) -> list[str]:
    *named, rest = report["goals"]
    shown = named if len(named) <= GOALS_MAX else named[: GOALS_MAX - 1]
    rows = list(shown)
    if hidden := named[len(shown) :]:
        minutes = sum(one["minutes"] for one in hidden)
        rows.append(rest | {"goal": f"{len(hidden)} others", "minutes": minutes, "average_minutes": None})
    rows.append(rest)
    _, hours = tenths([one["minutes"] for one in rows])
    touch = "key people in touch" if any(one.get("key_people") for one in named) else ""
    head = f"{'GOAL':<14}{'actual':>7}  {'target':<7}{'':<{BAR + 6}}{'4wk':>4}  {touch}".rstrip()
    return [head, *(line for one, spent in zip(rows, hours, strict=True) for line in _goal(one, spent))]


def _goal(one: dict[str, Any], spent: float) -> list[str]:
    target = one["target_minutes"]
    drawn = wanted = ""
    if target:
        share = one["minutes"] / target
        percent = f"{share:.0%}" if share < FULL_SCALE else ">999%"
        filled = bar(share, BAR)
        drawn, wanted = filled + percent.rjust(BAR + 5 - len(filled)), f"{target / 60:.3g} h"
    name = one["goal"] + (" (you)" if one.get("solo") else "")
    usual = "" if one["average_minutes"] is None else f"{one['average_minutes'] / 60:.1f}"
    touch = f"{one['in_touch']} of {one['key_people']}" if one.get("key_people") else ""
    lost = ", ".join(safe(name.split(" ")[0]) for name in one.get("out_of_touch", ())[:2])
    beside = f"{touch} ← {lost}" if lost else touch
    line = f"{pad(safe(name), 14)}{spent:>5.1f} h  {wanted:<7}{drawn:<{BAR + 5}} {usual:>4}  {beside}".rstrip()
    if not one.get("displaced_minutes"):
        return [line]
    by = ", ".join(f"{_name(who)} {who['minutes'] / 60:.1f}" for who in one["displaced_by"][:3])
    return [line, f"{'':<14}displaced {one['displaced_minutes'] / 60:.1f} h: {by}"]


def _name(one: dict[str, Any]) -> str:
    return safe(one["person"]["name"] or one["person"]["id"])


def _people(report: dict[str, Any]) -> list[str]:
    return [*_neglected(report), *_over(report), *_obligations(report), *_give_and_take(report)]


def _obligations(report: dict[str, Any]) -> list[str]:
    return [line for parts in (you_owe(report), waiting_on(report)) for line in wrap(parts, WIDTH)]


def _neglected(report: dict[str, Any]) -> list[str]:
    rows = report["neglected"]
    head = "NEGLECTED              usual                now       why it matters"
    lines = [head if rows else "NEGLECTED   nobody new this week"]
    for one in rows:
        usual = f"every {one['usual_days']:.0f} d" + (" (you said)" if one["explicit"] else "")
        now = f"{one['elapsed_days']:.0f} d ago"
        lines.append(f" {pad(_name(one), 21)} {usual:<20} {now:<9} {safe(', '.join(one['key_to'])) or 'no goal'}")
    told = report["told"]
    lines += _named(" told last week, not much longer", told["neglected"], told["neglected_more"])
    told_above = {one["person"]["id"] for one in (*rows, *told["neglected"])}
    return lines + _named(
        " quieter than usual", [one for one in report["quieter"] if one["person"]["id"] not in told_above]
    )


def _named(title: str, rows: list[dict[str, Any]], beyond: int = 0) -> list[str]:
    rest = len(rows) + beyond - NAMED
    more = f" and {rest} more" if rest > 0 else ""
    return [f"{title}: {', '.join(_name(one) for one in rows[:NAMED])}{more}"] if rows else []


def _over(report: dict[str, Any]) -> list[str]:
    rows = report["over_invested"]
    lines = ["OVER-INVESTED" if rows else "OVER-INVESTED   nobody new this week"]
    for one in rows:
        goals = safe(", ".join(one["key_to"]) or "key to no goal")
        lines.append(f" {pad(_name(one), 21)} {_spent(one)} in 4 wks, {one['weeks']} of 4 over; {goals}")
    told = [f"{_name(one)} {_spent(one)}" for one in report["told"]["over_invested"][:2]]
    lines += [f" told last week, not much more: {', '.join(told)}"] if told else []
    ask = [f"{_name(one)} {one['minutes'] / 60:.1f} h" for one in report["to_decide"][:3]]
    more = len(report["to_decide"]) - len(ask)
    if ask:
        lines.append(f" to decide (no goal, no budget): {', '.join(ask)}" + (f" and {more} more" if more else ""))
    return lines


def _spent(one: dict[str, Any]) -> str:
    """Beside the budget where it is broken, else as a share of time beside a share of value."""
    if one["max_minutes"] and one["ratio"] > OVER_BUDGET:
        return f"{one['minutes'] / 60:.1f} h of max {one['max_minutes'] / 60:.1f} ({one['ratio']:.1f}x)"
    return f"{one['minutes'] / 60:.1f} h, {one['time_share']:.0%} of time for {one['value_share']:.0%} of value"


def _give_and_take(report: dict[str, Any]) -> list[str]:
    parts = []
    for title, key in (("CARE ABOUT YOU", "care"), ("YOU GIVE LESS THAN YOU GET", "owe")):
        if names := ", ".join(_name(one) for one in report[key][:3]):
            parts.append(f"{title}  {names}")
    return wrap(parts, WIDTH)


def _moves(report: dict[str, Any]) -> list[str]:
    rows = [f"{number} {safe(one['move'])}" for number, one in enumerate(report["moves"], 1)]
    lines = wrap(rows or ["none: nothing is flagged"], WIDTH - 7, "   ")
    return [f"{'' if i else 'MOVES':<7}{line}" for i, line in enumerate(lines)]


def _not_counted(report: dict[str, Any]) -> list[str]:
    rows = report["uncounted"]
    uncertain = [one for one in rows if one["reason"].startswith("uncertain:")]
    parts = []
    if uncertain:
        whole, hours = tenths([one["minutes"] for one in uncertain])
        pairs = zip(uncertain, hours, strict=True)
        what = ", ".join(f"{one['items']} {one['reason'].removeprefix('uncertain:')} {part:.1f}" for one, part in pairs)
        parts.append(f"{whole:.1f} h uncertain ({safe(what)})")
    parts += [f"{one['items']} {safe(one['reason'].replace('_', ' '))}" for one in rows if one not in uncertain]
    lines = wrap(parts or ["nothing was left out"], WIDTH - 13)[:3]
    shown = [f"{'' if i else 'NOT COUNTED':<13}{line}" for i, line in enumerate(lines)]
    problems = sum(one["problems"] for one in report["sources"])
    unread = f" · {problems} unreadable" if problems else ""
    return [*shown, f"{'':<13}`amity uncounted` · every number: `amity explain NAME`{unread}"]
