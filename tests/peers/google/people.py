"""People v1: the lists of persons and labels. https://developers.google.com/people/api/rest"""

from __future__ import annotations

from typing import Any, NamedTuple

from tests.peers.google.call import Call
from tests.peers.google.contacts import Rows
from tests.peers.google.discovery import document
from tests.peers.google.failures import ApiError, not_found
from tests.peers.google.tokens import digest, opened, seal

Json = dict[str, Any]
WEEK = 7 * 86_400  # "Sync tokens expire 7 days after the full sync"
MOST = 1000
_FREE = frozenset({"pageToken", "syncToken", "pageSize", "fields", "prettyPrint", "alt", "$.xgafv", "key"})
_ALWAYS = frozenset({"resourceName", "etag"})
_OF_OTHERS = frozenset({"emailAddresses", "metadata", "names", "phoneNumbers", "photos"})
_OF_GROUPS = frozenset({"clientData", "groupType", "memberCount", "metadata", "name"})


class Run(NamedTuple):
    """`since`: changes behind this number; -1: everything. `begun`: the number when the listing began. `full`: when the
    full listing was made from which the token descends, seconds since 1970."""

    since: int
    begun: int
    full: float


def connections(call: Call) -> Json:
    if call.path["peopleId"] != "me":
        raise not_found()
    fields = _mask(call, "personFields", frozenset(document("people")["schemas"]["Person"]["properties"]) - _ALWAYS)
    rows = call.account.contacts.connections
    answer = _listing(call, rows, "connections", fields, sync=call.flag("requestSyncToken"))
    return answer | {"totalPeople": len(rows.kept), "totalItems": len(rows.kept)}


def others(call: Call) -> Json:
    fields = _mask(call, "readMask", _OF_OTHERS)
    rows = call.account.contacts.others
    answer = _listing(call, rows, "otherContacts", fields, sync=call.flag("requestSyncToken"))
    return answer | {"totalSize": len(rows.kept)}


def directory(call: Call) -> Json:
    contacts = call.account.contacts
    fields = _mask(call, "readMask", frozenset(document("people")["schemas"]["Person"]["properties"]) - _ALWAYS)
    if "sources" not in call.query:
        raise _wrong("Request must set sources.")
    if not contacts.workspace:
        raise ApiError(400, "failedPrecondition", "Must be a G Suite domain user.", rpc="FAILED_PRECONDITION")
    if contacts.forbidden:
        raise ApiError(403, "forbidden", "The caller does not have permission to request the directory.")
    return _listing(call, contacts.directory, "people", fields, sync=call.flag("requestSyncToken"))


def groups(call: Call) -> Json:
    contacts = call.account.contacts
    fields = _mask(call, "groupFields", _OF_GROUPS, frozenset({"metadata", "groupType", "memberCount", "name"}))
    if "name" in fields:
        fields |= {"formattedName"}
    answer = _listing(call, contacts.groups, "contactGroups", fields, sync=True, default=30)
    for each in answer.get("contactGroups", []):
        if "memberCount" in fields and (count := contacts.members(each["resourceName"])):
            each["memberCount"] = count
    return answer | {"totalItems": len(contacts.groups.kept)}


def _listing(call: Call, rows: Rows, key: str, fields: frozenset[str], *, sync: bool, default: int = 100) -> Json:
    run, begin = _run(call, rows, key)
    found = sorted((number, name) for name, number in rows.changed.items() if number > max(run.since, begin))
    shown = [(number, name) for number, name in found if run.since >= 0 or name in rows.kept]
    size = call.size("pageSize", default, MOST)
    page = shown[:size]
    answer: Json = {key: [_shown(rows, name, fields, run) for _, name in page]} if page else {}
    mark = digest(call.query, _FREE)
    if len(shown) > size:
        return answer | {"nextPageToken": seal(k=key, a=page[-1][0], r=run, p=mark, g=rows.generation)}
    if sync:
        answer["nextSyncToken"] = seal(k=key, s=run.begun, f=run.full, p=mark, g=rows.generation)
    return answer


def _run(call: Call, rows: Rows, key: str) -> tuple[Run, int]:
    """What the pages share, and the number behind which this page begins."""
    mark = digest(call.query, _FREE)
    if "pageToken" in call.query:
        page = opened(call.text("pageToken"))
        if page is None or page.get("k") != key:
            raise _wrong("Invalid page token.")
        _same(page, mark)
        return Run(*page["r"]), int(page["a"])
    now = call.world.clock.now()
    if "syncToken" not in call.query:
        return Run(-1, rows.sequence, now), -1
    if "sortOrder" in call.query:
        raise _wrong("Sort order cannot be used with a sync token.")
    token = opened(call.text("syncToken"))
    if token is None or token.get("k") != key:
        raise _wrong("Invalid sync token.")
    if now > token["f"] + WEEK or token["g"] != rows.generation:
        message = "Sync token is expired. Clear local cache and retry call without the sync token."
        raise ApiError(400, "expired", message, info="EXPIRED_SYNC_TOKEN", rpc="FAILED_PRECONDITION")
    _same(token, mark)
    return Run(token["s"], rows.sequence, token["f"]), -1


def _same(token: Json, mark: str) -> None:
    if token["p"] != mark:
        raise _wrong("Request parameters do not match those of the first call.")


def _shown(rows: Rows, name: str, fields: frozenset[str], run: Run) -> Json:
    gone = rows.deleted.get(name)
    row = gone or rows.kept[name]
    shown = {field: value for field, value in row.items() if field in (_ALWAYS if gone else fields | _ALWAYS)}
    about: Json = {"deleted": True} if gone else {}
    if run.since >= 0 and name in rows.former:
        about["previousResourceNames"] = rows.former[name]
    return {**shown, "metadata": {**row.get("metadata", {}), **about}} if about else shown


def _mask(call: Call, name: str, known: frozenset[str], default: frozenset[str] = frozenset()) -> frozenset[str]:
    if not call.text(name) and not default:
        raise _wrong(f"{name} mask is required. Please specify one or more valid paths.")
    fields = frozenset(call.text(name).split(",")) if call.text(name) else default
    if fields - known:
        raise _wrong(f'Invalid {name} mask path: "{min(fields - known)}".')
    return fields


def _wrong(message: str) -> ApiError:
    return ApiError(400, "badRequest", message)


METHODS = {
    "people.people.connections.list": connections,
    "people.otherContacts.list": others,
    "people.people.listDirectoryPeople": directory,
    "people.contactGroups.list": groups,
}
