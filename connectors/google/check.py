"""What a person is told when they connect a Google account: what was found, what will be read, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from connectors.google.account import GoogleAccount
from connectors.google.client import Client
from connectors.google.gmail_fetch import GET, SMALL
from connectors.google.gmail_listing import entries
from connectors.google.grant import GUIDE
from connectors.google.scopes import Feature
from connectors.sync.port import Kind

_MAIL = frozenset({Feature.WORDS, Feature.METADATA})
# How the options turn on what is not read.
_TURNED_ON = {Feature.WORDS: "--mail words", Feature.CALENDAR: "--calendar", Feature.CONTACTS: "--contacts"}
_SHOWN = 12  # calendars that are named
_LONG = 30  # minutes after which a first run deserves a word
_CHANGED = "nothing is ever changed, marked as read, moved, answered, deleted or sent"


def check(connector: GoogleAccount, client: Client, features: Collection[Feature]) -> Sequence[str]:
    """See `connectors.sync.provider.Checker`."""
    try:
        streams, notes = connector.streams(), connector.notes()
        mail = _mail(client, features) if _MAIL & set(features) else []
    finally:
        connector.close()
    other = [stream.title for stream in streams if stream.kind is not Kind.MAIL]
    named = ", ".join(other[:_SHOWN]) + (", …" if len(other) > _SHOWN else "")
    return [*mail, *([f"will be read as well: {named}"] if named else []), *notes, *_missing(features), _CHANGED]


def _mail(client: Client, features: Collection[Feature]) -> list[str]:
    gmail = client.service("gmail")
    users = gmail.methods.users()
    profile = gmail.ask(users.getProfile(userId="me"), SMALL)
    count = profile.get("messagesTotal")
    said = [_duration(str(profile.get("emailAddress", "")), count, client.quota("gmail"))]
    if Feature.METADATA in features:
        said.append('of each mail the header alone is read: write email = "flat" under [policy] in amity.toml')
        return said
    said.append("of each mail the header and the text are read; only counts are kept of the text")
    document = gmail.ask(users.settings().sendAs().list(userId="me"), SMALL)
    own = sorted(str(one.get("sendAsEmail", "")) for one in entries(document, "sendAs"))
    if len(own) > 1:
        said.append(f"you send as {', '.join(own)}: all of them belong under [me] addresses in amity.toml")
    return said


def _duration(address: str, count: object, quota: int) -> str:
    """How long the first run takes: one message costs `GET` units."""
    if not isinstance(count, int):
        return f"signed in as {address}"
    minutes = count * GET / quota
    text = f"signed in as {address}, {count:,} messages: the first sync takes about {minutes:,.0f} minutes"
    if minutes < _LONG:
        return text.partition(": the")[0] if minutes < 1 else text
    return (
        f"{text}, newest first, and goes on where it was stopped; for the past a Google Takeout is the fast road"
        f" ({GUIDE}): import it before or after, no mail counts twice"
    )


def _missing(features: Collection[Feature]) -> list[str]:
    """What is not read, and how that is changed."""
    missing = [feature for feature in _TURNED_ON if feature not in features]
    if Feature.METADATA in features:
        missing.remove(Feature.WORDS)
    return [
        f"not read: {feature.value}; to add it, amity connect google --account NAME {_TURNED_ON[feature]}"
        for feature in missing
    ]
