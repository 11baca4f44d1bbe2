"""The XML names of WebDAV that we ask for and understand, as ElementTree writes them: `{namespace}name`."""

from __future__ import annotations

DAV = "DAV:"
CALDAV = "urn:ietf:params:xml:ns:caldav"
CARDDAV = "urn:ietf:params:xml:ns:carddav"
CALENDARSERVER = "http://calendarserver.org/ns/"  # Apple's extensions: getctag

MULTISTATUS = f"{{{DAV}}}multistatus"
RESPONSE = f"{{{DAV}}}response"
HREF = f"{{{DAV}}}href"
STATUS = f"{{{DAV}}}status"
PROPSTAT = f"{{{DAV}}}propstat"
PROP = f"{{{DAV}}}prop"
ERROR = f"{{{DAV}}}error"

RESOURCE_TYPE = f"{{{DAV}}}resourcetype"
COLLECTION = f"{{{DAV}}}collection"
DISPLAY_NAME = f"{{{DAV}}}displayname"
ETAG = f"{{{DAV}}}getetag"
MODIFIED = f"{{{DAV}}}getlastmodified"
SYNC_TOKEN = f"{{{DAV}}}sync-token"
CTAG = f"{{{CALENDARSERVER}}}getctag"
REPORTS = f"{{{DAV}}}supported-report-set"
SYNC_COLLECTION = f"{{{DAV}}}sync-collection"
PRINCIPAL = f"{{{DAV}}}current-user-principal"
PRINCIPAL_URL = f"{{{DAV}}}principal-URL"
VALID_TOKEN = f"{{{DAV}}}valid-sync-token"  # the precondition that an expired token fails (RFC 6578, 3.2)

CALENDAR = f"{{{CALDAV}}}calendar"
CALENDAR_HOME = f"{{{CALDAV}}}calendar-home-set"
CALENDAR_DATA = f"{{{CALDAV}}}calendar-data"
CALENDAR_MULTIGET = f"{{{CALDAV}}}calendar-multiget"
COMPONENTS = f"{{{CALDAV}}}supported-calendar-component-set"
COMPONENT = f"{{{CALDAV}}}comp"

BOOK = f"{{{CARDDAV}}}addressbook"
BOOK_HOME = f"{{{CARDDAV}}}addressbook-home-set"
CARD_DATA = f"{{{CARDDAV}}}address-data"
BOOK_MULTIGET = f"{{{CARDDAV}}}addressbook-multiget"
