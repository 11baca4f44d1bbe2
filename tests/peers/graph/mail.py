"""Folders and messages, listed and one by one."""

from __future__ import annotations

from collections.abc import Sequence

from tests.peers.graph import odata
from tests.peers.graph.call import Call, Json
from tests.peers.graph.failures import bad_request, denied
from tests.peers.graph.mail_views import folder_view, message_view
from tests.peers.graph.mailbox import ROOT, Message
from tests.peers.graph.paging import Raw, listed, paged


def folders(call: Call) -> Json:
    mail = call.user.mail
    parent = mail.folder(call.names.get("folder", ROOT))
    hidden = call.query.get("includehiddenfolders", "").lower() == "true"
    inside = [each for each in mail.folders.values() if each.parent == parent.key and (hidden or not each.hidden)]
    return listed(call, "mailFolders", [folder_view(call, each) for each in inside], 10)


def folder(call: Call) -> Json:
    return odata.selected(folder_view(call, call.user.mail.folder(call.names["folder"])), call.query.get("select", ""))


def messages(call: Call) -> Json:
    """Of all folders or of one. Pages are numbered by $skip: mail that comes meanwhile moves them."""
    mail, query = call.user.mail, call.query
    place = mail.folder(call.names["folder"]).key if "folder" in call.names else 0
    terms, order = odata.terms(query.get("filter", "")), odata.order(query.get("orderby", ""))
    if terms and order and [name for name, _ in order] != list(dict.fromkeys(t.name for t in terms))[: len(order)]:
        raise bad_request("The restriction or sort order is too complex for this operation.", "InefficientFilter")
    held: Sequence[Message] = mail.newest(place)
    if terms:
        held = [each for each in held if all(term.fits(each.body) for term in terms)]
    for name, falls in reversed(order):
        if (name.lower(), falls) != ("receiveddatetime", True):  # that is how they come
            held = odata.ordered(held, name, falls=falls)
    return paged(call, "messages", held, lambda each: message_view(call, each, query))


def message(call: Call) -> Json:
    return message_view(call, call.user.mail.find(call.names["message"]), call.query)


def source(call: Call) -> Raw:
    """The bytes of a message."""
    if not call.full("Mail"):
        raise denied()
    return Raw(call.user.mail.find(call.names["message"]).raw, "text/plain")


