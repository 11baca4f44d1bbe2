"""Contacts in their folders (https://learn.microsoft.com/graph/api/resources/contact)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.peers.graph import ids
from tests.peers.graph.counter import Counter, stamp
from tests.peers.graph.failures import not_found
from tests.peers.graph.feed import Change, Feed, Kind

Json = dict[str, Any]
_EMPTY: Json = {
    "fileAs": "", "birthday": None, "displayName": "", "givenName": None, "initials": None, "middleName": None,
    "nickName": None, "surname": None, "title": None, "yomiGivenName": None, "yomiSurname": None,
    "yomiCompanyName": None, "generation": None, "imAddresses": [], "jobTitle": None, "companyName": None,
    "department": None, "officeLocation": None, "profession": None, "businessHomePage": None, "assistantName": None,
    "manager": None, "homePhones": [], "mobilePhone": None, "businessPhones": [], "spouseName": None,
    "personalNotes": "", "children": [], "emailAddresses": [], "homeAddress": {}, "businessAddress": {},
    "otherAddress": {}, "categories": [],
}  # fmt: skip


@dataclass
class Contact:
    key: int
    folder: int
    body: Json
    number: int = 0
    moves: int = 0


@dataclass
class ContactFolder:
    """Key 0: the default folder, which contactFolders does not list."""

    key: int
    name: str
    parent: int = 0
    feed: Feed = field(default_factory=Feed)


class ContactBook:
    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        self.contacts: dict[int, Contact] = {}
        self.folders: dict[int, ContactFolder] = {0: ContactFolder(0, "Contacts")}
        self.tree = Feed()

    def put(self, name: str, *emails: str, folder: str = "", **more: Any) -> Contact:
        """`emails`: addresses. `more`: properties of Graph; emailAddresses may hold only a name, as it often does."""
        written = [{"name": name, "address": each} for each in emails]
        body = {**_EMPTY, "displayName": name, "fileAs": name, "emailAddresses": written, **more}
        body["createdDateTime"] = stamp(self.counter.now())
        made = Contact(self.counter.key(), self.folder(folder).key, body)
        self.contacts[made.key] = made
        self._note(made, "entered")
        return made

    def change(self, contact: Contact, **properties: Any) -> None:
        contact.body.update(properties)
        self._note(contact, "changed")

    def move(self, contact: Contact, folder: str) -> None:
        self._note(contact, "left")
        contact.folder, contact.moves = self.folder(folder).key, contact.moves + 1
        self._note(contact, "entered")

    def delete(self, contact: Contact) -> None:
        self._note(contact, "left")
        del self.contacts[contact.key]

    def new_folder(self, name: str, parent: str = "") -> str:
        """Its id."""
        made = ContactFolder(self.counter.key(), name, self.folder(parent).key)
        self.folders[made.key] = made
        self._note_folder(made, "entered")
        return self.folder_id(made.key)

    def rename_folder(self, folder: str, name: str) -> None:
        held = self.folder(folder)
        held.name = name
        self._note_folder(held, "changed")

    def delete_folder(self, folder: str) -> None:
        held = self.folder(folder)
        for contact in [each for each in self.contacts.values() if each.folder == held.key]:
            self.delete(contact)
        self._note_folder(held, "left")
        del self.folders[held.key]

    def folder(self, identity: str) -> ContactFolder:
        """"" and contacts: the default folder. Raises GraphError."""
        if identity.lower() in ("", "contacts"):
            return self.folders[0]
        for folder in self.folders.values():
            if self.folder_id(folder.key) == identity:
                return folder
        raise not_found()

    def folder_id(self, key: int) -> str:
        return ids.container("contacts", key, self.counter.epoch)

    def find(self, identity: str) -> Contact:
        """By either id. Raises GraphError."""
        for contact in self.contacts.values():
            if identity in (self.id(contact, immutable=True), self.id(contact, immutable=False)):
                return contact
        raise not_found()

    def id(self, contact: Contact, *, immutable: bool) -> str:
        if immutable:
            return ids.immutable("contact", contact.key, self.counter.epoch)
        return ids.default("contact", contact.key, f"{contact.folder} {contact.moves}", self.counter.epoch)

    def renew_ids(self) -> None:
        """After the mailbox moved: call when the epoch has risen."""
        self.tree = Feed()
        for folder in self.folders.values():
            folder.feed = Feed()
            if folder.key:
                self._note_folder(folder, "entered")
        for contact in self.contacts.values():
            self._note(contact, "entered")

    def _note(self, contact: Contact, kind: Kind) -> None:
        contact.number = self.counter.change()
        contact.body["lastModifiedDateTime"] = stamp(self.counter.now())
        entry = self.id(contact, immutable=False)
        self.folders[contact.folder].feed.note(Change(contact.number, contact.key, entry, kind))

    def _note_folder(self, folder: ContactFolder, kind: Kind) -> None:
        self.tree.note(Change(self.counter.change(), folder.key, self.folder_id(folder.key), kind))
