"""The report is delivered once: whoever tries, whenever one of them dies, whatever a server answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from amity import delivery
from amity.delivery import deliver
from amity.delivery_mail import headline, message
from amity.doctor import examine
from amity.due import FORSAKEN_MS
from amity.home import Home as Place
from amity.queries.delivered import open_deliveries, says
from amity.settings import Report
from connectors.outgoing import NotSent
from tests.home import ME, Home, guests, mail, vevent
from tests.peers.mailbox import SECRET, mailbox
from tests.peers.postgres import Cluster

WEEK = "2026-W38"
NOW = 1_789_974_000_000  # Monday, 2026-09-21, 07:00 UTC
EVIL = "Eve Bcc: all@y.org"


class Died(BaseException):
    """The process ends here."""


def a_home(folder: Path, report: str) -> Home:
    home = Home(folder, more=f"[report]\n{report}\n")
    home.calendar(vevent("a", "20260915T100000Z", "20260915T110000Z", *guests("ana@y.org"), title=EVIL))
    home.mbox(mail("Eve =?utf-8?q?=0D=0ABcc=3A_all=40y=2Eorg?= <eve@y.org>", ME, "Tue, 15 Sep 2026 12:00:00 +0000"))
    return home


def place(home: Home) -> Place:
    return Place(home.folder)


Send = Callable[[Report, dict[str, Any], Callable[[], None]], None]


def ways(send: Send) -> dict[str, Send]:
    return {"file": send}


def test_a_folder_gets_the_report_of_the_week_once(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"\nformat = "json"')
    assert [one[:3] for one in deliver(place(home), NOW)] == [(WEEK, "file", "sent")]
    written = tmp_path / "out" / f"amity-{WEEK}.json"
    assert json.loads(written.read_text())["totals"]["meeting_minutes"] == 60
    assert written.stat().st_mode & 0o077 == 0
    written.unlink()
    assert deliver(place(home), NOW + 86_400_000) == []
    assert not written.exists()
    assert [one[:3] for one in delivery.again(place(home), NOW)] == [(WEEK, "file", "sent")]
    assert written.exists()


def test_a_folder_is_taken_from_the_home_wherever_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = a_home(tmp_path, 'folder = "out"')
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert [one[:3] for one in deliver(place(home), NOW)] == [(WEEK, "file", "sent")]
    assert (place(home).folder / "out" / f"amity-{WEEK}.html").exists()
    assert not list((tmp_path / "elsewhere").iterdir())


def test_the_next_week_is_another_report(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    deliver(place(home), NOW)
    assert [one.period for one in deliver(place(home), NOW + 7 * 86_400_000)] == ["2026-W39"]


def test_a_mail_has_both_forms_and_no_header_from_outside(tmp_path: Path) -> None:
    with mailbox() as box:
        secret = tmp_path / "secret"
        secret.write_text(f"{SECRET}\n")
        home = a_home(
            tmp_path,
            f'[report.mail]\nhost = "127.0.0.1"\nport = {box.port}\ntls = "none"\nuser = "me"\n'
            f'password_file = "{secret}"\nsender = "amity@x.org"\nto = ["{ME}"]',
        )
        assert [one.state for one in deliver(place(home), NOW)] == ["sent"]
        assert deliver(place(home), NOW + 3_600_000) == []
    assert box.recipients == [[ME]]
    got = box.mails[0]
    assert (got["To"], got["Bcc"], got["Subject"]) == (ME, None, f"Where your time went: {WEEK}")
    assert [part.get_content_type() for part in got.iter_parts()] == ["text/plain", "text/html"]
    assert got["Auto-Submitted"] == "auto-generated"


def test_a_refusal_is_tried_again_later_and_arrives_once(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    arrived: list[int] = []

    def refuse(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        raise NotSent("the server is full.")

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append(1)

    assert deliver(place(home), NOW, ways=ways(refuse)) == [(WEEK, "file", "failed", "the server is full.")]
    assert deliver(place(home), NOW + 60_000, ways=ways(take)) == []
    for later in range(1, 50):
        deliver(place(home), NOW + later * 600_000, ways=ways(take))
    assert arrived == [1]


def test_an_open_end_is_told_and_never_repeated(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')

    def vanish(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        raise ConnectionResetError("reset")

    assert [one.state for one in deliver(place(home), NOW, ways=ways(vanish))] == ["begun"]
    assert deliver(place(home), NOW + 5 * 86_400_000, ways=ways(vanish)) == []


@pytest.mark.parametrize("begins", [False, True])
def test_whoever_dies_has_delivered_at_most_once(tmp_path: Path, begins: bool) -> None:  # noqa: FBT001  a parameter
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    tries: list[str] = []

    def die(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        if begins:
            begin()
        raise Died

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        tries.append("arrived")

    with pytest.raises(Died):
        deliver(place(home), NOW, ways=ways(die))
    deliver(place(home), NOW + 60_000, ways=ways(take))
    assert tries == []  # another one may still be at it
    deliver(place(home), NOW + FORSAKEN_MS, ways=ways(take))
    deliver(place(home), NOW + 2 * FORSAKEN_MS, ways=ways(take))
    assert tries == ([] if begins else ["arrived"])


def test_many_at_once_deliver_once(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    home.json("time", "all")
    arrived: list[int] = []

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append(1)

    others = [threading.Thread(target=deliver, args=(place(home), NOW), kwargs={"ways": ways(take)}) for _ in range(6)]
    for one in others:
        one.start()
    for one in others:
        one.join()
    assert arrived == [1]


def test_who_was_overtaken_does_not_send(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    arrived: list[str] = []

    def slow(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        deliver(place(home), NOW + FORSAKEN_MS, ways=ways(quick))
        begin()
        arrived.append("slow")

    def quick(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append("quick")

    assert deliver(place(home), NOW, ways=ways(slow)) == []
    assert arrived == ["quick"]


def test_what_was_interrupted_is_told_and_repeated_by_the_owner_alone(tmp_path: Path) -> None:
    home = a_home(tmp_path, 'webhook = "https://hooks.example.org/x"\nntfy = "https://ntfy.sh/x"')
    arrived: list[str] = []

    def vanish(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        raise Died

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append("hook")

    with pytest.raises(Died):
        deliver(place(home), NOW, ways={"ntfy": take, "webhook": vanish})
    assert deliver(place(home), NOW + FORSAKEN_MS, ways={"ntfy": take, "webhook": take}) == []
    (told,) = home.json("status")["deliveries"]
    assert (told["period"], told["way"], told["state"]) == (WEEK, "webhook", "begun")
    sentence = "perhaps delivered; amity deliver --again --way webhook repeats it"
    assert sentence in home.invoke("status").output
    assert says(**told).endswith(sentence)
    assert [one.says for one in examine(place(home), NOW) if one.what == "report"] == [says(**told)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delivery, "WAYS", {"webhook": take})
        assert [one[1:3] for one in delivery.again(place(home), NOW + FORSAKEN_MS, "webhook")] == [("webhook", "sent")]
    assert (arrived, home.json("status")["deliveries"]) == (["hook", "hook"], [])


def test_on_postgres_too_it_is_once_and_told_of(
    tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres.new_database()
    monkeypatch.setenv("AMITY_DATABASE_URL", url)
    home = a_home(tmp_path, 'ntfy = "https://ntfy.sh/x"')
    there, arrived = place(home)._replace(log_url=url), list[int]()

    def vanish(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        raise Died

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append(1)

    with pytest.raises(Died):
        deliver(there, NOW, ways={"ntfy": vanish})
    assert deliver(there, NOW + FORSAKEN_MS, ways={"ntfy": take}) == []
    assert [one.state for one in open_deliveries(there)] == ["begun"]
    monkeypatch.setattr(delivery, "WAYS", {"ntfy": take})
    assert [one.state for one in delivery.again(there, NOW)] == ["sent"]
    assert (open_deliveries(there), arrived) == ([], [1])


def test_what_the_owner_asks_for_comes_at_night_too(tmp_path: Path) -> None:
    home = a_home(tmp_path, 'ntfy = "https://ntfy.sh/x"\nquiet = "06:00-08:00"')
    arrived: list[int] = []

    def take(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        begin()
        arrived.append(1)

    assert deliver(place(home), NOW, ways={"ntfy": take}) == []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(delivery, "WAYS", {"ntfy": take})
        assert [one[1:3] for one in delivery.again(place(home), NOW)] == [("ntfy", "sent")]
    assert arrived == [1]


def test_whoever_is_still_at_it_does_not_go_on_with_what_the_owner_asked_for_anew(tmp_path: Path) -> None:
    home = a_home(tmp_path, 'ntfy = "https://ntfy.sh/x"')
    arrived: list[str] = []

    def slow(_report: Report, _document: dict[str, Any], begin: Callable[[], None]) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(delivery, "WAYS", {"ntfy": quick})
            delivery.again(place(home), NOW)
        begin()
        arrived.append("slow")

    def quick(_report: Report, _document: dict[str, Any], _begin: Callable[[], None]) -> None:
        raise NotSent("full")

    assert deliver(place(home), NOW, ways={"ntfy": slow}) == []
    assert arrived == []
    assert delivery.deliver(place(home), NOW, ways={"ntfy": slow}) == [], "the attempt that was asked for has failed"


def test_a_mistake_in_one_way_keeps_no_other_from_its_turn(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"\nntfy = "https://ntfy.sh/x"')

    def broken(_report: Report, _document: dict[str, Any], _begin: Callable[[], None]) -> None:
        raise KeyError("CANARY of ana@y.org")

    found = deliver(place(home), NOW, ways={**delivery.WAYS, "file": broken, "ntfy": lambda *given: given[2]()})
    assert [one[1:3] for one in found] == [("file", "failed"), ("ntfy", "sent")]
    assert "KeyError" in found[0].error
    assert "CANARY" not in found[0].error


def test_half_a_file_of_somebody_who_died_is_cleared_away(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / f".amity-{WEEK}.html.abcd").write_text("<html>")
    deliver(place(home), NOW)
    assert [one.name for one in (tmp_path / "out").iterdir()] == [f"amity-{WEEK}.html"]


def test_only_a_way_that_is_wanted_can_be_repeated(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    assert home.invoke("deliver", "--again", "--way", "mail").exit_code == 2
    assert home.invoke("deliver", "--way", "file").exit_code == 2
    assert home.json("deliver", "--again", "--way", "file", as_of=None)[0]["way"] == "file"


def test_what_is_shown_on_a_locked_screen_names_nobody(tmp_path: Path) -> None:
    home = a_home(tmp_path, "")
    document = home.json("report", WEEK)
    assert headline(document) == (f"Amity, {WEEK}", "1.0 h tracked")
    assert "ana" not in " ".join(headline(document))


@pytest.mark.parametrize("address", ["a@x.org\r\nBcc: b@y.org", "a@x.org\nX: y"])
def test_an_address_with_a_line_feed_makes_no_mail(address: str) -> None:
    document = {"period": {"name": WEEK}}
    with pytest.raises(ValueError, match=r"."):
        message(document, address, [ME], "text", "html")
    with pytest.raises(ValueError, match=r"."):
        message(document, ME, [address], "text", "html")


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    home = a_home(tmp_path, f'folder = "{tmp_path}/out"')
    assert "delivered" in home.invoke("deliver").output
    assert home.invoke("deliver").output == "Nothing is due.\n"
    assert home.json("deliver", "--again", as_of=None)[0]["state"] == "sent"


@pytest.mark.parametrize("line", ['at = "Monday"', 'quiet = "late"', 'ntfy = "gopher://x"', 'at = "Mon 25:00"'])
def test_a_mistake_in_the_settings_is_told_with_its_place(tmp_path: Path, line: str) -> None:
    result = Home(tmp_path, more=f"[report]\n{line}\n").invoke("time")
    assert (result.exit_code, "amity.toml:6" in result.output) == (2, True)
