from __future__ import annotations

import pytest

from connectors.errors import Refused
from connectors.net import allowed, origin, shown, typed


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.0",  # noqa: S104  refused
        "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1%eth0", "fd12::1", "ff02::1", "::ffff:127.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:7f00:1::", "100.100.100.200", "fd00:ec2::254",
    ],
)  # fmt: skip
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(Refused, match=r"x\.example"):
        allowed("x.example", 443, (), lambda _host, _port: ["93.184.216.34", address])


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_a_public_address_is_fit(address: str) -> None:
    assert allowed("x.example", 443, (), lambda _host, _port: [address]) == [address]


def test_a_host_that_was_typed_may_be_private_but_never_link_local() -> None:
    for address in ("127.0.0.1", "192.168.1.9", "fd12::1"):
        assert allowed("NAS.local.", 443, ("nas.local",), lambda _host, _port, a=address: [a]) == [address]  # type: ignore[misc]  # the loop's value
    for address in ("169.254.169.254", "fe80::1", "fd00:ec2::254"):
        with pytest.raises(Refused):
            allowed("nas.local", 443, ("nas.local",), lambda _host, _port, a=address: [a])  # type: ignore[misc]  # the loop's value


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("http://127.0.0.1:8080/x", ("127.0.0.1",)),
        ("http://[::1]/x", ("::1",)),
        ("https://192.168.1.5/", ("192.168.1.5",)),
        ("https://nas.local/", ("nas.local",)),
        ("https://localhost/", ("localhost",)),
        ("http://printer/", ("printer",)),
        ("https://cloud.home.arpa/", ("cloud.home.arpa",)),
        ("https://example.org/", ()),
        ("https://93.184.216.34/", ()),
        ("http://2130706433/", ()),
        ("http://0x7f000001/", ()),
        ("http://127.1/", ()),
        ("http://localhost.example.org/", ()),
    ],
)
def test_only_a_host_that_says_itself_that_it_is_private_is_meant_to_be(url: str, hosts: tuple[str, ...]) -> None:
    assert typed(url) == hosts


def test_an_address_is_shown_without_what_may_be_secret() -> None:
    secret = "https://me:pw@calendar.google.com:444/calendar/ical/private-0123456789abcdef/basic.ics?key=42#x"  # noqa: S105  made up
    assert shown(secret) == "https://calendar.google.com:444/calendar/ical/…/basic.ics"
    assert shown("http://[::1]:80/a") == "http://[::1]:80/a"
    assert shown("http://[::1") == "this address"
    assert shown("http://x/a\x1b[31m/b") == "http://x/…/b"


def test_an_origin_has_its_port_and_no_dot_behind() -> None:
    assert origin("https://Example.org./x") == origin("https://example.org:443/y") == ("https", "example.org", 443)
    for url in ("ftp://example.org/", "example.org", "https:///x", "https://x:99999/", "http://[::1"):
        with pytest.raises(ValueError, match=r"begins with|[Pp]ort|IPv6"):
            origin(url)
