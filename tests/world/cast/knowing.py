"""Who knows about what, who should meet whom, and who brought whom."""

from __future__ import annotations

from datetime import timedelta

from tests.world.plot import Plot
from tests.world.prose import TOPICS
from tests.world.values import Pair, Topic, Who


def plant(plot: Plot) -> None:
    _experts(plot)
    _introductions(plot)
    _introducers(plot)


def _experts(plot: Plot) -> None:
    """Experts and people who are just as active and write of other things. One topic is a goal nobody is named for."""
    chance = plot.chance
    for number, word in enumerate(chance.sample(TOPICS, 3)):
        experts, others = plot.several("expert", 1, 2), plot.several("no-expert", 2, 3)
        for who in (*experts, *others):
            knows = who in experts
            how = chance.choice((0.0, 0.3, 0.3, 1.0))  # by mail, by both, by meetings
            for days in (8, 45, 80, 130, 200, 330):
                at = plot.at(days + chance.uniform(0, 25))
                about = chance.choice((f"{word.title()} question", f"Notes on {word}", f"{word.upper()}: next steps"))
                subject = f"{about} {len(plot.mails)}" if knows and days != 80 else ""
                if chance.random() < how:
                    title = f"{word.title()} hour" if knows else f"Hour with {who.name.split()[0]}"
                    plot.meet(at, 45, title, [who])
                else:
                    plot.exchange(at, who, theirs=chance.random() < 0.5, turns=chance.choice((2, 3)), subject=subject)
        goal = ""
        if number == 0:
            goal = "new-field"
            plot.goals[goal] = {"weight": 0.0, "weekly": "2h", "match": [word]}
        addresses = tuple(tuple(who.address for who in group) for group in (experts, others))
        plot.truth.topics.append(Topic(word, addresses[0], addresses[1], goal))


def _warm(plot: Plot, archetype: str, *, last: float = 0.3) -> Who:
    who = plot.who(archetype)
    plot.keep_up(who, 21, plot.silence_of(last, 21), since=300)
    return who


def _wish(plot: Plot, who: Who, key: str, subject: str) -> None:
    plot.wishes.setdefault(who.address, {})[key] = [subject]


def _introductions(plot: Plot) -> None:
    """Needs and offers that meet: of strangers, of people who share a thread or a table, of people out of touch."""
    subjects = plot.chance.sample(("pricing", "legal", "grants", "sales", "translation", "interior design"), 5)
    for subject in subjects[:3]:
        a, b = _warm(plot, "needs"), _warm(plot, "offers")
        _wish(plot, a, "needs", plot.chance.choice((subject, subject.title())))
        _wish(plot, b, "offers", plot.chance.choice((subject, subject.upper())))
        plot.truth.introductions.append(Pair(a.address, b.address, subject))
    for number, subject in enumerate(subjects[3:]):
        a, b = _warm(plot, "acquainted"), _warm(plot, "acquainted")
        _wish(plot, a, "needs", subject)
        _wish(plot, b, "offers", subject)
        if number == 0:
            plot.mail(plot.at(200), a, [plot.me, b], f"The three of us {len(plot.mails)}",
                      plot.text(a, plot.me, "questions", words=40))  # fmt: skip
        else:
            plot.meet(plot.workday(160, 12), 60, "Lunch of three", [a, b])
        plot.truth.acquainted.append(Pair(a.address, b.address, subject))


def _introducers(plot: Plot) -> None:
    """First threads on which a third party brings somebody."""
    for number in range(plot.chance.randint(2, 4)):
        broker, new = plot.who("introducer"), plot.who("introduced", title="Head of Partnerships")
        for days in (520, 480):
            plot.exchange(plot.at(days), broker, theirs=True)
        at = plot.at(plot.chance.uniform(200, 420))
        first, second = new.name.split()[0], plot.me.name.split()[0]
        text = f"{plot.tongue(broker).hello.format(name=second)}\n\n{first} <-> {second}. " + plot.text(broker, plot.me)
        to, cc = (([plot.me, new], []), ([plot.me], [new]), ([new], [plot.me]))[number % 3]
        about = plot.chance.choice(
            (f"{first}, meet {second}", f"Intro: {first} <> {second}", f"{first} und du", "Introduction")
        )
        intro = plot.mail(at, broker, to, f"{about} {len(plot.mails)}", text, cc=cc)
        reply = plot.mail(at + timedelta(hours=20), new, [plot.me], "", plot.text(new, plot.me, "questions", words=40),
                          answers=intro, cc=[broker])  # fmt: skip
        plot.mail(reply.at + timedelta(hours=5), plot.me, [new], "", plot.text(plot.me, new, words=30), answers=reply)
        for days in (150, 90, 30):
            plot.exchange(plot.at(days), new, theirs=plot.chance.random() < 0.5)
        plot.truth.introducers[new.address] = broker.address
