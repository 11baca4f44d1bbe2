from __future__ import annotations

import pytest

from projections.addresses import (
    canonical,
    handle,
    is_announcer,
    is_blank,
    is_mailbox,
    is_role,
    keyed,
    kind_of,
    numbered,
    site,
)
from projections.keyed import bare


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("ana.ruiz+news@gmail.com", "anaruiz@gmail.com"),
        ("ana.ruiz@googlemail.com", "anaruiz@gmail.com"),
        ("ana.ruiz+news@x.org", "ana.ruiz@x.org"),
        ("123+Login@users.noreply.github.com", "login@users.noreply.github.com"),
        ("login@users.noreply.github.com", "login@users.noreply.github.com"),
        ("+49301234@sms.x.org", "+49301234@sms.x.org"),
        ("root", "root@"),
    ],
)
def test_the_mailbox_behind_an_address(address: str, mailbox: str) -> None:
    assert canonical(address) == mailbox


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ana@x.org", "person"),
        ("123+login@users.noreply.github.com", "person"),
        ("no-reply@x.org", "robot"),
        ("comments-noreply@docs.google.com", "robot"),
        ("donotreply@x.org", "robot"),
        ("mailer-daemon@x.org", "robot"),
        ("bounce+ana=x.org@lists.y.org", "list"),
        ("notifications@github.com", "robot"),
        ("dependabot[bot]@users.noreply.github.com", "robot"),
        ("c_18x@resource.calendar.google.com", "room"),
        ("abc@group.calendar.google.com", "list"),
        ("dev@lists.x.org", "list"),
        ("dl-all@x.org", "list"),
        ("kernel@googlegroups.com", "list"),
        ("evangelists@x.org", "person"),
    ],
)
def test_what_an_address_looks_like(address: str, kind: str) -> None:
    assert kind_of(address) == kind


def test_headers_outrank_the_look() -> None:
    assert kind_of("ana@x.org", is_list=True) == "list"
    assert kind_of("ana@x.org", is_robot=True) == "robot"
    assert kind_of("no-reply@x.org", is_room=True) == "room"


@pytest.mark.parametrize(
    "address",
    ["info@x.org", "support-de@x.org", "info.berlin@x.org", "platform-team@x.org", "smithfamily@x.org", "sales2@x.org",
     "root@localhost", "?@?", "office+tag@x.org"],
)  # fmt: skip
def test_roles_and_households(address: str) -> None:
    assert is_role(address)


@pytest.mark.parametrize("address", ["dev.patel@x.org", "mark.post@x.org", "ana@x.org", "j.root@x.org"])
def test_people_whose_names_look_like_roles(address: str) -> None:
    assert not is_role(address)


def test_sites_handles_numbers() -> None:
    assert site("cs.mit.edu") == "mit.edu"
    assert site("a.b.co.uk") == "b.co.uk"
    assert handle("Ana_Ruiz-99") == "anaruiz99"
    assert numbered("wei.zhang2@corp.com") == numbered("wei.zhang@corp.com") == ("corp.com", "wei.zhang")
    assert numbered("wei.zhang2@gmail.com") is None
    assert not is_mailbox("bryan@laptop.local")
    assert not is_mailbox("bryan@laptop.(none)")


@pytest.mark.parametrize(
    "address",
    ["?@?", "@", "-", "none@none", "none", "unknown", "(none)", "<>", "root@localhost", "nobody@nowhere.invalid",
     "root@host.(none)"],
)  # fmt: skip
def test_what_stands_for_no_address_is_told_apart_by_the_name_beside_it(address: str) -> None:
    assert is_blank(address)
    assert keyed(address, "Ana Ruiz") == f"ana ruiz <{address}>" == keyed(address, "ANA RUIZ")
    assert bare(keyed(address, "Ana Ruiz")) == address == keyed(address, "")
    assert canonical(keyed(address, "a+b")) != canonical(keyed(address, "a+c"))
    assert not is_mailbox(keyed(address, "Ana Ruiz"))
    assert kind_of(keyed(address, "no-reply")) == "person"


@pytest.mark.parametrize(
    "address", ["ana@localhost", "ana@laptop.(none)", "root@x.org", "none@gmail.com", "jsmith", "/o=x/cn=jsmith",
                "info@intranet", "ana@example.com", "unknown@x.org", "you@example.com"],
)  # fmt: skip
def test_what_names_somebody_is_an_address(address: str) -> None:
    assert not is_blank(address)
    assert keyed(address, "Ana Ruiz") == address == bare(address)


@pytest.mark.parametrize(
    "local", ["newsletter", "news", "store-news", "newsletter.daily", "offers", "announcements.all"]
)
def test_an_address_that_only_announces_says_so(local: str) -> None:
    assert is_announcer(f"{local}@shop.org")


@pytest.mark.parametrize("local", ["ana", "newman", "office", "info", "dealer", "news.ana", "sales"])
def test_other_addresses_may_be_anybodys(local: str) -> None:
    assert not is_announcer(f"{local}@shop.org")
