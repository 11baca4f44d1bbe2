"""Those who care: their share of the time, which is the same as in `time`, the floor, and who is seldom answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import schemas
from amity.settings import load
from events.errors import UsageError
from tests.amity.cli.test_tolerance import WEEKS, friend, talks
from tests.home import ME, Home, guests, mail, vevent

AS_OF = "2026-09-27T12:00:00Z"
MINE = WEEKS[::8]


def asked(home: Home, *options: str) -> Any:
    answer = home.json("care", *options)
    jsonschema.validate(answer, schemas.document("care"))
    return answer


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Lena writes often and answers at once; Omar was met for an hour; sixty were met at once."""
    home = Home(tmp_path)
    home.as_of = AS_OF
    theirs = [
        mail(
            "Lena <lena@x.org>", ME, f"{day:02} Aug 2026 10:00:00 +0000", "How are you?", f"Message-ID: <l{day}@x.org>"
        )
        for day in range(3, 30, 3)
    ]
    home.mbox(*talks("lena@x.org", MINE, {}), *theirs)
    crowd = guests(*(f"g{number}@z.org" for number in range(30)))
    home.calendar(
        vevent("one", "20260915T100000Z", "20260915T110000Z", *guests("omar@y.org")),
        vevent("all", "20260916T100000Z", "20260916T110000Z", *crowd),
    )
    return home


@pytest.mark.parametrize("period", ["2026-W38", "2026-09", "2026", "all", "2026-09-14..2026-09-20"])
def test_the_share_is_that_of_time(life_copy: Home, period: str) -> None:
    carers = {one["person"]["id"] for one in asked(life_copy)}
    found = asked(life_copy, period, "--share")
    told = life_copy.json("time", period, "--by", "person")
    by = {row["person"]["id"]: row["minutes"] for row in told["rows"]}
    assert carers
    assert {one["person"]["id"]: one["minutes"] for one in found["people"]} == {
        one: by[one] for one in by if one in carers
    }
    assert found["minutes"] == pytest.approx(sum(by.get(one, 0.0) for one in carers), abs=1e-6)
    assert found["attributed_minutes"] == told["totals"]["attributed_minutes"]
    for week in found["weeks"]:
        total = life_copy.json("time", week["week"])["totals"]["attributed_minutes"]
        assert week["attributed_minutes"] == pytest.approx(total, abs=1e-6)
    assert len(found["weeks"]) == 12


def test_the_share_of_the_last_twelve_weeks_and_its_trend(home: Home) -> None:
    found = asked(home, "--share")
    assert [one["person"]["name"] for one in asked(home)] == ["Lena"]
    assert found["share"] == round(found["minutes"] / found["attributed_minutes"], 4)
    assert sum(one["attributed_minutes"] for one in found["weeks"]) == pytest.approx(found["attributed_minutes"])
    assert found["weeks"][-1]["week"] == "2026-W39"
    assert found["recent_share"] < found["earlier_share"] == 1
    assert (found["floor"], found["below_floor"]) == (None, False)
    assert "those who care" in home.invoke("care", "--share", "--as-of", home.as_of).stdout


def test_a_floor_is_compared_with_the_share_and_changes_nothing_else(home: Home) -> None:
    before = asked(home, "--share"), asked(home), home.json("time", "all")
    settings = (home.folder / "amity.toml").read_text(encoding="utf-8")
    home.settings(f'{settings}\n[policy]\ncare_floor = "75%"\n')
    found = asked(home, "--share")
    assert found == before[0] | {"floor": 0.75, "below_floor": True}
    assert (asked(home), home.json("time", "all")) == before[1:]
    assert home.invoke("care", "--share", "--check", "--as-of", home.as_of).exit_code == 3
    home.settings(f'{settings}\n[policy]\ncare_floor = "5 %"\n')
    assert not asked(home, "--share")["below_floor"]
    assert home.invoke("care", "--share", "--check", "--as-of", home.as_of).exit_code == 0


