from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from amity import doctor, schemas
from tests.home import ME, SETTINGS, Home, mail, vevent


def findings(home: Home) -> dict[str, Any]:
    result = home.invoke("doctor", "--json")
    found = json.loads(result.stdout)
    jsonschema.validate(found, schemas.document("doctor"))
    assert result.exit_code == (0 if all(one["ok"] for one in found) else 1)
    return {one["what"]: one for one in found}


def test_a_healthy_home(life_copy: Home) -> None:
    (life_copy.folder / "amity.toml").chmod(0o600)
    found = findings(life_copy)
    assert [name for name, one in found.items() if not one["ok"]] == []


def test_a_name_that_somebody_else_owns_too(life_copy: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "packages_distributions", lambda: {"events": ["amity", "opensearch-py"]})
    one = findings(life_copy)["packages"]
    assert not one["ok"]
    assert "events also belongs to opensearch-py" in one["says"]


def test_what_others_may_read(life_copy: Home) -> None:
    (life_copy.folder / "amity.toml").chmod(0o600)
    (life_copy.folder / "amity.db").chmod(0o644)
    assert "amity.db" in findings(life_copy)["permissions"]["says"]
    life_copy.folder.chmod(0o755)
    assert "chmod 700" in findings(life_copy)["permissions"]["says"]


def test_a_missing_address_is_guessed(tmp_path: Path) -> None:
    home = Home(tmp_path, addresses=())
    home.mbox(*(mail(f"p{i}@y.org", "mika@corp.com", f"Tue, 01 Sep 2026 1{i}:00:00 +0000") for i in range(4)))
    one = findings(home)["addresses"]
    assert not one["ok"]
    assert "mika@corp.com" in one["says"]
    assert "own addresses are not known" in home.invoke("report", "2026-W36").stdout
    assert "own addresses are not known" in home.invoke("time").stdout


def sent_as(address: str, number: int) -> str:
    return mail(address, f"p{number}@y.org", f"Tue, 01 Sep 2026 1{number}:00:00 +0000", "See you there", subject="Plan")


def test_an_own_address_that_was_forgotten_is_seen_in_the_sent_mail(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(*(sent_as("m..e@x.org", number) for number in range(6)), name="Sent.mbox")
    one = findings(home)["addresses"]
    assert not one["ok"]
    assert "of 6 mails in folders of sent mail 6 from m..e@x.org" in one["says"]
    home.settings(SETTINGS.format(zone="UTC", addresses='"me@x.org", "m..e@x.org"'))
    assert findings(home)["addresses"]["ok"]


def test_records_without_the_owners_mail_are_not_believed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.mbox(*(mail(f"p{i}@y.org", ME, f"Tue, {i + 1:02d} Sep 2026 10:00:00 +0000") for i in range(20)))
    home.as_of = "2026-09-21T00:00:00Z"
    told = "20 mails came in four weeks and none of yours is in the records"
    assert told in " ".join(home.json("report", "last-week")["notes"])
    home.mbox(mail(ME, "p1@y.org", "Sun, 20 Sep 2026 10:00:00 +0000"), name="Sent.mbox")
    assert told not in " ".join(home.json("report", "last-week")["notes"])


def test_many_meetings_of_somebody_else(tmp_path: Path) -> None:
    home = Home(tmp_path)
    other = ("ORGANIZER:mailto:ana@y.org", "ATTENDEE:mailto:mika@corp.com")
    home.calendar(vevent("a", "20260901T100000Z", "20260901T110000Z", *other))
    assert "1 of 1 meetings" in findings(home)["addresses"]["says"]


def test_settings_with_mistakes_are_a_finding(life_copy: Home) -> None:
    life_copy.settings("[me]\nzone = 1\n")
    found = findings(life_copy)
    assert "amity.toml:2:1" in found["settings"]["says"]
    assert not found["answers"]["ok"]


def test_an_empty_home_and_none(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert "amity import" in findings(home)["log"]["says"]
    (home.folder / "amity.toml").unlink()
    home.folder.rmdir()
    assert "amity init" in findings(home)["home"]["says"]
