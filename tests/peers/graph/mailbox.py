"""The mail of a mailbox: a tree of folders and their messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.peers.graph import ids
from tests.peers.graph.counter import Counter, stamp
from tests.peers.graph.failures import not_found
from tests.peers.graph.feed import Change, Feed, Kind
from tests.peers.graph.message import Json, message_of, sample

WELL_KNOWN = {  # the names in URLs, and what an English Outlook calls the folders
    "inbox": "Inbox", "drafts": "Drafts", "sentitems": "Sent Items", "deleteditems": "Deleted Items",
    "archive": "Archive", "junkemail": "Junk Email", "outbox": "Outbox",
}  # fmt: skip
ROOT = "msgfolderroot"


@dataclass
class Message:
    """`moves`: how often it came into a folder; it is part of the id that is not immutable."""

    key: int
    folder: int
    received: datetime
    body: Json
    raw: bytes
    number: int = 0
    moves: int = 0
    changed: dict[str, int] = field(default_factory=dict)


@dataclass
class Folder:
    key: int
    name: str
    parent: int
    well_known: str = ""
    hidden: bool = False
    search: bool = False
    feed: Feed = field(default_factory=Feed)
    keys: dict[int, None] = field(default_factory=dict)


class Mailbox:
    """`returned_is_removed`: a message that went from A to B and back is told as removed from A, and never again, to
    who uses immutable ids (graph-docs issue 21752). `sparse`: changes are told with only the properties that changed.
    `counts_are_changes`: a folder into or out of which mail comes is told as changed.
    """

    def __init__(self, counter: Counter, address: str, name: str) -> None:
        self.counter, self.address, self.name = counter, address, name
        self.returned_is_removed = self.sparse = self.counts_are_changes = False
        self.messages: dict[int, Message] = {}
        self.folders: dict[int, Folder] = {}
        self.tree = Feed()
        self._well_known: dict[str, int] = {}
        self._ids: dict[str, int] = {}
        self._containers: dict[str, int] = {}
        self._newest: dict[int, tuple[int, list[Message]]] = {}
        root = Folder(counter.key(), "Top of Information Store", 0, ROOT)
        self.folders[root.key] = root
        self._well_known[ROOT] = root.key
        self._register_folder(root)
        for known, shown in WELL_KNOWN.items():
            self.new_folder(shown, well_known=known)

    def new_folder(
        self, name: str, parent: str = ROOT, *, well_known: str = "", hidden: bool = False, search: bool = False
    ) -> str:
        """Its id."""
        made = Folder(self.counter.key(), name, self.folder(parent).key, well_known, hidden, search)
        self.folders[made.key] = made
        if well_known:
            self._well_known[well_known] = made.key
        self._register_folder(made)
        self._note_folder(made, "entered")
        return self.folder_id(made.key)

    def rename_folder(self, folder: str, name: str) -> None:
        held = self.folder(folder)
        held.name = name
        self._note_folder(held, "changed")

    def move_folder(self, folder: str, parent: str) -> None:
        held = self.folder(folder)
        held.parent = self.folder(parent).key
        self._note_folder(held, "changed")

    def delete_folder(self, folder: str) -> None:
        """With everything in it."""
        held = self.folder(folder)
        for child in [each.key for each in self.folders.values() if each.parent == held.key]:
            self.delete_folder(self.folder_id(child))
        for key in list(held.keys):
            self.delete(self.messages[key])
        self._note_folder(held, "left")
        del self.folders[held.key]

    def add(
        self, folder: str = "inbox", raw: bytes = b"", *, at: datetime | None = None, read: bool = False, **more: Any
    ) -> Message:
        """A message, by its bytes or by properties of Graph (subject=, from_=, toRecipients=, isDraft=,
        meetingMessageType=); these win. `at`: when it was received; None: now."""
        received, key = at or self.counter.now(), self.counter.key()
        made_up = sample(key, self.address, received)
        body = message_of(raw, received) if raw else made_up.body
        body.update({"isRead": read, **{name.rstrip("_"): each for name, each in more.items()}})
        made = Message(key, self.folder(folder).key, received, body, raw or made_up.raw)
        self.messages[key] = made
        self._enter(made)
        return made

    def change(self, message: Message, **properties: Any) -> None:
        """isRead, categories, flag, inferenceClassification, …: the id stays."""
        message.body.update(properties)
        message.number = self.counter.change()
        message.changed.update(dict.fromkeys(properties, message.number))
        entry = self.id(message, immutable=False)
        self.folders[message.folder].feed.note(Change(message.number, message.key, entry, "changed"))
        self._touch(message.folder)

    def move(self, message: Message, folder: str, *, reason: str = "deleted") -> None:
        """`reason`: what the delta of the folder that it leaves says: deleted or changed."""
        target = self.folder(folder)
        self._leave(message, reason)
        message.folder = target.key
        message.moves += 1
        self._enter(message)

    def delete(self, message: Message) -> None:
        """For good. (To the bin: move it to deleteditems.)"""
        self._leave(message, "deleted")
        del self.messages[message.key]

    def send_draft(self, message: Message) -> None:
        """The draft goes to Sent Items."""
        message.body.update(isDraft=False, sentDateTime=stamp(self.counter.now()))
        self.move(message, "sentitems")

    def folder(self, identity: str) -> Folder:
        """By id or well-known name. Raises GraphError."""
        key = self._well_known.get(identity.lower(), self._containers.get(identity, 0))
        if key not in self.folders:
            raise not_found()
        return self.folders[key]

    def folder_id(self, key: int | str) -> str:
        """By key, or well-known name."""
        number = self.folder(key).key if isinstance(key, str) else key
        return ids.container("folder", number, self.counter.epoch)

    def find(self, identity: str) -> Message:
        """By either id, the one that moves change only while it is the last. Raises GraphError."""
        held = self.messages.get(self._ids.get(identity, 0))
        if held is None or identity not in (self.id(held, immutable=True), self.id(held, immutable=False)):
            raise not_found()
        return held

    def id(self, message: Message, *, immutable: bool) -> str:
        if immutable:
            return ids.immutable("message", message.key, self.counter.epoch)
        return ids.default("message", message.key, f"{message.folder} {message.moves}", self.counter.epoch)

    def newest(self, folder: int) -> list[Message]:
        """Of a folder (0: of all), by receivedDateTime, newest first."""
        number, kept = self._newest.get(folder, (-1, []))
        if number < 0:
            chosen: Iterator[Message] = (each for each in self.messages.values() if folder in (0, each.folder))
            kept = sorted(chosen, key=lambda each: (each.received, each.key), reverse=True)
            self._newest[folder] = (self.counter.number, kept)
        return kept

    def renew_ids(self) -> None:
        """After the mailbox moved: call when the epoch has risen."""
        self._ids.clear()
        self._containers.clear()
        self.tree = Feed()
        for folder in self.folders.values():
            folder.feed = Feed()
            self._register_folder(folder)
            if folder.parent:
                self._note_folder(folder, "entered")
        for message in self.messages.values():
            self._enter(message)

    def _enter(self, message: Message) -> None:
        message.number = self.counter.change()
        self._register(message)
        folder = self.folders[message.folder]
        folder.keys[message.key] = None
        folder.feed.note(Change(message.number, message.key, self.id(message, immutable=False), "entered"))
        self._touch(message.folder)

    def _leave(self, message: Message, reason: str) -> None:
        folder = self.folders[message.folder]
        entry = self.id(message, immutable=False)
        folder.feed.note(Change(self.counter.change(), message.key, entry, "left", reason))
        del folder.keys[message.key]
        self._touch(message.folder)

    def _touch(self, folder: int) -> None:
        if self.counts_are_changes:
            self._note_folder(self.folders[folder], "changed")
        self._newest.pop(folder, None)
        self._newest.pop(0, None)

    def _register(self, message: Message) -> None:
        for immutable in (True, False):
            self._ids[self.id(message, immutable=immutable)] = message.key

    def _register_folder(self, folder: Folder) -> None:
        self._containers[self.folder_id(folder.key)] = folder.key

    def _note_folder(self, folder: Folder, kind: Kind) -> None:
        self.tree.note(Change(self.counter.change(), folder.key, self.folder_id(folder.key), kind))
