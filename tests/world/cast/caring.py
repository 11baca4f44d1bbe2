"""Who cares, who writes and is not answered, and whom the owner runs after."""

from __future__ import annotations

from datetime import timedelta

from tests.world.plot import Plot
from tests.world.values import Guest, Who


def plant(plot: Plot) -> None:
    _carers(plot)
    _one_sided(plot)
    _celebrities(plot)


def _days(plot: Plot, count: int, *, until: float = 4, since: float = 520) -> list[float]:
    """So many days, eight apart at least: each may begin a talk."""
    step = (since - until) / count
    return [until + step * number + plot.chance.uniform(0, max(0.0, step - 8)) for number in range(count)]


def _talks(plot: Plot, who: Who, days: list[float], *, theirs: float, answer: float, hours: tuple[float, float],
           mine: float = 1.0) -> None:  # fmt: skip
    """Talks of which they begin the share `theirs`; of the owner's they answer the share `answer`, of theirs the owner
    answers `mine`: shares that are met, not chances, so that what is planted is true of this world.
    """
    begun: list[bool] = [number < round(theirs * len(days)) for number in range(len(days))]
    plot.chance.shuffle(begun)
    counts = {True: 0, False: 0}
    for day, by_them in zip(sorted(days, reverse=True), begun, strict=True):
        share, number = (mine if by_them else answer), counts[by_them]
        counts[by_them] += 1
        answered = int((number + 1) * share + 1e-9) > int(number * share + 1e-9)
        soon = (0.4, 9.0) if by_them else hours
        plot.exchange(plot.at(day), who, theirs=by_them, turns=2 if answered else 1, hours=soon)


def _carers(plot: Plot) -> None:
    chance = plot.chance
    for who in plot.several("carer", 2, 4):
        _talks(plot, who, _days(plot, chance.randint(16, 30)), theirs=0.75, answer=1.0, hours=(0.1, 0.8))
        plot.expect("care", who, verdict=True, archetype="carer")
        plot.expect("chasing", who, verdict=False, archetype="carer")
        plot.expect("quiet-carer", who, verdict=False, archetype="carer")
    for who in plot.several("quiet-carer", 2, 3):
        _talks(plot, who, _days(plot, chance.randint(12, 20)), theirs=0.8, answer=1.0, hours=(0.1, 0.8),
               mine=chance.choice((0.1, 0.2, 0.34)))  # fmt: skip
        plot.expect("care", who, verdict=True, archetype="quiet-carer")
        plot.expect("owe", who, verdict=True, archetype="quiet-carer")
        plot.expect("quiet-carer", who, verdict=True, archetype="quiet-carer")


def _one_sided(plot: Plot) -> None:
    """Balanced but slow people, and people whom the owner writes to in vain."""
    chance = plot.chance
    for who in plot.several("slow-and-seldom", 2, 4):
        _talks(plot, who, _days(plot, chance.randint(12, 18)), theirs=0.25, answer=0.5, hours=(60, 160))
        plot.expect("care", who, verdict=False, archetype="slow-and-seldom")
        plot.expect("chasing", who, verdict=False, archetype="slow-and-seldom")
    for who in plot.several("chased", 1, 3):
        _talks(plot, who, _days(plot, chance.randint(9, 14)), theirs=0.0, answer=0.15, hours=(20, 70))
        plot.expect("chasing", who, verdict=True, archetype="chased")
        plot.expect("care", who, verdict=False, archetype="chased")
    for who in plot.several("few-tries", 1, 2):  # four mails in vain are no pattern yet
        _talks(plot, who, _days(plot, 4), theirs=0.0, answer=0.0, hours=(1, 2))
        plot.expect_always("chasing", who, verdict=False, archetype="few-tries")


def _celebrities(plot: Plot) -> None:
    """Met on big stages only, written to often, never heard from."""
    chance = plot.chance
    for who in plot.several("celebrity", 1, 2, domain="famous.example"):
        who.title = "Chief Executive Officer"
        crowd = [Guest(f"guest{number}.{who.address.partition('@')[0]}@summit.example", "") for number in range(40)]
        for day in (470, 300, 120, 35):
            plot.meet(
                plot.workday(day, 14), 120, "Summit keynote", [Guest(who.address, who.name), *crowd], organizer=who
            )
        for days in _days(plot, chance.randint(7, 11)):
            plot.exchange(
                plot.at(days), who, theirs=False, turns=1, subject=f"A word after the keynote {len(plot.mails)}"
            )
        plot.expect("chasing", who, verdict=True, archetype="celebrity")
        plot.expect("care", who, verdict=False, archetype="celebrity")
        plot.expect("over", who, verdict=False, archetype="celebrity")
    for who in plot.several("newsletter", 2, 4, domain="newsletter.example"):
        name = who.name.split()[0]
        for week in range(70):
            moment = plot.at(7 * week + 1.2) + timedelta(hours=chance.uniform(0, 20))
            plot.mail(
                min(moment, plot.end - timedelta(hours=1)), who, [plot.me], f"{name}'s letter {70 - week}",
                plot.text(who, plot.me, "questions", words=250),
                headers=chance.choice((
                    ("List-Unsubscribe: <https://newsletter.example/off>", "Precedence: bulk"),
                    ("List-Id: Letter <letter.newsletter.example>",
                     "List-Unsubscribe: <mailto:off@newsletter.example>, <https://newsletter.example/o>"),
                )),
            )  # fmt: skip
        plot.expect_always("care", who, verdict=False, archetype="newsletter")
        plot.expect_always("neglected", who, verdict=False, archetype="newsletter")
