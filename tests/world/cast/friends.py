"""Rhythms: who is kept up with, who is not, and all the good reasons for a silence."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from tests.world.plot import Plot
from tests.world.stage import DAYS
from tests.world.values import Guest, Who

TAUS = (7.0, 10.0, 14.0, 21.0, 30.0)
AWAY = (
    ("Auto-Submitted: auto-replied",),
    ("Auto-Submitted: auto-replied (vacation)", "X-Autoreply: yes", "Precedence: bulk"),
    ("Auto-Submitted: auto-replied", "X-Auto-Response-Suppress: All"),
    ("Precedence: auto_reply", "X-Autorespond: yes"),
)


def plant(plot: Plot) -> None:
    _days_away(plot)
    _regular(plot)
    _wanted(plot)
    _no_contact(plot)
    _irregular(plot)
    _excused(plot)
    _fading(plot)
    _moods(plot)
    _names(plot)


def _days_away(plot: Plot) -> None:
    """Two holidays as all-day entries out of office, and a day off; other all-day entries are no absence."""
    chance = plot.chance
    near = chance.choice((3, 9, 16, 40))
    for start, days, title in (
        (near, chance.choice((5, 7, 10)), "Holiday"),
        (240, 14, "Summer holiday"),
        (110, 1, "Off"),
    ):
        end = plot.at(start, 0, 0)
        begin = end - timedelta(days=days)
        plot.away.append((begin, end))
        plot.all_day(begin.date(), days, title, "X-MICROSOFT-CDO-BUSYSTATUS:OOF")
    plot.all_day(plot.at(20).date(), 2, "Trade fair", "TRANSP:TRANSPARENT")
    plot.all_day(plot.at(33).date(), 1, "Birthday of an aunt", "TRANSP:TRANSPARENT")


def _regular(plot: Plot) -> None:
    chance = plot.chance
    for times, archetype, least, most in (((0.1, 0.9), "kept", 3, 5), ((1.95, 2.7), "overdue", 3, 5),
                                          ((3.4, 5.5), "dormant", 1, 3)):  # fmt: skip
        for who in plot.several(archetype, least, most):
            tau = chance.choice(TAUS)
            last = plot.silence_of(chance.uniform(*times), tau)
            how = chance.choice(("", "mail", "meeting", "dinner", "news", "series"))
            if how == "series" and tau in {7.0, 14.0, 21.0}:
                touches = plot.keep_meeting(who, int(tau / 7), last)
            else:
                touches = plot.keep_up(who, tau, last, how="" if how == "series" else how)
            plot.expect_rhythm(who, tau, touches, archetype)


def _wanted(plot: Plot) -> None:
    """Targets of one's own and of a circle; some of them with hardly any history."""
    chance = plot.chance
    close = plot.several("circle-kept", 2, 3) + plot.several("circle-overdue", 1, 2)
    plot.tiers["close"] = {"every": "14d", "members": [who.address for who in close]}
    for who in close:
        kept = who.address in plot.truth.cast["circle-kept"]
        last = plot.silence_of(chance.uniform(0.1, 1.1) if kept else chance.uniform(1.95, 3), 14)
        plot.keep_up(who, 12, last)
        plot.expect("neglected", who, verdict=not kept, archetype="circle-kept" if kept else "circle-overdue")
    few = plot.who("target-few-contacts")
    plot.wishes[few.address] = {"every": "30d"}
    for days in (plot.silence_of(2.2, 30), 150.0, 201.0):
        plot.touch(few, plot.at(days))
    plot.expect("neglected", few, verdict=True, archetype="target-few-contacts")
    patient = plot.who("patient-target")  # seen every fortnight once, and meant to be seen every three months
    plot.wishes[patient.address] = {"every": "12w"}
    plot.keep_up(patient, 14, plot.silence_of(0.7, 84))
    plot.expect("neglected", patient, verdict=False, archetype="patient-target")


