"""Answers and what they answer find one another, whichever the log shows first, and however it was cut into runs."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import pytest

from events.envelope import NewEvent, stream_of
from events.log import open_log
from events.vocabulary import Mailbox, MessageObserved
from projections import base
from projections.query import open_views
from projections.rules import Rules

RULES = Rules(addresses=("me@x.org",))
NINE, HOUR = 1_788_253_200_000, 3_600_000
ORDERS = list(permutations(range(4)))


def mail(number: int, subject: str, *references: str) -> NewEvent:
    """The odd ones are mine."""
    me, ana = Mailbox("me@x.org"), Mailbox("ana@y.org")
    sender, to = (me, ana) if number % 2 else (ana, me)
    at_ms = NINE + number * HOUR
    payload = MessageObserved(
        source="t", message_id=f"{number}@x", sent_ms=at_ms, sender=sender, to=(to,), subject=subject,
        references=references,
    )  # fmt: skip
    return NewEvent(stream_of(at_ms, str(number)), 1, at_ms, payload)


BY_REFERENCE = [mail(0, "a"), mail(1, "b", "0@x"), mail(2, "c", "0@x", "1@x"), mail(3, "d", "2@x")]
BY_SUBJECT = [mail(0, "Plan"), mail(1, "Re: Plan"), mail(2, "AW: Plan"), mail(3, "Re: Re: plan")]


@pytest.mark.parametrize("order", ORDERS, ids=str)
@pytest.mark.parametrize("cuts", [(4,), (2, 4), (1, 2, 3, 4)], ids=str)
@pytest.mark.parametrize("mails", [BY_REFERENCE, BY_SUBJECT], ids=["reference", "subject"])
def test_a_thread_in_any_order(
    mails: list[NewEvent],
    cuts: tuple[int, ...],
    order: tuple[int, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(base, "SMALL", 10)
    with open_log(f"sqlite:///{tmp_path}/amity.db") as log:
        for since, until in pairwise((0, *cuts)):
            log.append([mails[at] for at in order[since:until]])
            base.catch_up(log, tmp_path / "views.db", RULES)
        base.rebuild(log, tmp_path / "anew.db", RULES)
    for name in ("views.db", "anew.db"):
        db = open_views(tmp_path / name)
        rows = db.execute(
            "SELECT message_id, id, answers, thread, answered_ms FROM message ORDER BY message_id"
        ).fetchall()
        ids = [id_ for _, id_, *_ in rows]
        assert [answers for _, _, answers, *_ in rows] == [0, *ids[:-1]]
        assert {thread for *_, thread, _ in rows} == {1}
        assert [answered for *_, answered in rows] == [NINE + HOUR, None, NINE + 3 * HOUR, None]
        db.close()
