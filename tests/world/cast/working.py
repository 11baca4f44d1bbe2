"""Where the hours go: goals and those who share them, budgets kept and broken, an incident, blocks of one's own."""

from __future__ import annotations

from datetime import timedelta

from tests.world.plot import Plot
from tests.world.stage import DAYS
from tests.world.values import Block, Guest, Who

WEEKS = DAYS // 7


def plant(plot: Plot) -> None:
    _goals(plot)
    _budgets(plot)
    _value(plot)
    _bursts(plot)
    _blocks(plot)
    _crowds(plot)


def _weekly(plot: Plot, slot: tuple[int, int], minutes: int, title: str, guests: list[Who], *, every: int = 1) -> None:
    """A series from the beginning, a few occurrences moved or dropped, none in days away. `slot`: weekday, hour."""
    day, hour = slot
    start = plot.on(plot.monday(WEEKS) + timedelta(days=day), hour)
    rule = "FREQ=WEEKLY" if every == 1 else f"FREQ=WEEKLY;INTERVAL={every}"
    series = plot.meet(start, minutes, title, guests, rule=rule)
    for number in range(0, WEEKS + 1, every):
        moment = plot.on(start.date() + timedelta(weeks=number), hour)
        luck = plot.chance.random()
        if plot.is_away(moment) or luck < 0.04:
            series.dropped.append(moment)
        elif luck < 0.08 and moment < plot.end - timedelta(days=60):
            series.moved[moment] = moment + timedelta(hours=plot.chance.choice((1, 2, 24)))


def _goals(plot: Plot) -> None:
    """Three goals with their people: weekly work together, talks begun by either side."""
    chance = plot.chance
    weights = chance.choice(((0.5, 0.3, 0.2), (0.4, 0.4, 0.2), (0.6, 0.25, 0.15)))
    names = chance.sample(("launch", "fundraise", "hiring", "platform", "thesis", "clinic"), 3)
    day = 0
    for slug, weight in zip(names, weights, strict=True):
        people = plot.several("collaborator", 2, 3, domain="corp-owner.example" if chance.random() < 0.5 else "")
        parts = [round(1 / len(people), 2)] * len(people)
        plot.goals[slug] = {
            "weight": weight,
            "weekly": f"{round(weight * 16)}h",
            "match": [slug],
            "people": dict(zip([who.address for who in people], parts, strict=True)),
            "public": slug == names[0],
        }
        _weekly(plot, (day % 5, 10 + day % 3), 60, f"{slug.title()} sync", people)
        for who in people:
            _weekly(plot, ((day + 1) % 5, 13 + day % 3), 45, f"{slug.title()} {who.name.split()[0]}", [who],
                    every=chance.choice((1, 2)))  # fmt: skip
            day += 1
            for week in range(WEEKS, -1, -1):
                moment = plot.on(plot.monday(week) + timedelta(days=chance.randrange(5)), chance.randint(9, 15))
                if moment < plot.end - timedelta(days=1) and not plot.is_away(moment) and chance.random() < 0.8:
                    plot.exchange(moment, who, theirs=chance.random() < 0.5, turns=chance.choice((2, 4, 5)),
                                  subject=f"{slug.title()} {plot.subject(who, work=True)}")  # fmt: skip
            plot.expect_always("neglected", who, verdict=False, archetype="collaborator")
            plot.expect_always("over", who, verdict=False, archetype="collaborator")


