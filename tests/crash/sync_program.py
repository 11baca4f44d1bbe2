"""The program that is crashed: one sync of an account, whose server can be at two moments of its life."""

from __future__ import annotations

from contextlib import closing

from connectors.memory import Entry, MemoryConnector, MemoryServer
from connectors.sync.loop import sync
from connectors.sync.port import Kind
from events.log import open_log


def server(moment: str) -> MemoryServer:
    """The provider on the first day, or with what happened until the second."""
    made = MemoryServer(page=2)
    made.make("inbox", Kind.MAIL)
    made.make("work", Kind.CALENDAR)
    mails = [made.put("inbox", Entry(f"mail {number}", "one", broken=number == 2)) for number in range(5)]
    meetings = [made.put("work", Entry(f"meeting {number}", "one")) for number in range(3)]
    if moment == "second":
        made.put("work", Entry("meeting 0", "two", version=2), meetings[0])
        made.remove("work", meetings[1])
        made.remove("inbox", mails[4])
        made.put("inbox", Entry("mail 6", "one"))
        made.expire("inbox")
    return made


def sync_account(home: str, moment: str) -> int:
    """0 where the account was read to its end."""
    with closing(open_log(f"sqlite:///{home}/amity.db")) as log:
        return 0 if sync(MemoryConnector(server(moment)), log).state == "ok" else 1
