"""What the daemon says on standard error: one JSON document a line, made of fields that are listed here and no others.

Libraries log addresses with secrets in them, arguments, and whole documents. Of what they say only the place is shown.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

FIELDS = frozenset({
    "job", "kind", "provider", "turn", "attempt", "state", "error", "where", "seen", "stored", "withdrawn", "streams",
    "position", "seconds", "made", "held", "by", "pid", "threads", "broker", "jobs", "signal", "until",
})  # fmt: skip
_LOGGER = logging.getLogger("amity.workers")

Value = str | int | float | None


def tell(event: str, fields: Mapping[str, Value], level: int = logging.INFO) -> None:
    """Write one line. Fields hold opaque ids, counts, durations and words of ours: no name, address or subject."""
    unknown = fields.keys() - FIELDS
    if unknown:
        raise ValueError(f"no line has the field {', '.join(sorted(unknown))}")
    _LOGGER.log(level, event, extra={"fields": {key: value for key, value in fields.items() if value is not None}})


def where(error: BaseException) -> str:
    """The file and line at which an error arose, without its text, which may quote anything."""
    at = error.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    return "" if at is None else f"{at.tb_frame.f_code.co_filename.rpartition('/')[2]}:{at.tb_lineno}"


class Lines(logging.Formatter):
    """Ours as their fields; of other people's only who spoke, from where, and what kind of error it was."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, Value] = {"at": at.replace("+00:00", "Z"), "level": record.levelname.lower()}
        fields = getattr(record, "fields", None)
        if record.name == _LOGGER.name and fields is not None:
            return json.dumps({**line, "event": record.msg, **fields})
        line |= {"event": "library", "logger": record.name, "where": f"{record.module}:{record.lineno}"}
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


def to(stream: TextIO | None = None) -> logging.Handler:
    """Send all logging of this process through `Lines`, and nothing anywhere else; the handler, to take it away."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    for other in list(root.handlers):
        root.removeHandler(other)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(logging.INFO)
    return handler