def _no_contact(plot: Plot) -> None:
    """Silences that only look interrupted: their mails that nobody answered, a mail to a crowd, a large series."""
    chance = plot.chance
    found = {kind: plot.who(f"overdue-but-{kind}") for kind in ("they-write", "mass-mail", "stand-up", "copied")}
    silent = {kind: plot.silence_of(chance.uniform(2.0, 2.6), 14) for kind in found}
    for kind, who in found.items():
        plot.expect_rhythm(who, 14, plot.keep_up(who, 14, silent[kind], how="mail"), f"overdue-but-{kind}")
    for part in (0.3, 0.7):
        plot.exchange(plot.at(silent["they-write"] * part), found["they-write"], theirs=True, turns=1)
    crowd = [Who(f"Reader {number}", [f"reader{number}@crowd.example"], card=False) for number in range(24)]
    plot.mail(
        plot.at(5), plot.me, [found["mass-mail"], *crowd], "We have moved", plot.text(plot.me, crowd[0], words=60)
    )
    team = [Guest(f"member{number}@corp-owner.example", f"Member {number}") for number in range(9)]
    start = plot.on(plot.monday(30), 8, 30)
    plot.meet(start, 15, "Stand-up", [found["stand-up"], *team], rule="FREQ=WEEKLY;BYDAY=MO,TU,TH")
    other = plot.who("copier")
    plot.mail(
        plot.at(4), other, [plot.me], plot.subject(other), plot.text(other, plot.me, words=40), cc=[found["copied"]]
    )


def _irregular(plot: Plot) -> None:
    """Long gaps are normal; the present one is not even among their longer ones."""
    chance = plot.chance
    for who in plot.several("irregular", 3, 5):
        gaps = sorted(min(110.0, max(3.0, chance.lognormvariate(2.9, 0.95))) for _ in range(24))
        now = gaps[chance.randrange(4, 17)]
        chance.shuffle(gaps)
        days, touches = plot.silence_of(1.0, now), []
        for gap in [*gaps, 10**6]:
            if days > DAYS - 20:
                break
            plot.touch(who, plot.at(days))
            touches.append(days)
            days += gap
        for at in (plot.end, *plot.truth.dates):
            then = (plot.end - at) / timedelta(days=1)
            before = sorted(day - then for day in touches if day >= then)
            between = [later - earlier for earlier, later in pairwise(before)][:12]
            if len(between) >= 6 and sum(gap >= before[0] for gap in between) >= len(between) / 3:
                plot.expect("neglected", who, verdict=False, archetype="irregular", at=at)


def _excused(plot: Plot) -> None:
    """Silences as long as those of the overdue, each with its reason."""
    chance = plot.chance
    for who in plot.several("booked", 2, 3):
        tau = chance.choice((14.0, 21.0, 30.0))
        plot.keep_up(who, tau, plot.silence_of(chance.uniform(1.7, 2.4), tau))
        plot.meet(plot.at(-chance.uniform(0.1, 0.42) * tau), 45, "Catch up at last", [who])
        plot.expect("neglected", who, verdict=False, archetype="booked")
    for who in plot.several("waiting", 2, 3):
        tau = chance.choice((10.0, 14.0, 21.0))
        silent = plot.silence_of(chance.uniform(1.7, 2.6), tau)
        plot.keep_up(who, tau, silent + tau)
        if chance.random() < 0.5:
            plot.exchange(plot.at(silent), who, theirs=False, turns=1)
        else:
            plot.mail(plot.at(silent), plot.me, [who], plot.subject(who), plot.text(plot.me, who, "questions"))
        plot.expect("neglected", who, verdict=False, archetype="waiting")
    for who in plot.several("their-absence", 1, 2):  # my news met their automatic reply
        tau = 14.0
        silent = plot.silence_of(chance.uniform(1.62, 1.72), tau)
        plot.keep_up(who, tau, silent + tau, jitter=0.06)
        sent = plot.mail(plot.at(silent), plot.me, [who], plot.subject(who), plot.text(plot.me, who, words=40))
        away = plot.mail(
            plot.at(silent) + timedelta(minutes=1), who, [plot.me], "", plot.text(who, plot.me, "away"), answers=sent,
            headers=chance.choice(AWAY),
        )  # fmt: skip
        away.subject = f"{chance.choice(('Automatic reply: ', 'Out of Office: '))}{sent.subject}"
        plot.expect("neglected", who, verdict=False, archetype="their-absence")
    for who in plot.several("snoozed", 1, 2):
        tau = chance.choice(TAUS)
        plot.keep_up(who, tau, plot.silence_of(chance.uniform(2.0, 2.6), tau))
        when = (plot.end - timedelta(hours=3)).isoformat()
        plot.truth.decisions.append(("snooze", who.address, "30d", "--as-of", when))
        plot.expect("neglected", who, verdict=False, archetype="snoozed")
    for who in plot.several("one-mail-ever", 2, 4):  # no rhythm, no flag
        plot.exchange(plot.at(chance.uniform(60, 400)), who, theirs=True)
        plot.expect_always("neglected", who, verdict=False, archetype="one-mail-ever")


