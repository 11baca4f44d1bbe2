"""What fills mailboxes and says nothing of anybody: robots, lists, bounces; and strings that must never get out."""

from __future__ import annotations

from datetime import timedelta

from tests.world.plot import Plot
from tests.world.values import Guest, Style, Who


def plant(plot: Plot) -> None:
    _robots(plot)
    _list(plot)
    _travel(plot)
    _private(plot)


def _robots(plot: Plot) -> None:
    chance = plot.chance
    robot = Who("Ticket System", ["no-reply@tickets.example"], style=Style("none", "none"), card=False)
    plot.people.append(robot)
    plot.truth.cast["robot"] = [robot.address]
    for number in range(120):
        headers = ("Auto-Submitted: auto-generated",) if chance.random() < 0.7 else ()
        plot.mail(plot.at(chance.uniform(0.2, 540)), robot, [plot.me], f"[#{number}] Ticket updated",
                  "The status of your ticket has changed.", headers=headers, seen=chance.random() < 0.6)  # fmt: skip
    bounced = plot.mail(
        plot.at(25), plot.me, [Who("Gone", ["gone@nowhere.example"])], "Old address?", "Is this still you?"
    )
    postmaster = Who("Mail Delivery System", ["MAILER-DAEMON@amity-owner.example"], style=Style("none"), card=False)
    plot.people.append(postmaster)
    plot.mail(plot.at(25) + timedelta(minutes=1), postmaster, [plot.me], "Undelivered Mail Returned to Sender",
              "The address gone@nowhere.example was not found.", answers=bounced,
              headers=("Auto-Submitted: auto-replied", "Return-Path: <>"))  # fmt: skip


def _list(plot: Plot) -> None:
    """A list of strangers; with one of them the owner really talks there."""
    group = Who("Gardeners", ["gardeners@lists.example"], card=False)
    plot.people.append(group)
    plot.truth.cast["list"] = [group.address]
    strangers = [Who(f"Member {number}", [f"member{number}@garden.example"], card=False) for number in range(8)]
    plot.truth.cast["list-member"] = [who.address for who in strangers]
    headers = ("List-Id: <gardeners.lists.example>", "List-Post: <mailto:gardeners@lists.example>", "Precedence: list")
    for number in range(90):
        who = plot.chance.choice(strangers)
        plot.mail(plot.at(plot.chance.uniform(1, 540)), who, [group], f"[gardeners] Roses {number}",
                  plot.text(who, who, "questions", words=60), headers=headers)  # fmt: skip


def _travel(plot: Plot) -> None:
    """A week elsewhere: meetings in another zone, and one that crosses midnight at home."""
    monday = plot.monday(11)
    host = plot.who("travel-host")
    for day in range(4):
        plot.meet(plot.on(monday + timedelta(days=day), 15), 90, "Site visit", [host], organizer=host,
                  lines=("X-ZONE:America/Los_Angeles",))  # fmt: skip
    plot.meet(plot.on(monday + timedelta(days=1), 23, 30), 60, "Late call", [host])


def _private(plot: Plot) -> None:
    """One string for each place that a page for others must not show."""
    token = f"q{plot.seed:04x}z"
    where = {
        "goal": f"secretgoal{token}", "title": f"secrettitle{token}", "name": f"Secretname{token}",
        "subject": f"secretsubject{token}", "need": f"secretneed{token}", "address": f"secretmail{token}@hush.example",
    }  # fmt: skip
    plot.truth.private.update(where)
    secret = Who(f"Vera {where['name']}", [where["address"]], style=Style())
    plot.people.append(secret)
    plot.truth.cast["secret"] = [secret.address]
    goal: dict[str, object] = {"weight": 0.0, "weekly": "1h", "match": [where["goal"]], "public": False}
    plot.goals[where["goal"]] = goal | {"people": {secret.address: 1.0}}
    plot.wishes[secret.address] = {"needs": [where["need"]], "max": "2h/week"}
    for weeks in range(20):
        moment = plot.on(plot.monday(weeks) + timedelta(days=1), 12)
        if moment < plot.end:
            plot.meet(moment, 30, where["title"], [Guest(secret.address, secret.name)], lines=("CLASS:PRIVATE",))
    future = plot.at(-2, 12)
    plot.meet(future, 30, where["title"], [Guest(secret.address, secret.name)], lines=("CLASS:PRIVATE",))
    for days in (5, 12, 40):
        plot.exchange(plot.at(days), secret, theirs=True, subject=f"{where['subject']} {days}")
