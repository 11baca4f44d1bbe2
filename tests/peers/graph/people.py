"""/me, categories, contacts and their folders."""

from __future__ import annotations

from tests.peers.graph import ids, odata
from tests.peers.graph.call import Call, Json
from tests.peers.graph.contacts import Contact, ContactFolder
from tests.peers.graph.delta import Groups, Track, delta, removed
from tests.peers.graph.links import Round
from tests.peers.graph.paging import listed, paged

_DEFAULT = (  # what /me shows without $select
    "businessPhones", "displayName", "givenName", "jobTitle", "mail", "mobilePhone", "officeLocation",
    "preferredLanguage", "surname", "userPrincipalName", "id",
)  # fmt: skip


def me(call: Call) -> Json:
    """proxyAddresses and otherMails come only when selected."""
    user = call.user
    given, _, surname = user.name.partition(" ")
    shown: Json = {
        "businessPhones": [], "displayName": user.name, "givenName": given, "jobTitle": None, "mail": user.address,
        "mobilePhone": None, "officeLocation": None, "preferredLanguage": "en-US", "surname": surname or None,
        "userPrincipalName": user.address, "id": user.id, "proxyAddresses": user.proxies,
        "otherMails": user.other_mails, "userType": "Member", "accountEnabled": True,
    }  # fmt: skip
    if user.personal:  # of Outlook.com: the directory's properties are not there
        shown.update(mail=user.address, proxyAddresses=[], otherMails=[])
    context = {"@odata.context": f"{call.request.base}/$metadata#users/$entity"}
    return {**context, **odata.selected(shown, call.query.get("select", ",".join(_DEFAULT)))}


def categories(call: Call) -> Json:
    names = [{"id": name, "displayName": name, "color": color} for name, color in call.user.categories.items()]
    return listed(call, "masterCategories", names)


def contacts(call: Call) -> Json:
    book = call.user.contacts
    place = book.folder(call.names.get("folder", "")).key
    held = [each for each in book.contacts.values() if each.folder == place]
    return paged(call, "contacts", held, lambda each: _contact(call, each, call.query.get("select", "")))


def contact(call: Call) -> Json:
    return _contact(call, call.user.contacts.find(call.names["contact"]), call.query.get("select", ""))


def folders(call: Call) -> Json:
    """Those in the default folder, or in the one named."""
    book = call.user.contacts
    place = book.folder(call.names.get("folder", "")).key
    inside = [each for each in book.folders.values() if each.key and each.parent == place]
    return listed(call, "contactFolders", [_folder(call, each) for each in inside])


def folder(call: Call) -> Json:
    return _folder(call, call.user.contacts.folder(call.names["folder"]))


def contacts_delta(call: Call) -> Json:
    book = call.user.contacts
    place = book.folder(call.names.get("folder", ""))

    def groups(now: Round) -> Groups:
        for at, change in place.feed.since(now.since, now.upto, now.at, immutable=call.immutable):
            if change.kind != "left":
                yield at, [_contact(call, book.contacts[change.key], now.options.get("select", ""))]
            elif now.since or call.world.removed_at_first:
                held = ids.immutable("contact", change.key, call.user.counter.epoch)
                yield at, [removed(held if call.immutable else change.entry, change.reason, "contact")]

    named = f"/contactFolders/{book.folder_id(place.key)}" if "folder" in call.names else ""
    track = Track("contact", f"{call.root}{named}/contacts/delta", place.feed)
    return delta(call, track, _kept(call), groups)


def folders_delta(call: Call) -> Json:
    book = call.user.contacts

    def groups(now: Round) -> Groups:
        for at, change in book.tree.since(now.since, now.upto, now.at, immutable=True):
            if change.kind != "left":
                yield at, [odata.selected(_folder(call, book.folders[change.key]), now.options.get("select", ""))]
            elif now.since or call.world.removed_at_first:
                yield at, [removed(change.entry, change.reason, "contactFolder")]

    track = Track("contactFolder", f"{call.root}/contactFolders/delta", book.tree)
    return delta(call, track, _kept(call), groups)


def _contact(call: Call, contact: Contact, select: str) -> Json:
    book = call.user.contacts
    key = ids.change_key("contact", contact.key, contact.number)
    view = {
        "@odata.type": "#microsoft.graph.contact", "@odata.etag": f'W/"{key}"',
        "id": book.id(contact, immutable=call.immutable), "changeKey": key,
        "parentFolderId": book.folder_id(contact.folder), **contact.body,
    }  # fmt: skip
    return odata.selected(view, select)


def _folder(call: Call, folder: ContactFolder) -> Json:
    book = call.user.contacts
    return {
        "@odata.type": "#microsoft.graph.contactFolder", "id": book.folder_id(folder.key),
        "parentFolderId": book.folder_id(folder.parent), "displayName": folder.name,
    }  # fmt: skip


def _kept(call: Call) -> dict[str, str]:
    return {name: call.query[name] for name in ("select",) if name in call.query}
