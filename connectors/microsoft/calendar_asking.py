"""What is asked beside the deltas: entries by their ids, and series with all of their instances."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from connectors.errors import TryLater
from connectors.microsoft.calendar_entry import FIELDS, THIN, Entry, start_of
from connectors.microsoft.calendar_list import Listed
from connectors.microsoft.graph import NEXT, Graph, link_in, rows
from connectors.microsoft.refusals import Answered, Failing, TooMuch
from connectors.zones import ZULU

Row = dict[str, Any]
PREFER = 'outlook.timezone="UTC", outlook.body-content-type="text"'
# https://learn.microsoft.com/graph/api/event-get: of a series by its id, every changed instance, wherever it went
EXCEPTIONS = "exceptionOccurrences"
_SERIES = f"$select={FIELDS},recurrence,body,{EXCEPTIONS}&$expand={EXCEPTIONS}"
_MOST, _FEW = 1_000, 250  # instances to a page; where each has its own guest list
_LONGEST = timedelta(days=1_800)  # of a view; Exchange's limit is five years
_SHORTEST = timedelta(days=20)  # what is shorter is not halved: it is Graph that is out of order
_EARLIER = timedelta(days=2)  # the day of a series' start, in any zone
_ALL_PAGES = 1_000
_BAD = 400
_NOT_AN_ID = frozenset({"errorinvalididmalformed", "errorinvalidmailboxitemid"})


class Asking:
    """An `Asker` of one calendar. `since`: the first moment that is read; `until`: see `Asker`."""

    def __init__(self, graph: Graph, calendar: Listed, since: datetime, until: datetime) -> None:
        self._graph, self._calendar, self._since, self.until = graph, calendar, since, until

    def entry(self, item: str, *, series: bool) -> Row | None:
        """See `Asker`. A Graph that does not know of exceptions is asked for the rest."""
        for query in ([f"?{_SERIES}"] if series else []) + [""]:
            try:
                return self._graph.get(f"{self._event(item)}{query}", prefer=PREFER)
            except Answered as refused:
                if refused.missing or refused.codes & _NOT_AN_ID:
                    return None
                if not query or refused.status != _BAD:
                    raise
            except Failing as failing:
                if not query or failing.after_seconds is not None:
                    raise
        return None

    def is_here(self, item: str) -> bool:
        """Where it is not said it is here: nothing is gone that may be there."""
        try:
            place = self._graph.get(f"{self._event(item)}/calendar?$select=id").get("id")
        except Answered:
            return True
        return place in (None, self._calendar.id)

    def answers(self) -> None:
        """See `Asker`."""
        with suppress(Answered):
            self._graph.get(f"{self._calendar.place}/events?$select=id&$top=1", prefer=PREFER)

    def instances(self, row: Row, master: Entry) -> list[Row] | None:
        """See `Asker`. The dates come from the list of instances, what changed instances say from the series itself.

        Where the series does not tell them, they are looked for from the first day on that is read.
        """
        start = datetime.fromisoformat(start_of(master, ZULU).text[:10]).replace(tzinfo=UTC) - _EARLIER
        told = row.get(EXCEPTIONS)
        if not isinstance(told, list):
            return self._listed(master, min(start, self._since), f"$select={FIELDS}&$top={_FEW}")
        listed = self._listed(master, start, f"$select={THIN}&$top={_MOST}")
        if listed is None:
            return None
        changed = {str(one.get("id")): one for one in (*told, *self._more(row)) if isinstance(one, dict)}
        for one in listed:
            item = str(one.get("id"))
            if one.get("type") == "exception" and item not in changed:  # it became one between the two answers
                changed[item] = self.entry(item, series=False) or one
        plain = (one for one in listed if str(one.get("id")) not in changed)
        return [*plain, *(one for one in changed.values() if self._begun(one))]

    def _begun(self, one: Row) -> bool:
        """Whether it begins before `until`: what lies further ahead comes when it is near."""
        start = one.get("start")
        moment = str(start.get("dateTime")) if isinstance(start, dict) else ""
        return moment[:19] < f"{self.until:%Y-%m-%dT%H:%M:%S}"

    def _listed(self, master: Entry, after: datetime, query: str) -> list[Row] | None:
        span = _LONGEST
        found: dict[str, Row] = {}
        while after < self.until:
            before = min(after + span, self.until)
            try:
                some = list(self._all(f"{self._event(master.id)}/instances?{days(after, before)}&{query}"))
            except Answered as refused:
                if refused.missing:
                    return None
                if not refused.too_big or span < _SHORTEST:
                    raise
            except TooMuch as refused:
                if refused.after_seconds is not None or span < _SHORTEST:
                    raise
            else:
                found.update((str(one.get("id")), one) for one in some)
                after = before
                continue
            span = (before - after) / 2
        return list(found.values())

    def _event(self, item: str) -> str:
        return f"{self._calendar.place}/events/{quote(item, safe='')}"

    def _more(self, row: Row) -> Iterator[Row]:
        """The exceptions that the first answer had no room for."""
        link = link_in(row, f"{EXCEPTIONS}{NEXT}")
        return self._behind(self._graph.follow(link, prefer=PREFER)) if link else iter(())

    def _all(self, path: str) -> Iterator[Row]:
        return self._behind(self._graph.get(path, prefer=PREFER))

    def _behind(self, document: dict[str, Any]) -> Iterator[Row]:
        for _ in range(_ALL_PAGES):
            yield from rows(document)
            link = link_in(document, NEXT)
            if not link:
                return
            document = self._graph.follow(link, prefer=PREFER)
        raise TryLater(f"{self._graph.name}: Outlook lists the instances of a series without end; sync again later")


def days(after: datetime, before: datetime) -> str:
    """A window, as query options."""
    ends = {"startDateTime": after, "endDateTime": before}
    return urlencode({name: f"{end:%Y-%m-%dT%H:%M:%SZ}" for name, end in ends.items()}, safe=":")
