"""The resource types of Graph v1.0 as they are documented (https://learn.microsoft.com/graph/api/resources/message and
its neighbours), as far as the fake speaks of them, and whether an answer is one of them. Unknown properties are
problems.

A kind: string, boolean, int, time (DateTimeOffset), wall (a time without an offset), date, a|b (one of them), #type;
in brackets a collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

Json = Mapping[str, Any]


def _kinds(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


_ITEM = {**_kinds("string", "id changeKey"), **_kinds("time", "createdDateTime lastModifiedDateTime"),
         "categories": "[string]"}  # fmt: skip
_MESSAGE = {
    **_ITEM, **_kinds("[#recipient]", "bccRecipients ccRecipients replyTo toRecipients"),
    **_kinds("#recipient", "from sender"), **_kinds("#itemBody", "body uniqueBody"),
    **_kinds("boolean", "hasAttachments isDeliveryReceiptRequested isDraft isRead isReadReceiptRequested"),
    **_kinds("time", "receivedDateTime sentDateTime"), "importance": "low|normal|high",
    **_kinds("string", "bodyPreview conversationId conversationIndex internetMessageId parentFolderId subject webLink"),
    "inferenceClassification": "focused|other", "flag": "#followupFlag",
    "internetMessageHeaders": "[#internetMessageHeader]",
    "singleValueExtendedProperties": "[#singleValueLegacyExtendedProperty]",
}  # fmt: skip
_MEETING = "none|meetingRequest|meetingCancelled|meetingAccepted|meetingTenativelyAccepted|meetingDeclined"
_FOLDER = {
    **_kinds("string", "id displayName parentFolderId"), "isHidden": "boolean",
    **_kinds("int", "childFolderCount totalItemCount unreadItemCount"),
}  # fmt: skip
TYPES: Mapping[str, Mapping[str, str]] = {
    "message": _MESSAGE,
    "eventMessage": {**_MESSAGE, "meetingMessageType": _MEETING},
    "eventMessageRequest": {**_MESSAGE, "meetingMessageType": _MEETING},
    "eventMessageResponse": {**_MESSAGE, "meetingMessageType": _MEETING},
    "mailFolder": _FOLDER, "mailSearchFolder": _FOLDER,
    "recipient": {"emailAddress": "#emailAddress"},
    "emailAddress": _kinds("string", "name address"),
    "itemBody": {"contentType": "text|html", "content": "string"},
    "followupFlag": {"flagStatus": "notFlagged|complete|flagged", **_kinds("#dateTimeTimeZone", "startDateTime "
                     "dueDateTime completedDateTime")},
    "internetMessageHeader": _kinds("string", "name value"),
    "singleValueLegacyExtendedProperty": _kinds("string", "id value"),
    "event": {
        **_ITEM, **_kinds("boolean", "allowNewTimeProposals hasAttachments hideAttendees isAllDay isCancelled isDraft "
                          "isOnlineMeeting isOrganizer isReminderOn responseRequested"),
        **_kinds("string", "bodyPreview iCalUId uid onlineMeetingUrl originalEndTimeZone originalStartTimeZone "
                 "seriesMasterId subject transactionId webLink"),
        "attendees": "[#attendee]", "body": "#itemBody", "cancelledOccurrences": "[string]",
        "exceptionOccurrences": "[#event]",
        "importance": "low|normal|high", "location": "#location", "locations": "[#location]",
        "onlineMeeting": "#onlineMeetingInfo", "organizer": "#recipient", "originalStart": "time",
        "onlineMeetingProvider": "unknown|teamsForBusiness|skypeForBusiness|skypeForConsumer",
        "recurrence": "#patternedRecurrence", "reminderMinutesBeforeStart": "int", "responseStatus": "#responseStatus",
        "sensitivity": "normal|personal|private|confidential",
        "showAs": "free|tentative|busy|oof|workingElsewhere|unknown", **_kinds("#dateTimeTimeZone", "start end"),
        "type": "singleInstance|occurrence|exception|seriesMaster",
    },
    "attendee": {"type": "required|optional|resource", "status": "#responseStatus", "emailAddress": "#emailAddress"},
    "responseStatus": {
        "response": "none|organizer|tentativelyAccepted|accepted|declined|notResponded", "time": "time",
    },
    "dateTimeTimeZone": {"dateTime": "wall", "timeZone": "string"},
    "location": {**_kinds("string", "displayName locationEmailAddress locationUri uniqueId"),
                 "address": "#physicalAddress", "uniqueIdType": "unknown|locationStore|directory|private|bing",
                 "locationType": "default|conferenceRoom|homeAddress|businessAddress|geoCoordinates|streetAddress|"
                 "hotel|restaurant|localBusiness|postalAddress"},
    "physicalAddress": _kinds("string", "city countryOrRegion postalCode state street"),
    "onlineMeetingInfo": {**_kinds("string", "conferenceId joinUrl quickDial tollNumber"),
                          "tollFreeNumbers": "[string]"},
    "patternedRecurrence": {"pattern": "#recurrencePattern", "range": "#recurrenceRange"},
    "recurrencePattern": {
        **_kinds("int", "interval month dayOfMonth"), "daysOfWeek": "[string]", "firstDayOfWeek": "string",
        "type": "daily|weekly|absoluteMonthly|relativeMonthly|absoluteYearly|relativeYearly",
        "index": "first|second|third|fourth|last",
    },
    "recurrenceRange": {"type": "endDate|noEnd|numbered", "numberOfOccurrences": "int", "recurrenceTimeZone": "string",
                        **_kinds("date", "startDate endDate")},
    "calendar": {
        **_kinds("boolean", "canEdit canShare canViewPrivateItems isDefaultCalendar isRemovable isTallyingResponses"),
        **_kinds("string", "id changeKey color hexColor name defaultOnlineMeetingProvider"),
        "allowedOnlineMeetingProviders": "[string]", "owner": "#emailAddress",
    },
    "contact": {
        **_ITEM, **_kinds("string", "assistantName businessHomePage companyName department displayName fileAs "
                          "generation givenName initials jobTitle manager middleName mobilePhone nickName "
                          "officeLocation parentFolderId personalNotes profession spouseName surname title "
                          "yomiCompanyName yomiGivenName yomiSurname"),
        **_kinds("[string]", "businessPhones children homePhones imAddresses"), "birthday": "time",
        **_kinds("#physicalAddress", "businessAddress homeAddress otherAddress"), "emailAddresses": "[#emailAddress]",
    },
    "contactFolder": _kinds("string", "id displayName parentFolderId"),
    "subscription": {
        **_kinds("string", "id applicationId changeType clientState creatorId encryptionCertificate resource "
                 "encryptionCertificateId latestSupportedTlsVersion lifecycleNotificationUrl notificationQueryOptions "
                 "notificationUrl notificationUrlAppId"),
        "expirationDateTime": "time", "includeResourceData": "boolean",
    },
    "changeNotification": {
        **_kinds("string", "clientState id resource subscriptionId tenantId"), "resourceData": "#resourceData",
        "changeType": "created|updated|deleted", "subscriptionExpirationDateTime": "time",
        "lifecycleEvent": "missed|subscriptionRemoved|reauthorizationRequired",
    },
    "resourceData": {"id": "string"},
    "outlookCategory": _kinds("string", "id displayName color"),
    "user": {
        **_kinds("string", "displayName givenName id jobTitle mail mobilePhone officeLocation preferredLanguage "
                 "surname userPrincipalName userType"),
        **_kinds("[string]", "businessPhones otherMails proxyAddresses"), "accountEnabled": "boolean",
    },
}  # fmt: skip


def problems(kind: str, value: Any, where: str = "") -> list[str]:
    """What is wrong with a value that should be of this type, each with its place: `start.dateTime: …`."""
    return list(_object(kind, value, where))


def _object(kind: str, value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: {type(value).__name__} instead of {kind}"
        return
    known = TYPES[str(value.get("@odata.type", kind)).removeprefix("#microsoft.graph.")]
    for name, held in value.items():
        place = f"{where}.{name}".lstrip(".")
        if "@" in name:
            continue
        if name not in known:
            yield f"{place}: unknown property"
        elif held is not None:
            yield from _value(known[name], held, place)


def _value(kind: str, value: Any, where: str) -> Iterator[str]:
    if kind.startswith("["):
        if not isinstance(value, list):
            yield f"{where}: {type(value).__name__} instead of a collection"
            return
        for number, each in enumerate(value):
            yield from _value(kind[1:-1], each, f"{where}[{number}]")
    elif kind.startswith("#"):
        yield from _object(kind[1:], value, where)
    elif "|" in kind:
        if value not in kind.split("|"):
            yield f"{where}: {value!r} is none of {kind}"
    elif not _SCALARS[kind](value):
        yield f"{where}: {value!r} is no {kind}"


def _time(value: Any) -> bool:
    return isinstance(value, str) and value.endswith("Z") and _read(datetime.fromisoformat, value)


def _wall(value: Any) -> bool:
    """Seven digits behind the seconds, no offset."""
    return isinstance(value, str) and len(value.partition(".")[2]) == 7 and _read(datetime.fromisoformat, value)


def _read(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_SCALARS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str), "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool), "time": _time, "wall": _wall,
    "date": lambda value: isinstance(value, str) and _read(date.fromisoformat, value),
}  # fmt: skip
