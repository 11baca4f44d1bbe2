"""A collection as its server describes it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import unquote

from connectors.contacts import squeezed
from connectors.dav import names
from connectors.dav.multistatus import Row

# Neither tokens nor tags: some servers read the whole collection to tell them.
PROPS = (names.RESOURCE_TYPE, names.DISPLAY_NAME, names.REPORTS, names.COMPONENTS)


class Found(NamedTuple):
    """`url`: where it is; `path`: its name among streams.

    `syncs`: whether it can say what changed (RFC 6578); a server that names no report at all is asked.
    """

    url: str
    path: str
    title: str
    syncs: bool = True


def found(row: Row, url: str, path: str) -> Found:
    """What a row says of a collection."""
    return Found(
        url=url,
        path=path,
        title=squeezed(row.text(names.DISPLAY_NAME)) or unquote(path.rstrip("/").rpartition("/")[2]),
        syncs=names.REPORTS not in row.props or row.has(names.REPORTS, names.SYNC_COLLECTION),
    )
