"""Messages and folders as answers show them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from tests.peers.graph import ids, odata
from tests.peers.graph.call import Call, Json
from tests.peers.graph.failures import denied
from tests.peers.graph.mailbox import ROOT, Folder, Message
from tests.peers.graph.message import BODIES, ONLY_SELECTED, meeting_type

_EXTENDED = re.compile(r"id\s+eq\s+'String\s+0x([0-9A-Fa-f]+)'")
_HEADERS = {0x1035: "message-id", 0x1039: "references", 0x1042: "in-reply-to"}  # PidTagInternetReferences and so on


def folder_view(call: Call, folder: Folder) -> Json:
    mail = call.user.mail
    inside = [mail.messages[key] for key in folder.keys]
    return {
        "@odata.type": "#microsoft.graph.mailSearchFolder" if folder.search else "#microsoft.graph.mailFolder",
        "id": mail.folder_id(folder.key), "displayName": folder.name,
        "parentFolderId": mail.folder_id(folder.parent or ROOT),
        "childFolderCount": sum(each.parent == folder.key for each in mail.folders.values()),
        "unreadItemCount": sum(not each.body["isRead"] for each in inside), "totalItemCount": len(inside),
        "isHidden": folder.hidden,
    }  # fmt: skip


def message_view(call: Call, message: Message, options: Mapping[str, str], *, delta: bool = False) -> Json:
    """With $select and $expand. Raises GraphError when the scopes do not suffice."""
    select = options.get("select", "")
    wanted = {name.strip().lower() for name in select.split(",") if name.strip()}
    full = call.full("Mail")
    if not full and (wanted & {name.lower() for name in BODIES} or "expand" in options):
        raise denied()
    identity = call.user.mail.id(message, immutable=call.immutable)
    key = ids.change_key("message", message.key, message.number)
    named = meeting_type(message.body.get("meetingMessageType", ""))
    plain = named == "#microsoft.graph.message" and not delta
    view = {
        **({} if plain else {"@odata.type": named}), "@odata.etag": f'W/"{key}"', "id": identity, "changeKey": key,
        "parentFolderId": call.user.mail.folder_id(message.folder),
        "webLink": f"https://outlook.office365.com/owa/?ItemID={quote(identity)}&exvsurl=1&viewmodel=ReadMessageItem",
        **message.body,
    }  # fmt: skip
    for name in view.keys() & set(ONLY_SELECTED):
        if name.lower() not in wanted or (name == "internetMessageHeaders" and not _received(call, message)):
            del view[name]
    if not full:
        view = {name: value for name, value in view.items() if name not in BODIES}
    if call.prefer.get("outlook.body-content-type") == "text" and "body" in view:
        plain_text = re.sub(r"<[^>]+>", "", view["body"]["content"])
        view["body"] = {"contentType": "text", "content": plain_text}
    extended = {"singleValueExtendedProperties": found} if (found := _extended(message, options)) else {}
    return {**odata.selected(view, select), **extended}


def _received(call: Call, message: Message) -> bool:
    """Headers are those of mail that came through a transport."""
    place = call.user.mail.folders[message.folder].well_known
    return not message.body["isDraft"] and place not in ("sentitems", "drafts", "outbox")


def _extended(message: Message, options: Mapping[str, str]) -> list[Json]:
    """$expand=singleValueExtendedProperties($filter=id eq 'String 0x1042')."""
    held = {each["name"].lower(): each["value"] for each in message.body["internetMessageHeaders"]}
    asked = [int(number, 16) for number in _EXTENDED.findall(options.get("expand", ""))]
    return [
        {"id": f"String 0x{tag:x}", "value": held[_HEADERS[tag]]} for tag in asked if _HEADERS.get(tag) in held
    ]  # fmt: skip
