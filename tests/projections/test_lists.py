"""The address of a mailing list is nobody: what List-Id says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from events.envelope import NewEvent, stream_of
from events.log import open_log
from events.vocabulary import Mailbox, MessageObserved
from projections import base
from projections.query import open_views
from projections.rules import Rules

NINE = 1_788_253_200_000
ME = "me@x.org"
_KIND = "SELECT p.kind FROM address a JOIN person p ON p.id = a.person WHERE a.address = 'rabbits@x.org'"


@pytest.mark.parametrize(
    ("list_id", "listed"),
    [
        ("Rabbits of the north <rabbits.x.org>", ["rabbits@x.org"]),
        ("<RABBITS.x.org>", ["rabbits@x.org"]),
        ("rabbits.x.org", ["rabbits@x.org"]),
        ("rabbits@x.org", ["rabbits@x.org"]),
        ('"<odd> name" <rabbits.x.org>', ["rabbits@x.org"]),
        ("<rabbits.lists.x.org>", []),  # the list says another address than the one it was written to
        ("<me.x.org>", []),  # whatever a sender calls its list, the owner is no list
        ("", []),
    ],
)
def test_the_address_that_a_list_id_names_is_a_list(list_id: str, listed: list[str], tmp_path: Path) -> None:
    payload = MessageObserved(
        source="t", message_id="1@x", sent_ms=NINE, sender=Mailbox("ana@y.org"),
        to=(Mailbox("rabbits@x.org", "White Rabbit"), Mailbox(ME)), list_id=list_id, kind="list",
    )  # fmt: skip
    with open_log(f"sqlite:///{tmp_path}/amity.db") as log:
        log.append([NewEvent(stream_of(NINE, "1"), 1, NINE, payload)])
        base.catch_up(log, tmp_path / "views.db", Rules(addresses=(ME,)))
    views = open_views(tmp_path / "views.db")
    assert [address for (address,) in views.execute("SELECT address FROM address WHERE listed")] == listed
    (kind,) = views.execute(_KIND).fetchone()
    assert kind == ("list" if listed else "person")