def _often(plot: Plot, who: Who, hours: float, weeks: int, title: str, *, until: int = 0) -> None:
    """So many hours in each of the last weeks, alone with them; a week is seven days here, and none is spent away."""
    for week in range(until, until + weeks):
        parts = -int(-hours // 2)
        for part in range(parts):
            moment = plot.slot(7 * week + 0.5 + part * 6 / parts)
            if moment is not None:
                plot.meet(moment, round(60 * hours / parts), title, [who])


def _budgets(plot: Plot) -> None:
    chance = plot.chance
    for who in plot.several("over-budget", 1, 2):
        plot.wishes[who.address] = {"max": "1h/week"}
        _often(plot, who, chance.uniform(2.6, 4), 5, "One more thing")
        plot.expect("over", who, verdict=True, archetype="over-budget")
        plot.expect("over", who, verdict=False, archetype="over-budget", at=plot.truth.dates[1])
    for who in plot.several("in-budget", 1, 2):
        plot.wishes[who.address] = {"max": "4h/week"}
        _often(plot, who, chance.uniform(0.4, 0.6), 10, "Regular call")
        plot.expect("over", who, verdict=False, archetype="in-budget")
    spike = plot.who("one-big-week")
    plot.wishes[spike.address] = {"max": "2h/week"}
    _often(plot, spike, 6, 1, "Move", until=1)
    plot.expect("over", spike, verdict=False, archetype="one-big-week")


def _value(plot: Plot) -> None:
    """Many hours beside no value; those who are protected, and those nobody has said anything of."""
    chance = plot.chance
    for who in plot.several("over-value", 1, 2):
        plot.tiers.setdefault("business", {"every": "26w", "members": []})["members"].append(who.address)  # type: ignore[attr-defined]
        _often(plot, who, chance.uniform(4.5, 6), 6, "Sparring")
        plot.expect("over", who, verdict=True, archetype="over-value")
        plot.expect("over", who, verdict=False, archetype="over-value", at=plot.truth.dates[1])
    protected = plot.who("protected", domain="family.example")
    plot.wishes[protected.address] = {"protected": True}
    _often(plot, protected, 6, 30, "Physio with father")
    plot.expect_always("over", protected, verdict=False, archetype="protected")
    boss = plot.who("unconfigured-boss", domain="corp-owner.example")
    _often(plot, boss, 3, 40, "Weekly")
    plot.expect_always("over", boss, verdict=False, archetype="unconfigured-boss")


def _bursts(plot: Plot) -> None:
    """An incident and a hiring loop of two weeks each."""
    chance = plot.chance
    until = chance.choice((0, 0, 1, 2))
    for who in plot.several("incident", 1, 3):
        _often(plot, who, chance.uniform(4, 7), 2, "Incident call", until=until)
        plot.expect_always("over", who, verdict=False, archetype="incident")
        plot.expect("neglected", who, verdict=False, archetype="incident")
    slug = next(iter(plot.goals))
    key = plot.truth.cast["collaborator"][0]
    who = next(one for one in plot.people if one.address == key)
    _often(plot, who, 4, 2, f"{slug.title()} interview loop", until=until)


def _blocks(plot: Plot) -> None:
    """A goal fed by time alone: two hours every Wednesday, one of them displaced once."""
    plot.goals["growth"] = {"solo": True, "weekly": "4h", "match": ["deep work"]}
    title = plot.chance.choice(("Deep work", "Deep work: course", "DEEP WORK (please do not book)"))
    start = plot.on(plot.monday(WEEKS) + timedelta(days=2), 7)
    plot.meet(start, 120, title, [], rule="FREQ=WEEKLY;BYDAY=WE")
    guest = plot.who("displacer")
    week = plot.monday(5)
    moment = plot.on(week + timedelta(days=2), 8)
    plot.meet(moment, 60, "Urgent question", [guest], organizer=guest)
    if not plot.is_away(moment):
        plot.truth.blocks.append(Block("growth", f"{moment:%G-W%V}", 60.0, {guest.address: 60.0}))


def _crowds(plot: Plot) -> None:
    """All-hands, a room, somebody who never answers invitations, what is declined, what is only maybe."""
    crowd = [Guest(f"colleague{number:02d}@corp-owner.example", f"Colleague {number:02d}") for number in range(30)]
    day = plot.monday(WEEKS) + timedelta(days=3)
    plot.meet(plot.on(day, 9), 60, "All hands", crowd, rule="FREQ=WEEKLY;INTERVAL=2")
    plot.truth.cast["all-hands"] = [guest.address for guest in crowd]
    room = Guest("room-blue@corp-owner.example", "Room Blue", "ACCEPTED", "ROOM")
    plot.truth.cast["room"] = [room.address]
    vendor = plot.who("vendor")
    for weeks in range(2, 30, 4):
        moment = plot.on(plot.monday(weeks) + timedelta(days=4), 11)
        plot.meet(moment, 30, "Product pitch", [vendor, room], mine="DECLINED", organizer=vendor)
        plot.meet(moment + timedelta(hours=1), 60, "Panel, perhaps", [vendor, room], mine="TENTATIVE", organizer=vendor)
    plot.expect_always("over", vendor, verdict=False, archetype="vendor")
