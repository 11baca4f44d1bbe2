from __future__ import annotations

import msgspec
import pytest

from events import codec
from events.errors import Damaged
from events.vocabulary import PAYLOADS, GoalSet, Mailbox, MessageObserved, NoteAdded


def test_the_same_payload_is_the_same_bytes_whatever_the_order_it_was_made_in() -> None:
    one = GoalSet(goal="hiring", people={"a@x.org": 1.0, "b@x.org": 2.0})
    other = GoalSet(people={"b@x.org": 2.0, "a@x.org": 1.0}, goal="hiring")
    assert codec.encode(one) == codec.encode(other) == b'{"goal":"hiring","people":{"a@x.org":1.0,"b@x.org":2.0}}'


def test_what_is_encoded_is_decoded() -> None:
    payload = MessageObserved(source="s", sender=Mailbox("ana@x.org", "Ana"), subject="a\nb", references=("x", "y"))
    assert codec.decode("message.observed.v1", codec.encode(payload)) == payload
    assert b"\n" not in codec.encode(payload)


def test_lone_surrogates_become_the_replacement_character() -> None:
    payload = GoalSet(goal="caf\udce9", people={"\ud800": 1.0}, match=("\udfff", "fine"))
    assert codec.encode(payload) == '{"goal":"caf\ufffd","match":["\ufffd","fine"],"people":{"\ufffd":1.0}}'.encode()


def test_unknown_fields_are_ignored_as_a_newer_amity_may_have_written_them() -> None:
    assert codec.decode("note.added.v1", b'{"addresses":[],"text":"t","mood":9}') == NoteAdded(addresses=(), text="t")


@pytest.mark.parametrize("data", [b"", b"{", b'{"text":1}', b"\xff", b'{"addresses":[],"text":"\xff"}', b"[]"])
def test_what_nobody_can_have_written_is_damaged(data: bytes) -> None:
    with pytest.raises(Damaged, match="amity verify"):
        codec.decode("note.added.v1", data)


def test_an_unknown_type_says_to_update() -> None:
    with pytest.raises(Damaged, match="update Amity"):
        codec.decode("mood.felt.v1", b"{}")


def test_an_old_version_is_upcast_step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.UPCASTS, "note.v0", ("note.v0b", lambda old: {**old, "text": old["words"].upper()}))
    monkeypatch.setitem(codec.UPCASTS, "note.v0b", ("note.added.v1", lambda old: {**old, "addresses": [old["who"]]}))
    assert codec.decode("note.v0", b'{"words":"hi","who":"a"}') == NoteAdded(addresses=("a",), text="HI")
    with pytest.raises(Damaged):
        codec.decode("note.v0", b'{"who":"a"}')


def test_wire_names_are_versioned_and_owned_by_one_class_each() -> None:
    assert all(kind.wire == wire and wire.rsplit(".", 1)[1].startswith("v") for wire, kind in PAYLOADS.items())
    assert all(issubclass(kind, msgspec.Struct) for kind in PAYLOADS.values())
