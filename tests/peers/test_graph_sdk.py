"""The fake is believed by Microsoft's own client, and shows it what it shows a plain one.

msgraph-sdk weighs 392 MB and is in no lock file: `pip install msgraph-sdk==1.65.0` into an environment of one's own,
then `pytest tests/peers/test_graph_sdk.py`.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from tests.peers.graph import Graph, at, faults, serving
from tests.peers.graph.asking import ALL, Asker
from tests.peers.graph.recurrence import weekly

pytestmark = [
    pytest.mark.skipif(
        importlib.util.find_spec("msgraph") is None,
        reason="msgraph-sdk is not installed (392 MB, on purpose in no lock file)",
    ),
    pytest.mark.filterwarnings("ignore"),  # of the client's own libraries
]
PREFER = 'IdType="ImmutableId", odata.maxpagesize=4'
AUTUMN = {"start_date_time": "2026-09-01T00:00:00Z", "end_date_time": "2026-11-01T00:00:00Z"}


@pytest.fixture
def graph() -> Iterator[Graph]:
    with serving() as made:
        yield made


class Bearer:
    """The client's own providers send no token over http."""

    def __init__(self, access: str) -> None:
        self._access = access

    async def authenticate_request(self, request: Any, *_: Any, **__: Any) -> None:
        request.headers.try_add("Authorization", f"Bearer {self._access}")


class Sdk:
    """Rounds through the real client."""

    def __init__(self, graph: Graph) -> None:
        msgraph = import_module("msgraph")
        adapter = msgraph.GraphRequestAdapter(Bearer(graph.world.grant(*ALL).access))
        adapter.base_url = f"{graph.url}/v1.0"
        self.me = msgraph.GraphServiceClient(request_adapter=adapter).me
        self._http = adapter._http_client

    async def close(self) -> None:
        """The client does not do so itself."""
        await self._http._transport.transport.aclose()

    @staticmethod
    def configured(**query: str) -> Any:
        made = import_module("kiota_abstractions.base_request_configuration").RequestConfiguration()
        if query:
            builder = import_module("msgraph.generated.users.item.calendar_view.delta.delta_request_builder")
            made.query_parameters = builder.DeltaRequestBuilder.DeltaRequestBuilderGetQueryParameters(**query)
        made.headers.add("Prefer", PREFER)
        return made

    async def round(self, builder: Any, **query: str) -> tuple[list[Any], str]:
        page = await builder.get(request_configuration=self.configured(**query))
        rows = list(page.value)
        while page.odata_next_link:
            assert page.odata_delta_link is None
            page = await builder.with_url(page.odata_next_link).get(request_configuration=self.configured())
            rows += page.value
        return rows, page.odata_delta_link


def driven(sdk: Sdk, act: Callable[[], Awaitable[None]]) -> None:
    async def run() -> None:
        try:
            await act()
        finally:
            await sdk.close()

    asyncio.run(run())


def removed(rows: list[Any]) -> list[Any]:
    return [row.additional_data.get("@removed") for row in rows]


def unknown(rows: list[Any]) -> set[str]:
    """Properties that the client's models do not have."""
    return {name for row in rows for name in row.additional_data if "@" not in name}


def test_mail_and_folders(graph: Graph) -> None:
    mail = graph.world.mail()
    messages = [mail.add(subject=f"{n}") for n in range(10)]
    sdk, plain = Sdk(graph), Asker(graph, prefer=PREFER)

    async def act() -> None:
        folders, _ = await sdk.round(sdk.me.mail_folders.delta)
        assert {each.display_name for each in folders} >= {"Inbox", "Sent Items"}
        inbox = next(each.id for each in folders if each.display_name == "Inbox")
        builder = sdk.me.mail_folders.by_mail_folder_id(inbox).messages.delta
        rows, link = await sdk.round(builder)
        same, _ = plain.round("/me/mailFolders/inbox/messages/delta")
        assert [(row.id, row.subject, row.is_read, row.from_.email_address.address) for row in rows] == [
            (row["id"], row["subject"], row["isRead"], row["from"]["emailAddress"]["address"]) for row in same
        ]
        assert unknown(folders) | unknown(rows) == set()
        mail.move(messages[0], "archive")
        mail.delete(messages[1])
        mail.change(messages[2], isRead=True)
        rows, _ = await sdk.round(builder.with_url(link))
        assert removed(rows) == [{"reason": "deleted"}, {"reason": "deleted"}, None]
        assert rows[2].is_read

    driven(sdk, act)


