"""What a person is told when they connect a Microsoft account: what was found, what will be read, what is missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connectors.microsoft.graph import Graph
from connectors.microsoft.scopes import Feature
from connectors.sync.port import Kind, Stream

if TYPE_CHECKING:
    from connectors.microsoft.account import MicrosoftAccount

# How the options turn on what is not read.
_TURNED_ON = {Feature.WORDS: "--mail words", Feature.CALENDAR: "--calendar", Feature.CONTACTS: "--contacts"}
_SHOWN = 12  # streams of a kind that are named
_CHANGED = "nothing is ever changed, marked as read, moved, answered, deleted or sent"
_KINDS = {Kind.MAIL: "mail folders", Kind.CALENDAR: "calendars", Kind.CONTACTS: "address books"}


def check(connector: MicrosoftAccount, graph: Graph, features: Collection[Feature]) -> Sequence[str]:
    """See `connectors.sync.provider.Checker`."""
    try:
        me = graph.get("/me?$select=userPrincipalName,mail,proxyAddresses,otherMails")
        streams, notes = connector.streams(), connector.notes()
    finally:
        connector.close()
    named = [f"will be read: {_named(streams, kind)}" for kind in Kind if any(one.kind is kind for one in streams)]
    return [*_own(me), *named, *notes, *_words(features), *_missing(features), _CHANGED]


def own_addresses(me: Mapping[str, Any]) -> list[str]:
    """Every address of the person, sorted; not the names that sign in but receive nothing."""
    proxies = me.get("proxyAddresses")
    found = [one.partition(":")[2] for one in proxies if _is_mail(one)] if isinstance(proxies, list) else []
    others = me.get("otherMails")
    more = [me.get("mail"), me.get("userPrincipalName") if not found else None]
    every = [*found, *more, *(others if isinstance(others, list) else [])]
    return sorted({one.lower() for one in every if isinstance(one, str) and "@" in one})


def _is_mail(proxy: object) -> bool:
    """`SMTP:` is the main address, `smtp:` any other; `X500:` and `SIP:` are none."""
    return isinstance(proxy, str) and proxy.lower().startswith("smtp:")


def _own(me: Mapping[str, Any]) -> list[str]:
    own = own_addresses(me)
    said = [f"signed in as {me.get('userPrincipalName') or me.get('mail') or 'somebody without a name'}"]
    if len(own) > 1:
        said.append(f"your addresses there are {', '.join(own)}: all of them belong under [me] addresses in amity.toml")
    return said


def _named(streams: Sequence[Stream], kind: Kind) -> str:
    titles = [one.title for one in streams if one.kind is kind]
    more = ", …" if len(titles) > _SHOWN else ""
    return f"{len(titles)} {_KINDS[kind]} ({', '.join(titles[:_SHOWN])}{more})"


def _words(features: Collection[Feature]) -> list[str]:
    if Feature.METADATA in features:
        return ['of each mail the header alone is read: write email = "flat" under [policy] in amity.toml']
    if Feature.WORDS in features:
        return ["of each mail the header and the text are read; only counts are kept of the text"]
    return []


def _missing(features: Collection[Feature]) -> list[str]:
    """What is not read, and how that is changed."""
    missing = [feature for feature in _TURNED_ON if feature not in features]
    if Feature.METADATA in features:
        missing.remove(Feature.WORDS)
    return [
        f"not read: {feature.value}; to add it, amity connect microsoft --account NAME {_TURNED_ON[feature]}"
        for feature in missing
    ]
