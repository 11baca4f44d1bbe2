"""Units per user and minute, as Google counts since May 2026
(https://developers.google.com/workspace/gmail/api/reference/quota, …/calendar/api/guides/quota)."""

from __future__ import annotations

from collections import defaultdict, deque
from email.utils import formatdate

from tests.peers.google.clock import Clock, rfc3339
from tests.peers.google.failures import ApiError

MINUTE = 60.0
UNITS = {  # Gmail; one for each request of the other APIs
    "gmail.users.getProfile": 1,
    "gmail.users.labels.list": 1,
    "gmail.users.labels.get": 1,
    "gmail.users.history.list": 2,
    "gmail.users.messages.list": 5,
    "gmail.users.messages.get": 20,
    "gmail.users.messages.attachments.get": 20,
    "gmail.users.threads.list": 10,
    "gmail.users.threads.get": 40,
    "gmail.users.settings.sendAs.list": 1,
    "gmail.users.watch": 100,
    "gmail.users.stop": 50,
}


class Quota:
    """`limits`: units per user and minute of each API. `status`: 403 or 429, Google answers either for the same thing.

    `reason`: of errors[]. `retry_after`: "", "seconds" or "date": in which form the answer says when.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._spent: dict[tuple[str, str], deque[tuple[float, int]]] = defaultdict(deque)
        self._sum: dict[tuple[str, str], int] = defaultdict(int)
        self.limits = {"gmail": 6000, "calendar": 600, "people": 90}
        self.status, self.reason, self.retry_after = 403, "rateLimitExceeded", ""
        self.total: dict[str, int] = defaultdict(int)

    def charge(self, api: str, method: str, user: str) -> int:
        """The units of a request. Raises ApiError, and charges nothing, when the minute is used up."""
        units = UNITS.get(method, 5) if api == "gmail" else 1
        now, who = self._clock.now(), (api, user)
        spent = self._spent[who]
        while spent and spent[0][0] <= now - MINUTE:
            self._sum[who] -= spent.popleft()[1]
        if self._sum[who] + units > self.limits[api]:
            raise self._used_up(api, spent[0][0] + MINUTE if spent else now + MINUTE)
        spent.append((now, units))
        self._sum[who] += units
        self.total[user] += units
        return units

    def _used_up(self, api: str, again: float) -> ApiError:
        forms = {
            "seconds": {"Retry-After": str(int(again - self._clock.now()) + 1)},
            "date": {"Retry-After": formatdate(again + 1, usegmt=True)},
        }
        return limited(self.status, self.reason, api, again, forms.get(self.retry_after))


def limited(status: int, reason: str, api: str, again: float, headers: dict[str, str] | None) -> ApiError:
    """The bodies that people report (got-your-back issues 309 and 333, inbox-zero 379, gmail-tester 23)."""
    if status != 403:
        message = "Resource has been exhausted (e.g. check quota)."
        return ApiError(status, reason, message, domain="global", headers=headers)
    if reason == "userRateLimitExceeded":
        return ApiError(status, reason, f"User-rate limit exceeded.  Retry after {rfc3339(again)}", headers=headers)
    message = (
        f"Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service "
        f"'{api}.googleapis.com' for consumer 'project_number:1'."
    )
    return ApiError(status, reason, message, info="RATE_LIMIT_EXCEEDED", headers=headers)
