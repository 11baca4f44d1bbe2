"""What others ask of the owner and the owner of others, with how it ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from tests.world.plot import Plot
from tests.world.values import Ask, Mail, Request, Style, Who


def plant(plot: Plot) -> None:
    _requests(plot)
    _invitations(plot)
    _no_requests(plot)
    _asks(plot)


def _ask(plot: Plot, who: Who, at: datetime, what: str, to: Who) -> Mail:
    asked = f"Could you {what}?" if who.language == "en" or to.language == "en" else ""
    text = plot.text(who, to, *(() if asked else ("questions",)), words=plot.chance.randint(25, 90))
    text = text.replace("\n\n", f"\n\n{asked} ", 1) if asked else text
    return plot.mail(at, who, [to], f"{what.capitalize()} {len(plot.mails)}", text)


THINGS = (
    "review my deck", "speak at our meetup", "introduce me to your lawyer", "read the chapter", "join the jury",
    "sign the letter", "host a workshop", "look at my resume",
)  # fmt: skip


def _requests(plot: Plot) -> None:
    """By mail. The owner's answer stands in the thread; who is sent on is sent to somebody in copy."""
    chance = plot.chance
    for state in ("open", "open", "answered", "accepted", "declined", "redirected", "deferred"):
        who = plot.who(f"request-{state}", tongue=chance.choice(("en", "en", plot.home_tongue)))
        days = chance.uniform(2, 9) if state == "open" else chance.uniform(14, 120)
        first = _ask(plot, who, plot.workday(days), chance.choice(THINGS), plot.me)
        plot.truth.requests.append(Request(who.address, first.subject, first.at, state))
        if state == "open":
            continue
        other = plot.who("redirected-to") if state == "redirected" else None
        intent = {
            "answered": "says",
            "accepted": "yes",
            "declined": "no",
            "redirected": "redirect",
            "deferred": "later",
        }
        text = plot.text(plot.me, who, intent[state], words=12).replace("{other}", other.name if other else "")
        at = first.at + timedelta(hours=chance.uniform(1, 30))
        reply = plot.mail(at, plot.me, [who], "", text, answers=first, cc=[other] if other else [])
        if chance.random() < 0.2:  # written anew, on a phone: nothing refers to the question but its subject
            reply.style = Style("none", "none")
        if chance.random() < 0.5:
            thanks = plot.text(who, plot.me, "thanks")
            plot.mail(reply.at + timedelta(hours=2), who, [plot.me], "", thanks, answers=reply)


def _invitations(plot: Plot) -> None:
    for mine, state in (("NEEDS-ACTION", "open"), ("ACCEPTED", "accepted"), ("DECLINED", "declined")):
        who = plot.who(f"invitation-{state}")
        at = plot.at(-plot.chance.uniform(3, 12), 11)
        title = f"Podcast recording {len(plot.meetings)}"
        meeting = plot.meet(at, 60, title, [who], mine=mine, organizer=who)
        meeting.created = plot.workday(4)
        plot.truth.requests.append(Request(who.address, title, meeting.created, state, is_invitation=True))


def _no_requests(plot: Plot) -> None:
    """A closing word, news without a question, a copy for information."""
    closer = plot.who("request-not-a-request")
    talk = plot.exchange(plot.workday(12), closer, theirs=False, turns=2)
    last = plot.mail(talk[-1].at + timedelta(hours=3), plot.me, [closer], "", plot.text(plot.me, closer, words=30),
                     answers=talk[-1])  # fmt: skip
    ending = plot.mail(
        last.at + timedelta(hours=1), closer, [plot.me], "", plot.text(closer, plot.me, "thanks"), answers=last
    )
    plot.truth.requests.append(Request(closer.address, ending.subject, ending.at, "not-a-request"))
    bystander = plot.who("request-not-a-request")
    other = plot.who("bystander")
    copy = plot.mail(plot.workday(8), bystander, [other], f"For the two of you {len(plot.mails)}",
                     plot.text(bystander, other, "questions", words=40), cc=[plot.me])  # fmt: skip
    plot.truth.requests.append(Request(bystander.address, copy.subject, copy.at, "not-a-request"))


def _asks(plot: Plot) -> None:
    """Of mine. Before them a talk or two: asked are people one knows."""
    chance = plot.chance
    for state in ("yes", "no", "silence", "thanked", "yes", "no"):
        who = plot.who(f"ask-{state}", tongue=chance.choice(("en", "en", plot.home_tongue)))
        for days in (300, 190, 140):
            plot.exchange(plot.at(days + chance.uniform(0, 20)), who, theirs=chance.random() < 0.5)
        asked = _ask(plot, plot.me, plot.workday(chance.uniform(20, 60)), chance.choice(THINGS), who)
        plot.truth.asks.append(Ask(who.address, asked.subject, asked.at, state))
        if state == "silence":
            continue
        text = plot.text(who, plot.me, "no" if state == "no" else "yes", words=10)
        reply = plot.mail(asked.at + timedelta(hours=chance.uniform(2, 40)), who, [plot.me], "", text, answers=asked)
        if state == "thanked":
            plot.mail(
                reply.at + timedelta(hours=1), plot.me, [who], "", plot.text(plot.me, who, "thanks"), answers=reply
            )
