from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity import accounts
from amity.accounts import Account
from amity.home import Home
from amity.sync import budget_of
from events.errors import UsageError

NAMES = st.from_regex(r"(?!-)[A-Za-z0-9._@-]{1,20}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
OPTIONS = st.dictionaries(st.from_regex(r"[a-z][a-z_]{0,8}", fullmatch=True), TEXTS | st.integers() | st.booleans())
ACCOUNTS = st.builds(
    Account, NAMES, st.sampled_from(["imap", "ics"]), OPTIONS, OPTIONS, st.sampled_from(["none", "stored"])
) | st.builds(Account, NAMES, st.just("imap"), OPTIONS, OPTIONS, st.just("file"), TEXTS)


@given(held=st.lists(ACCOUNTS, unique_by=lambda one: one.name, max_size=4))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, held: list[Account]) -> None:
    home = Home(tmp_path_factory.mktemp("home"))
    accounts.write(home, held)
    assert accounts.read(home) == sorted(held, key=lambda one: one.name)
    assert home.accounts.stat().st_mode & 0o777 == 0o600


def test_an_export_has_no_private_option() -> None:
    text = accounts.text_of([Account("a", "ics", {"allow": True}, {"url": "https://x.org/secret"})], private=False)
    assert "allow = true" in text
    assert "secret/" not in text
    assert "x.org" not in text


@pytest.mark.parametrize(
    "text",
    ["[", "a = 1", "[a]", "[a]\nkind = 3", '[a]\nkind = "imap"\nsecret = "plain"', '[a]\nkind = "imap"\noptions = 3',
     '[a]\nkind = "imap"\n[a.options]\nhost = 1.5', '["-a"]\nkind = "imap"', '["a b"]\nkind = "imap"', "\x00"],
)  # fmt: skip
def test_a_file_that_says_something_else_is_one_sentence(tmp_path: Path, text: str) -> None:
    home = Home(tmp_path)
    home.accounts.write_text(text)
    with pytest.raises(UsageError, match=r"accounts\.toml") as caught:
        accounts.read(home)
    assert "\n" not in str(caught.value)


def test_names_of_accounts() -> None:
    held = [Account("work", "imap", {})]
    assert accounts.checked_name("ana@x.org", held) == "ana@x.org"
    for wrong in ("", "-x", "a b", "a/b", "ü", "x" * 101):
        with pytest.raises(UsageError, match="cannot be the name"):
            accounts.checked_name(wrong, held)
    with pytest.raises(UsageError, match="already"):
        accounts.checked_name("work", held)


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"user": "ana@x.org", "host": "imap.x.org"}, "ana@x.org"),
        ({"user": "ana", "host": "imap.x.org"}, "ana@imap.x.org"),
        ({"url": "https://dav.x.org:8443/ana/?a=b", "user": ""}, "dav.x.org"),
        ({"url": "https://dav.x.org/", "user": "ana ruiz"}, "ana-ruiz@dav.x.org"),
        ({"url": "https://[broken"}, "imap"),
        ({"country": "FI"}, "imap"),
    ],
)
def test_a_name_for_who_chose_none(options: dict[str, str], name: str) -> None:
    assert accounts.free_name("imap", options, []) == name
    held = [Account(name, "caldav", {})]
    assert accounts.free_name("imap", options, held) == f"{name}-imap"
    held.append(Account(f"{name}-imap", "imap", {}))
    assert accounts.free_name("imap", options, held) == f"{name}-imap-2"


def test_a_password_file_is_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path)
    assert accounts.absolute("link") == str(tmp_path / "link")
    assert accounts.absolute("~/password") == str(Path("~").expanduser() / "password")


def test_accounts_of_one_project_or_application_are_counted_together(tmp_path: Path) -> None:
    for name, client in (("a", "123-x"), ("b", "123-y"), ("c", "9-x")):
        (tmp_path / name).write_text(json.dumps({"installed": {"client_id": f"{client}.apps.googleusercontent.com"}}))

    def google(name: str) -> str:
        return budget_of(Account(name, "google", {"client_secrets": str(tmp_path / name)}))

    def microsoft(tenant: str) -> str:
        return budget_of(Account("m", "microsoft", {"client_id": "app", "tenant": tenant}))

    assert google("a") == google("b") == "budget:google 123"
    assert google("c") != google("a")
    assert google("gone") == "", "whoever opens it tells of that"
    assert microsoft("one.example") == microsoft("one.example") != microsoft("two.example")
    assert budget_of(Account("i", "imap", {"host": "h", "user": "u"})) == ""
