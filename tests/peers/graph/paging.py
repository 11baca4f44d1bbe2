"""Plain collections: pages by $top and $skip."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.peers.graph import odata
from tests.peers.graph.call import Call, Json

Row = TypeVar("Row")
MOST = 1000


class Raw(NamedTuple):
    """An answer that is no JSON."""

    body: bytes
    type: str


def paged(call: Call, kind: str, rows: Sequence[Row], view: Callable[[Row], Json], size: int = 10) -> Json:
    """Only the rows shown are rendered."""
    skip = int(call.query.get("skip", "0"))
    top = 0 if call.empty else call.size(size, MOST)
    answer: Json = {"@odata.context": f"{call.request.base}/$metadata#{kind}"}
    if call.query.get("count") == "true":
        answer["@odata.count"] = len(rows)
    if skip + top < len(rows):
        written = parse_qsl(urlsplit(call.request.target).query, keep_blank_values=True)
        kept = [(name, value) for name, value in written if name.lstrip("$").lower() not in ("skip", "skiptoken")]
        if call.empty:  # the same place under another URL
            kept.append(("$skiptoken", call.query.get("skiptoken", "") + "0"))
        answer["@odata.nextLink"] = call.link(call.path, urlencode([*kept, ("$skip", str(skip + top))], safe="$"))
    return {**answer, "value": [view(row) for row in rows[skip : skip + top]]}


def listed(call: Call, kind: str, rows: Sequence[Json], size: int = 10) -> Json:
    """With $select."""
    select = call.query.get("select", "")
    return paged(call, kind, rows, lambda row: odata.selected(row, select), size)