def test_calendars(graph: Graph) -> None:
    calendar = graph.world.calendar()
    series = calendar.put("1:1", at("2026-09-07T10:00"), repeat=weekly("monday"), attendees=["ann@example.org"])
    calendar.change_occurrence(series, "2026-09-14", subject="Differs")
    single = calendar.put("Single", at("2026-09-08T10:00"))
    sdk, plain = Sdk(graph), Asker(graph, prefer=PREFER)

    async def act() -> None:
        builder = sdk.me.calendar_view.delta
        rows, link = await sdk.round(builder, **AUTUMN)
        same, _ = plain.round(
            f"/me/calendarView/delta?startDateTime={AUTUMN['start_date_time']}&endDateTime={AUTUMN['end_date_time']}"
        )
        assert [(row.id, row.type.value, row.series_master_id, row.start.date_time, row.subject) for row in rows] == [
            (row["id"], row["type"], row.get("seriesMasterId"), row["start"]["dateTime"], row.get("subject"))
            for row in same
        ]
        assert unknown(rows) == set()
        master = next(row for row in rows if row.recurrence)
        assert master.recurrence.range.type.value == "noEnd"
        assert master.attendees[0].status.response.value == "none"
        calendar.delete(single)
        calendar.delete_occurrence(series, "2026-09-21")
        rows, _ = await sdk.round(builder.with_url(link))
        assert (removed(rows), rows[1].id) == ([{"reason": "deleted"}, None], master.id)

    driven(sdk, act)


def test_contacts_and_me(graph: Graph) -> None:
    graph.world.contacts().put("Ann", "ann@example.org", categories=["Red"])
    graph.world.contacts().new_folder("Friends")
    sdk = Sdk(graph)

    async def act() -> None:
        rows, _ = await sdk.round(sdk.me.contacts.delta)
        assert (rows[0].email_addresses[0].address, rows[0].categories) == ("ann@example.org", ["Red"])
        folders, _ = await sdk.round(sdk.me.contact_folders.delta)
        assert [each.display_name for each in folders] == ["Friends"]
        assert unknown(rows) | unknown(folders) == set()
        calendars = await sdk.me.calendars.get()
        assert unknown(calendars.value) == set()
        assert (await sdk.me.get()).mail == "me@example.com"

    driven(sdk, act)


@pytest.mark.parametrize(
    ("how", "status", "code"),
    [("syncStateNotFound", 410, "SyncStateNotFound"), ("syncStateInvalid", 400, "SyncStateInvalid")],
)
def test_a_reset_is_an_error_to_the_client(graph: Graph, how: str, status: int, code: str) -> None:
    sdk = Sdk(graph)

    async def act() -> None:
        error = import_module("msgraph.generated.models.o_data_errors.o_data_error").ODataError
        builder = sdk.me.calendar_view.delta
        _, link = await sdk.round(builder, **AUTUMN)
        graph.world.expire_deltas("event", how)
        with pytest.raises(error) as caught:
            await builder.with_url(link).get()
        assert (caught.value.response_status_code, caught.value.error.code) == (status, code)

    driven(sdk, act)


def test_throttling_is_waited_out_by_the_client(graph: Graph) -> None:
    sdk = Sdk(graph)
    graph.world.faults.add("*/delta", faults.error(429, "ApplicationThrottled", retry_after="1"), calls={1})

    async def act() -> None:
        await sdk.round(sdk.me.contacts.delta)
        assert [each.status for each in graph.world.asked] == [429, 200]

    driven(sdk, act)
