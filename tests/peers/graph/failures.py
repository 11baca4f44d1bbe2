"""Graph's error bodies (https://learn.microsoft.com/graph/errors)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class GraphError(Exception):
    """`code`: error.code, in the case in which the service writes it."""

    def __init__(self, status: int, code: str, message: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message or code)
        self.status, self.code, self.headers = status, code, dict(headers or {})

    def body(self, number: int = 0) -> dict[str, Any]:
        inner = {
            "date": "2026-09-21T14:13:20",
            "request-id": f"00000000-0000-4000-8000-{number:012x}",
            "client-request-id": f"00000000-0000-4000-8000-{number:012x}",
        }
        return {"error": {"code": self.code, "message": str(self), "innerError": inner}}


def not_found() -> GraphError:
    return GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")


def bad_request(message: str, code: str = "BadRequest") -> GraphError:
    return GraphError(400, code, message)


def denied() -> GraphError:
    return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.")
