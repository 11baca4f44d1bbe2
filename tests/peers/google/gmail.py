"""Gmail v1: the methods that read. https://developers.google.com/workspace/gmail/api/reference/rest"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from bisect import bisect_right
from collections.abc import Callable
from itertools import islice
from typing import Any

from tests.peers.google import payload
from tests.peers.google.call import Call
from tests.peers.google.failures import ApiError, invalid, not_found
from tests.peers.google.gmail_history import history
from tests.peers.google.mailbox import SYSTEM, Mailbox, Stored
from tests.peers.google.tokens import opened, seal

Json = dict[str, Any]
MOST = 500
ESTIMATE = 201  # what Gmail says, whatever the truth is


def mailbox(call: Call) -> Mailbox:
    if call.path["userId"] not in ("me", call.account.address):
        raise ApiError(403, "forbidden", f"Delegation denied for {call.account.address}")
    return call.account.mail


def profile(call: Call) -> Json:
    box = mailbox(call)
    return {
        "emailAddress": box.address,
        "messagesTotal": len(box.messages),
        "threadsTotal": box.thread_count(),
        "historyId": str(box.history),
    }


def labels(call: Call) -> Json:
    system: list[Json] = [{"id": name, "name": name, "type": "system"} for name in SYSTEM]
    own = [{"id": label, "name": name, "type": "user"} for label, name in mailbox(call).names.items()]
    return {"labels": system + own}


def send_as(call: Call) -> Json:
    box = mailbox(call)
    primary = {"sendAsEmail": box.address, "isPrimary": True, "isDefault": True, "displayName": ""}
    others = [
        {"sendAsEmail": alias, "treatAsAlias": True, "verificationStatus": "accepted"} for alias in box.aliases
    ]  # fmt: skip
    return {"sendAs": [primary, *others]}


def messages_list(call: Call) -> Json:
    box = mailbox(call)
    _no_search(call)
    shown = _filter(call)
    behind = _page(call)
    begin, skip = bisect_right(box.order, (behind["k"][0], behind["k"][1])) if behind else 0, 0
    if behind and call.world.pages_shift:
        begin, skip = 0, behind["n"]
    found = (box.messages[name] for _, name in islice(box.order, begin, None))
    size = call.size("maxResults", 100, MOST)
    page = list(islice(filter(shown, found), skip, skip + size + 1))
    answer: Json = {"resultSizeEstimate": ESTIMATE}
    if page:
        answer["messages"] = [{"id": each.id, "threadId": each.thread} for each in page[:size]]
    if len(page) > size:
        last = page[size - 1]
        answer["nextPageToken"] = seal(n=(behind["n"] if behind else 0) + size, k=[-last.received, last.id])
    return answer


def messages_get(call: Call) -> Json:
    return _message(call, mailbox(call).get(call.path["id"]))


def attachments_get(call: Call) -> Json:
    content = payload.attachment(mailbox(call).get(call.path["messageId"]), call.path["id"])
    if content is None:
        raise not_found()
    return {"size": len(content), "data": urlsafe_b64encode(content).decode()}


def threads_list(call: Call) -> Json:
    box = mailbox(call)
    _no_search(call)
    shown, behind = _filter(call), _page(call)
    found = [(name, kept) for name, kept in box.threads() if any(map(shown, kept))]
    begin = int(behind["n"]) if behind else 0
    end = begin + call.size("maxResults", 100, MOST)
    answer: Json = {"resultSizeEstimate": ESTIMATE}
    if page := found[begin:end]:
        answer["threads"] = [
            {"id": name, "snippet": "", "historyId": str(max(each.history for each in kept))} for name, kept in page
        ]
    if end < len(found):
        answer["nextPageToken"] = seal(n=end)
    return answer


def threads_get(call: Call) -> Json:
    for name, kept in mailbox(call).threads():
        if name == call.path["id"]:
            newest = str(max(each.history for each in kept))
            return {"id": name, "historyId": newest, "messages": [_message(call, each) for each in kept]}
    raise not_found()


def _message(call: Call, stored: Stored) -> Json:
    form, narrow = call.text("format", "full"), "gmail.metadata" in call.scopes
    if narrow and form in ("full", "raw"):
        raise ApiError(403, "forbidden", f"Metadata scope doesn't allow format {form.upper()}")
    return payload.message(stored, form, call.many("metadataHeaders"), snippet=not narrow)


def _no_search(call: Call) -> None:
    """The scope forbids `q` even beside a wider one (google-api-python-client issue 582)."""
    if "q" in call.query and "gmail.metadata" in call.scopes:
        raise ApiError(403, "forbidden", "Metadata scope does not support 'q' parameter")
    if call.text("q"):
        raise ApiError(501, "notImplemented", "this server knows no searches")


def _filter(call: Call) -> Callable[[Stored], bool]:
    """What a listing shows: no spam and no bin, unless asked for."""
    wanted = set(call.many("labelIds"))
    hidden = set() if call.flag("includeSpamTrash") else {"SPAM", "TRASH"} - wanted
    return lambda each: wanted <= each.labels and not hidden & each.labels


def _page(call: Call) -> Json | None:
    """The page's token: it begins behind the last one shown or, while pages shift, at a number."""
    if "pageToken" not in call.query:
        return None
    token = opened(call.text("pageToken"))
    if token is None or "n" not in token:
        raise invalid("pageToken", "Invalid pageToken")
    return token


METHODS = {
    "gmail.users.getProfile": profile,
    "gmail.users.labels.list": labels,
    "gmail.users.settings.sendAs.list": send_as,
    "gmail.users.messages.list": messages_list,
    "gmail.users.messages.get": messages_get,
    "gmail.users.messages.attachments.get": attachments_get,
    "gmail.users.threads.list": threads_list,
    "gmail.users.threads.get": threads_get,
    "gmail.users.history.list": lambda call: history(mailbox(call), call),
}