def _fading(plot: Plot) -> None:
    """An hour every week, and then nothing; beside it an hour every week until today."""
    gone, steady = plot.who("fading"), plot.who("steady")
    for weeks in range(50, -1, -1):
        hour = plot.chance.randint(10, 15)
        for who in (gone, steady):
            silent = who is gone and weeks < 8
            moment = plot.on(plot.monday(weeks) + timedelta(days=1 if who is gone else 2), hour)
            if not (silent or plot.is_away(moment) or moment > plot.end):
                plot.meet(moment, 60, f"Walk with {who.name.split()[0]}", [who])
    plot.expect("fading", gone, verdict=True, archetype="fading")
    plot.expect("neglected", gone, verdict=True, archetype="fading")
    plot.expect_always("neglected", steady, verdict=False, archetype="steady")
    plot.expect("fading", steady, verdict=False, archetype="steady")


def _moods(plot: Plot) -> None:
    """Answers within hours for a year; then one late week, or four of them."""
    for archetype, late in (("one-bad-week", 1), ("quieter", 4)):
        who = plot.who(archetype)
        weeks = [*range(48, -1, -1)]
        bad = {1} if late == 1 else {1, 2, 3, 4}
        for week in weeks:
            moment = plot.on(plot.monday(week) + timedelta(days=0), 9 + week % 5)
            hours = (95.0, 110.0) if week in bad else (0.5, 6.0)
            if moment + timedelta(hours=hours[1]) < plot.end and not plot.is_away(moment):
                plot.exchange(moment, who, theirs=False, hours=hours)
        plot.expect("fading", who, verdict=False, archetype=archetype)
        plot.expect("quieter", who, verdict=late > 1, archetype=archetype)


def _names(plot: Plot) -> None:
    """One person with two addresses on one card; two people of one name."""
    chance = plot.chance
    moved = plot.who("two-addresses", domain="old-firm.example")
    moved.addresses.append(f"{moved.address.partition('@')[0]}@new-home.example")
    moved.addresses.reverse()
    plot.truth.cast["two-addresses"] = [moved.address]
    moved.card = True
    plot.truth.same.append(tuple(moved.addresses))
    tau = chance.choice((14.0, 21.0))
    plot.expect_rhythm(moved, tau, plot.keep_up(moved, tau, plot.silence_of(0.5, tau)), "two-addresses")
    namesakes = [
        plot.who("namesakes", domain=domain, name="Alex Morgan") for domain in ("harbour.example", "hill.example")
    ]
    plot.truth.different.append((namesakes[0].address, namesakes[1].address))
    both = plot.text(moved, plot.me, words=20)  # on one mail: they are two
    plot.mail(plot.at(300), moved, namesakes, f"Two of you {len(plot.mails)}", both, cc=[plot.me])
    for who, times in zip(namesakes, (0.4, 2.3), strict=True):
        plot.expect_rhythm(who, 14, plot.keep_up(who, 14, plot.silence_of(times, 14)), "namesakes")
