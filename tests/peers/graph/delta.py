"""Delta queries: rounds of pages that end with a deltaLink
(https://learn.microsoft.com/graph/delta-query-overview, …/delta-query-messages, …/delta-query-events)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeAlias
from urllib.parse import urlencode

from tests.peers.graph.call import Call, Json
from tests.peers.graph.failures import GraphError, bad_request
from tests.peers.graph.feed import Feed
from tests.peers.graph.links import Round, opened, seal

Groups: TypeAlias = Iterator[tuple[int, list[Json]]]  # (where to go on behind it, rows that stay on one page)
_CODES: Mapping[str, tuple[int, str, str]] = {  # how an old token is refused
    "syncStateNotFound": (410, "SyncStateNotFound", "The sync state generation is not found; generation=149"),
    "lower": (410, "syncStateNotFound", "The sync state generation is not found"),
    "resyncRequired": (410, "resyncRequired", "Resync required. Replace any local items with the server's version."),
    "syncStateInvalid": (400, "SyncStateInvalid", "The sync state is invalid."),
    "badRequest": (400, "BadRequest", "Badly formed token. SyncStateNotFound: the sync state is unknown."),
    "gone": (410, "Gone", "The requested resource is no longer available at the server."),
}
HOW = ("location", *_CODES)
FOR_EVER: Mapping[str, tuple[int, str, str]] = {  # how Exchange sometimes answers to an old token, and never else again
    "500": (500, "InternalServerError", "An internal server error occurred. The operation failed."),
    "503": (503, "UnknownError", ""),
    "504": (504, "UnknownError", ""),
}
_WORD = 20  # ids are longer than the words of a path
_ENDED = {"skiptoken", "deltatoken"}


class Track(NamedTuple):
    """What a delta query follows. `kind`: whose tokens expire together. `path`: of the links."""

    kind: str
    path: str
    feed: Feed


def delta(call: Call, track: Track, begin: Mapping[str, str], groups: Callable[[Round], Groups]) -> Json:
    """A page. `begin`: the options that the whole round keeps."""
    kind, path, _ = track
    now = _round(call, track, begin)
    size = call.size(*SIZES[kind])
    rows: list[Json] = []
    at, more = now.at, call.empty
    for position, group in groups(now) if not call.empty else ():
        if rows and len(rows) + len(group) > size:
            more = True
            break
        rows, at = rows + group, position
    if call.world.replays and rows:
        rows.append(rows[0])
    onward = now._replace(at=at, empty=now.empty + call.empty)
    link, name = ("@odata.nextLink", call.world.skip_token) if more else ("@odata.deltaLink", call.world.delta_token)
    token = onward if more else now._replace(since=now.upto, at=-1)
    return {
        "@odata.context": f"{call.request.base}/$metadata#Collection({kind})",
        link: call.link(_spelled(call, path), urlencode({name: seal(token)}, safe="$")),
        "value": rows,
    }


SIZES: Mapping[str, tuple[int, int]] = {  # (rows of a page by default, at most)
    "message": (10, 1000), "mailFolder": (10, 1000), "event": (10, 1000), "contact": (10, 1000),
    "contactFolder": (10, 1000),
}  # fmt: skip


def removed(identity: str, reason: str, kind: str = "") -> Json:
    """A tombstone."""
    named = {"@odata.type": f"#microsoft.graph.{kind}"} if kind else {}
    return {**named, "id": identity, "@removed": {"reason": reason}}


def _round(call: Call, track: Track, begin: Mapping[str, str]) -> Round:
    kind, path, feed = track
    user = call.user
    generation, number = user.resets.generation(kind), user.counter.number
    written = next((call.query[name] for name in call.query if name in _ENDED and call.query[name]), "")
    if not written:
        return Round(kind, path, 0, number, 0, generation, dict(begin))
    now = opened(written)
    if now is None or (now.kind, now.path.lower()) != (kind, path.lower()):
        raise bad_request("Badly formed token.")
    if now.generation != generation:
        raise _reset(call, kind, path, now)
    if now.at >= 0:
        return now
    before = (feed.before(now.since) if call.world.replays else 0) or now.since  # 0 would be a first round
    return now._replace(since=before, upto=number, at=0, empty=0)


def _reset(call: Call, kind: str, path: str, old: Round) -> GraphError:
    how = call.user.resets.how[kind]
    if how != "location":
        return GraphError(*{**_CODES, **FOR_EVER}[how])
    again = {f"${name}" if name not in ("startDateTime", "endDateTime") else name: v for name, v in old.options.items()}
    where = call.link(_spelled(call, path), urlencode({**again, "$deltatoken": ""}, safe="$"))
    message = "The delta token is no longer valid, and the application must reset the sync state."
    return GraphError(410, "resyncRequired", message, {"Location": where})


def _spelled(call: Call, path: str) -> str:
    """/me/mailFolders/x/messages/delta, or with parentheses, as Exchange often writes it."""
    if not call.world.links_with_parentheses:
        return path
    parts = path.split("/")
    for index, part in enumerate(parts[:-1]):
        if part in ("mailFolders", "calendars", "contactFolders") and len(parts[index + 1]) > _WORD:
            parts[index : index + 2] = [f"{part}('{parts[index + 1]}')", ""]
    return "/".join(part for number, part in enumerate(parts) if part or not number)
