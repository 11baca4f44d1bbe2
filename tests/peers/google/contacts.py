"""Contacts at Google: connections, "other contacts", the directory of a company, and labels (contact groups)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from tests.peers.google.clock import Clock

Json = dict[str, Any]
SYSTEM_GROUPS = ("myContacts", "starred", "friends", "family", "coworkers", "blocked", "all")


class Rows:
    """Resources with the number of their last change. `former`: resource name → the names it had before."""

    def __init__(self) -> None:
        self.kept: dict[str, Json] = {}
        self.changed: dict[str, int] = {}
        self.deleted: dict[str, Json] = {}
        self.former: dict[str, list[str]] = {}
        self.retired: set[str] = set()
        self.sequence = self.generation = 0

    def put(self, row: Json) -> Json:
        self.sequence += 1
        row["etag"] = f"%E{self.sequence}"
        self.kept[row["resourceName"]] = row
        self.deleted.pop(row["resourceName"], None)
        self.changed[row["resourceName"]] = self.sequence
        return row

    def remove(self, name: str) -> None:
        self.sequence += 1
        self.deleted[name] = self.kept.pop(name)
        self.changed[name] = self.sequence

    def rename(self, name: str, new: str) -> None:
        """Linked with a profile, or cut off from it: the same person under another resource name. No tombstone."""
        row = self.kept.pop(name)
        del self.changed[name]
        self.retired.add(name)
        self.former[new] = [*self.former.pop(name, []), name]
        self.put({**row, "resourceName": new})


class Contacts:
    """`forbidden`: the directory is closed by the administrator. `workspace`: there is a directory at all."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.connections, self.others, self.directory, self.groups = Rows(), Rows(), Rows(), Rows()
        self.workspace, self.forbidden = True, False
        for name in SYSTEM_GROUPS:
            self._group(name, name, "SYSTEM_CONTACT_GROUP")

    def put(
        self, name: str, *emails: str, resource: str = "", groups: Iterable[str] = ("contactGroups/myContacts",),
        **fields: Any,
    ) -> Json:  # fmt: skip
        """A contact made or changed. `groups`: resource names. `fields`: more of Person: organizations, nicknames."""
        person = self._person("CONTACT", "people/c", name, emails, resource)
        person["memberships"] = [
            {
                "metadata": {"source": _of(person)},
                "contactGroupMembership": {
                    "contactGroupId": group.removeprefix("contactGroups/"),
                    "contactGroupResourceName": group,
                },
            }
            for group in groups
        ]
        while not resource and person["resourceName"] in self.connections.retired:
            person["resourceName"] += "0"  # no name is ever given to another person
        return self.connections.put({**person, **fields})

    def other(self, name: str, *emails: str, resource: str = "") -> Json:
        """Somebody the person once wrote to."""
        return self.others.put(self._person("OTHER_CONTACT", "otherContacts/c", name, emails, resource))

    def colleague(self, name: str, *emails: str, resource: str = "") -> Json:
        return self.directory.put(self._person("DOMAIN_PROFILE", "people/1", name, emails, resource))

    def group(self, name: str) -> str:
        """A label of the person's own; its resource name."""
        identity = hashlib.sha256(name.encode()).hexdigest()[:16]
        return str(self._group(identity, name, "USER_CONTACT_GROUP")["resourceName"])

    def members(self, group: str) -> int:
        return sum(
            each["contactGroupMembership"]["contactGroupResourceName"] == group
            for person in self.connections.kept.values()
            for each in person["memberships"]
        )

    def _group(self, identity: str, name: str, kind: str) -> Json:
        row = {"resourceName": f"contactGroups/{identity}", "groupType": kind, "name": name, "formattedName": name}
        return self.groups.put(row)

    def _person(self, kind: str, prefix: str, name: str, emails: Iterable[str], resource: str) -> Json:
        written = " ".join([name, *emails])
        number = int.from_bytes(hashlib.sha256(f"{kind} {written}".encode()).digest()[:7], "big")
        source = {"type": kind, "id": f"{number:x}", "etag": "#s", "updateTime": self._clock.rfc3339()}
        person: Json = {
            "resourceName": resource or f"{prefix}{number}",
            "metadata": {"sources": [source], "objectType": "PERSON"},
        }
        given, _, family = name.rpartition(" ")
        about = {"primary": True, "sourcePrimary": True, "source": _of(person)}
        if name:
            parts = {"givenName": given, "familyName": family} if given else {"givenName": name}
            person["names"] = [{"metadata": about, "displayName": name, "unstructuredName": name, **parts}]
        if emails := tuple(emails):
            person["emailAddresses"] = [
                {"metadata": about if not place else {"source": _of(person)}, "value": each}
                for place, each in enumerate(emails)
            ]
        return person


def _of(person: Json) -> Json:
    source = person["metadata"]["sources"][0]
    return {"type": source["type"], "id": source["id"]}