def test_a_floor_holds_at_the_time_it_was_known(home: Home) -> None:
    position = str(home.json("status")["log"]["last_position"])
    settings = (home.folder / "amity.toml").read_text(encoding="utf-8")
    home.settings(f'{settings}\n[policy]\ncare_floor = "25%"\n')
    assert asked(home, "--share")["floor"] == 0.25
    assert asked(home, "--share", "--known-at", position)["floor"] is None


@pytest.mark.parametrize("wrong", ['"25"', '"-1%"', '"101%"', "0.25", '"much"'])
def test_a_floor_that_is_no_share_is_a_mistake_with_its_place(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "amity.toml"
    path.write_text(f"[policy]\ncare_floor = {wrong}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"amity\.toml:2:\d+: policy\.care_floor"):
        load(path)


def test_a_period_needs_share(home: Home) -> None:
    assert home.invoke("care", "2026-W38").exit_code == 2


def test_answering_all_takes_a_quiet_carer_off_the_list(home: Home) -> None:
    (row,) = asked(home, "--quiet")
    assert (row["person"]["name"], row["their_asked"], row["i_answered"]) == ("Lena", 14, 0)
    assert len(row["evidence"]) == 12
    theirs = [f"l{day}@x.org" for day in range(3, 30, 3)] + [f"answer{day}.lena@x.org" for day in MINE]
    replies = [
        mail(ME, "lena@x.org", f"26 Sep 2026 09:{minute:02}:00 +0000", "Well, thank you.", f"Message-ID: <r{one}>",
             f"In-Reply-To: <{one}>", f"References: <{one}>", subject="Re: Words")
        for minute, one in enumerate(theirs)
    ]  # fmt: skip
    home.mbox(*replies, name="replies.mbox")
    assert asked(home, "--quiet") == []
    assert [one["person"]["name"] for one in asked(home)] == ["Lena"]


def test_the_report_tells_of_giving_and_taking(home: Home) -> None:
    report = home.json("report", "2026-W38")
    share = asked(home, "2026-W38", "--share")
    assert report["appendix"]["care_share"]["minutes"] == share["minutes"]
    assert [one["person"]["name"] for one in report["appendix"]["quiet"]] == ["Lena"]
    text = home.invoke("report", "2026-W38", "--as-of", home.as_of).stdout
    assert "time for those who care: " in text.partition(" Give and take\n")[2]
    assert "cares, and is seldom answered: Lena" in text
    for form, lena in (("md", "- Lena: wrote 14 mails"), ("html", "<b>Lena</b>: wrote 14 mails")):
        page = home.invoke("report", "2026-W38", "--format", form, "--as-of", home.as_of).stdout
        assert "Time for those who care: " in page
        assert lena in page.partition("are seldom answered")[2]


def test_reaching_in_vain_stands_on_the_persons_page_and_in_the_report(tmp_path: Path) -> None:
    home = friend(tmp_path, {})
    home.mbox(*(mail(ME, "Star <star@z.org>", f"{day:02} Sep 2026 09:00:00 +0000", f"Would you join us? {day}",
                     subject=f"Panel {day}") for day in range(1, 22, 3)), name="star.mbox")  # fmt: skip
    one = home.json("person", "star@z.org")
    assert one["chasing"]
    assert one["chasing_why"].startswith("you spent ")
    assert one["chasing_why"].endswith(" reaching for Star; 0 of 7 answered")
    assert one["chasing_why"] in " ".join(home.invoke("person", "star@z.org", "--as-of", home.as_of).stdout.split())
    assert {row["chasing_why"] for row in home.json("people")} == {"", one["chasing_why"]}
    text = home.invoke("report", "2026-W38", "--as-of", home.as_of).stdout
    assert one["chasing_why"] in " ".join(text.split())


def test_lists_fit_a_terminal(home: Home) -> None:
    for options in ("care",), ("owe",), ("care", "--quiet"), ("care", "--share"):
        text = home.invoke(*options, "--as-of", home.as_of).stdout
        assert max(map(len, text.splitlines())) <= 80, text
        assert "Lena" in text or options[-1] == "--share"
