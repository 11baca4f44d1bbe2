"""mailFolders/delta and mailFolders/{id}/messages/delta."""

from __future__ import annotations

from tests.peers.graph import ids, odata
from tests.peers.graph.call import Call, Json
from tests.peers.graph.delta import Groups, Track, delta, removed
from tests.peers.graph.failures import bad_request
from tests.peers.graph.feed import Change
from tests.peers.graph.links import Round
from tests.peers.graph.mail_views import folder_view, message_view
from tests.peers.graph.mailbox import Folder, Message

CAP = 5000  # what a filtered round shows at most
_CHANGES = {"created", "updated", "deleted"}


def folders_delta(call: Call) -> Json:
    mail = call.user.mail

    def groups(now: Round) -> Groups:
        for at, change in mail.tree.since(now.since, now.upto, now.at, immutable=True):
            if change.kind != "left":
                view = folder_view(call, mail.folders[change.key])
                yield at, [odata.selected(view, now.options.get("select", ""))]
            elif now.since or call.world.removed_at_first:
                yield at, [removed(change.entry, change.reason, "mailFolder")]

    track = Track("mailFolder", f"{call.root}/mailFolders/delta", mail.tree)
    return delta(call, track, _kept(call, "select"), groups)


def messages_delta(call: Call) -> Json:
    folder = call.user.mail.folder(call.names["folder"])
    for name in ("search", "skip", "count"):
        if name in call.query:
            raise bad_request(f"The query parameter '${name}' is not supported.", "ErrorInvalidUrlQuery")
    begin = _kept(call, "select", "filter", "orderby", "changetype", "expand")
    _check(begin)

    def groups(now: Round) -> Groups:
        ordered = not now.since and ("filter" in now.options or "orderby" in now.options)
        return _ordered(call, folder, now) if ordered else _logged(call, folder, now)

    path = f"{call.root}/mailFolders/{call.user.mail.folder_id(folder.key)}/messages/delta"
    return delta(call, Track("message", path, folder.feed), begin, groups)


def _check(options: dict[str, str]) -> None:
    for term in odata.terms(options.get("filter", "")):
        if term.name.lower() != "receiveddatetime" or term.test not in ("ge", "gt"):
            raise bad_request("Only $filter=receivedDateTime ge or gt is supported.", "ErrorInvalidUrlQueryFilter")
    if odata.order(options.get("orderby", "")) not in ([], [("receivedDateTime", True)]):
        raise bad_request("Only $orderby=receivedDateTime desc is supported.", "ErrorInvalidUrlQuery")
    if options.get("changetype", "created") not in _CHANGES:
        raise bad_request("The value of changeType is not supported.", "ErrorInvalidUrlQuery")


def _ordered(call: Call, folder: Folder, now: Round) -> Groups:
    """The first round when it is filtered or ordered: newest first, and not beyond the cap."""
    terms = odata.terms(now.options.get("filter", ""))
    shown = 0
    for at, message in enumerate(call.user.mail.newest(folder.key)):
        if message.number > now.upto or not all(term.fits(message.body) for term in terms):
            continue
        shown += 1
        if terms and shown > call.world.delta_cap:
            return
        if at >= now.at and now.options.get("changetype", "created") == "created":
            yield at + 1, [message_view(call, message, now.options, delta=True)]


def _logged(call: Call, folder: Folder, now: Round) -> Groups:
    mail = call.user.mail
    terms = odata.terms(now.options.get("filter", ""))
    for at, change in folder.feed.since(now.since, now.upto, now.at, immutable=call.immutable):
        bug = call.immutable and mail.returned_is_removed and folder.feed.back(change, now.since)
        wanted = now.options.get("changetype", "")
        if change.kind == "left" or bug:
            if (now.since or call.world.removed_at_first) and wanted in ("", "deleted"):
                yield at, [removed(_entry(call, change), change.reason, "message")]
            continue
        message = mail.messages[change.key]
        created = folder.feed.entered.get(change.key, 0) > now.since
        if wanted in ("", "created" if created else "updated") and all(term.fits(message.body) for term in terms):
            view = message_view(call, message, now.options, delta=True)
            yield at, [view if created or not mail.sparse else _sparse(view, message, now.since)]


def _sparse(view: Json, message: Message, since: int) -> Json:
    recent = {name for name, number in message.changed.items() if number > since}
    return {name: value for name, value in view.items() if name in recent or name == "id" or "@" in name}


def _entry(call: Call, change: Change) -> str:
    if call.immutable:
        return ids.immutable("message", change.key, call.user.counter.epoch)
    return change.entry


def _kept(call: Call, *names: str) -> dict[str, str]:
    return {name: call.query[name] for name in names if name in call.query}
