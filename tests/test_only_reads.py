"""No way out writes to a provider: looked for in the source of every package, whatever its tests exercise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import amity
import connectors
import events
import projections
import workers
from connectors.dav.client import VERBS
from connectors.google import scopes as google
from connectors.http import READING
from connectors.microsoft import scopes as microsoft

PACKAGES = (amity, connectors, events, projections, workers)
NETWORK = {"socket", "ssl", "http", "urllib.request", "smtplib", "imaplib", "poplib", "ftplib", "telnetlib", "asyncio"}
CLIENTS = {"requests", "httpx", "aiohttp", "urllib3", "googleapiclient", "msal", "google_auth_oauthlib", "httplib2"}
# Who hands mail over: the owner's own report, to addresses that the owner wrote down; nothing is ever answered there.
SENDING = {"connectors/outgoing/smtp.py", "connectors/outgoing/post.py"}
# Who may send more than a question: a sign-in fetches tokens, and changes nothing that is the owner's.
TOKENS = {"connectors/google/tokens.py", "connectors/microsoft/authority.py"}
# The only requests to a provider that are no question: they ask for notifications.
CHANGES = "connectors/notified/changes.py"
# What answers a request that came in, and sends none.
RECEIVING = "connectors/notified/door.py"
WRITING = {"PUT", "PATCH", "DELETE", "MKCOL", "MKCALENDAR", "PROPPATCH", "MOVE", "COPY", "LOCK"}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        folder = Path(package.__path__[0])  # of the wheel, where that is what is tested
        for path in sorted(folder.rglob("*.py")):
            yield path.relative_to(folder.parent).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def reaches(names: set[str], of: set[str]) -> set[str]:
    return {name for name in names if name in of or name.split(".", maxsplit=1)[0] in of}


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return dict(sources())


def test_drafts_are_written_where_nothing_reaches_a_server(trees: dict[str, ast.Module]) -> None:
    for name in ("amity/drafts.py", "amity/cli/drafts.py", "amity/queries/requests.py", "amity/cli/requests.py"):
        names = imported(trees[name])
        assert not reaches(names, NETWORK | CLIENTS | {"connectors"}), name


def test_mail_is_handed_over_in_one_folder(trees: dict[str, ast.Module]) -> None:
    senders = {name for name, tree in trees.items() if reaches(imported(tree), {"smtplib", "imaplib", "poplib"})}
    assert senders <= SENDING
    users = {
        name
        for name, tree in trees.items()
        if any(one.startswith("connectors.outgoing") for one in imported(tree)) and not name.startswith("connectors/")
    }
    assert users <= {"amity/delivery.py", "amity/delivery_mail.py", "amity/cli/deliver.py"}


def test_no_verb_that_writes_is_spelled_anywhere_in_a_connector(trees: dict[str, ast.Module]) -> None:
    for name, tree in trees.items():
        if name.startswith("connectors/") and name not in SENDING:
            spelled = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
            assert not spelled & WRITING or name == CHANGES, name
            posts = "POST" in spelled and name not in {*TOKENS, CHANGES, RECEIVING, "connectors/google/client.py"}
            assert not posts, name


def test_who_asks_for_notifications_asks_for_nothing_else(trees: dict[str, ast.Module]) -> None:
    users = {name for name, tree in trees.items() if "connectors.notified.changes" in imported(tree)}
    assert users == {"connectors/google/subscribing.py", "connectors/microsoft/subscribing.py"}
    assert "connectors.notified.changes" not in imported(trees["connectors/http.py"])


def test_what_clients_may_send_only_reads() -> None:
    assert {*READING, *VERBS} <= {"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"}


def test_no_scope_that_is_asked_for_writes() -> None:
    for scope in google.asked(google.Feature):
        assert scope.rsplit(".", maxsplit=1)[-1] in {"readonly", "metadata"}
    for scope in microsoft.asked(microsoft.Feature):
        assert ".Read" in scope
        assert "Write" not in scope
        assert "Send" not in scope


def test_the_log_and_its_readings_reach_no_server(trees: dict[str, ast.Module]) -> None:
    for name, tree in trees.items():
        if name.startswith("projections/"):
            assert not reaches(imported(tree), NETWORK | CLIENTS), name
