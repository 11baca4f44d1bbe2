"""Errors as Google writes them: a shape for each of its APIs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_STATUS = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 409: "ABORTED",
    410: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE",
}  # fmt: skip
_LIMITS = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "dailyLimitExceeded", "quotaExceeded"})
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"


class ApiError(Exception):
    """`reason`: errors[].reason of Gmail and Calendar. `info`: ErrorInfo.reason, where there is one."""

    def __init__(
        self,
        status: int,
        reason: str,
        message: str,
        *,
        domain: str = "",
        location: str = "",
        info: str = "",
        rpc: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.reason, self.message, self.location, self.info = status, reason, message, location, info
        self.domain = domain or ("usageLimits" if reason in _LIMITS else "global")
        self.rpc = rpc or _STATUS.get(status, "UNKNOWN")
        self.headers = dict(headers or {})

    def body(self, api: str) -> dict[str, Any]:
        error: dict[str, Any] = {"code": self.status, "message": self.message}
        if api != "people":  # People is a younger API: google.rpc.Status alone
            error["errors"] = [self._item()]
        if api != "calendar":
            error["status"] = self.rpc
        if self.info:
            service = "googleapis.com" if self.status in (401, 403) else f"{api}.googleapis.com"
            metadata = {"service": f"{api}.googleapis.com"}
            error["details"] = [
                {"@type": _ERROR_INFO, "reason": self.info, "domain": service, "metadata": metadata}
            ]  # fmt: skip
        return {"error": error}

    def _item(self) -> dict[str, str]:
        item = {"message": self.message, "domain": self.domain, "reason": self.reason}
        if self.location:
            where = "header" if self.location == "Authorization" else "parameter"
            item |= {"location": self.location, "locationType": where}
        return item


def not_found(message: str = "Requested entity was not found.") -> ApiError:
    return ApiError(404, "notFound", message)


def invalid(name: str, message: str = "") -> ApiError:
    return ApiError(400, "invalidArgument", message or f"Invalid value for {name}", location=name)
