"""Answers of WebDAV (RFC 4918, 13): bytes of a stranger to rows. Pure; bounded; without document types or entities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from connectors.dav import names

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

ROWS = 500_000  # of one answer; the largest calendars known hold about 50,000 entries
_CODE = re.compile(r"\b([1-5][0-9]{2})\b")
_OK = 200


class Unreadable(Exception):
    """The bytes are no whole multistatus: cut off, no XML, another document, or one that defies our bounds."""


class Row(NamedTuple):
    """One `response`: `href` as the server wrote it; `status` 200 where it speaks of properties.

    `props` holds the properties that the server has and may show (those of a 2xx `propstat`), by their names.
    """

    href: str
    status: int
    props: Mapping[str, Element]

    def text(self, name: str) -> str:
        """The text of a property without the blanks around it; "" where it is missing."""
        found = self.props.get(name)
        return (found.text or "").strip() if found is not None else ""

    def hrefs(self, name: str) -> list[str]:
        """The addresses that a property names."""
        found = self.props.get(name)
        texts = [(href.text or "").strip() for href in found.iter(names.HREF)] if found is not None else []
        return [text for text in texts if text]

    def has(self, name: str, child: str) -> bool:
        """Whether an element stands inside a property: a resource type, a report."""
        found = self.props.get(name)
        return found is not None and next(found.iter(child), None) is not None


class Multistatus(NamedTuple):
    """All rows in their order, and the sync token behind them ("" where there is none)."""

    rows: list[Row]
    token: str = ""


def parse(body: bytes) -> Multistatus:
    """The rows of an answer. Raises Unreadable; a row without an address is passed over."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415  only who asks a DAV server pays for XML
    from defusedxml.ElementTree import ParseError, iterparse  # noqa: PLC0415

    rows: list[Row] = []
    token, depth, root = "", 0, ""
    try:
        for event, element in iterparse(BytesIO(body), ("start", "end"), forbid_dtd=True):
            if event == "start":
                root = root or element.tag
                depth += 1
                continue
            depth -= 1
            if depth == 1 and element.tag == names.RESPONSE:
                rows += _rows(element)
                element.clear()
            elif depth == 1 and element.tag == names.SYNC_TOKEN:
                token = (element.text or "").strip()
            if len(rows) > ROWS:
                raise Unreadable(f"it lists more than {ROWS} entries")
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable("it is no whole XML document") from error
    if root != names.MULTISTATUS:
        raise Unreadable("it is another document")
    return Multistatus(rows, token)


def preconditions(body: bytes) -> frozenset[str]:
    """The preconditions that an error answer says were not met (RFC 4918, 16); none where it is no such answer."""
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415
    from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415

    try:
        root = fromstring(body, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        return frozenset()
    return frozenset(child.tag for error in root.iter(names.ERROR) for child in error)


def _rows(response: Element) -> list[Row]:
    """One row an address: a response without properties may name several (RFC 4918, 14.24)."""
    hrefs = [text for href in response.findall(names.HREF) if (text := (href.text or "").strip())]
    status = response.find(names.STATUS)
    props = {
        prop.tag: prop
        for propstat in response.findall(names.PROPSTAT)
        if _code(propstat.find(names.STATUS)) // 100 == 2  # noqa: PLR2004  the class of answers that say yes
        for container in propstat.findall(names.PROP)
        for prop in container
    }
    return [Row(href, _code(status), props) for href in hrefs]


def _code(status: Element | None) -> int:
    """The number in `HTTP/1.1 404 Not Found`; 200 where nothing is said, 500 where it makes no sense."""
    if status is None:
        return _OK
    found = _CODE.search(status.text or "")
    return int(found[1]) if found else 500
