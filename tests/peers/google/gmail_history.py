"""users.history.list. Pages are cut before they are filtered: one that shows nothing may name another."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

from tests.peers.google.call import Call
from tests.peers.google.failures import ApiError, invalid, not_found
from tests.peers.google.mailbox import Change, Mailbox, Record
from tests.peers.google.tokens import opened, seal

Json = dict[str, Any]
_KINDS = {
    "messageAdded": "messagesAdded",
    "messageDeleted": "messagesDeleted",
    "labelAdded": "labelsAdded",
    "labelRemoved": "labelsRemoved",
}


def history(box: Mailbox, call: Call) -> Json:
    behind = _behind(box, call)
    start = bisect_right(box.records, behind, key=lambda record: record.id)
    size = call.size("maxResults", 100, 500)
    page = box.records[start : start + size]
    shown = [record for each in page if (record := _record(each, call))]
    answer: Json = {"historyId": str(box.history)}
    if shown:
        answer["history"] = shown
    if start + size < len(box.records):
        answer["nextPageToken"] = seal(h=page[-1].id)
    return answer


def _behind(box: Mailbox, call: Call) -> int:
    """The id behind which the page begins. 404 for one that is too old, or that never was."""
    written = call.text("startHistoryId")
    if not written:
        raise ApiError(400, "required", "Missing/invalid parameter: startHistoryId", location="startHistoryId")
    if not written.isdecimal():
        raise invalid("startHistoryId")
    if not box.horizon <= int(written) <= box.history:
        raise not_found()
    if "pageToken" not in call.query:
        return int(written)
    token = opened(call.text("pageToken"))
    if token is None:
        raise invalid("pageToken", "Invalid pageToken")
    return int(token["h"])


def _record(record: Record, call: Call) -> Json | None:
    kinds = {_KINDS[name] for name in call.many("historyTypes")} or set(_KINDS.values())
    label = call.text("labelId")
    changes = [each for each in record.changes if each.kind in kinds and (not label or label in each.labels)]
    if not changes:
        return None
    shown: Json = {"id": str(record.id), "messages": [_short(changes[0])]}
    for each in changes:
        entry: Json = {"message": {**_short(each), **({"labelIds": list(each.labels)} if each.labels else {})}}
        if each.changed:
            entry["labelIds"] = list(each.changed)
        shown.setdefault(each.kind, []).append(entry)
    return shown


def _short(change: Change) -> Json:
    return {"id": change.message, "threadId": change.thread}
