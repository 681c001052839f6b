# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Where other computers reach a server."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

import pytest

from addon.http.reach import Reach, find_reach, url_of


@pytest.mark.parametrize("hosts", [[], ["127.0.0.1"], ["127.0.0.1", "::1"], ["127.0.0.5"]])
def test_loopback_addresses_are_this_computers_alone(hosts: list[str]) -> None:
    assert find_reach([(host, 80) for host in hosts]) is None


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [
        (["0.0.0.0"], Reach("0.0.0.0", 80, True)),
        (["::"], Reach("::", 80, True)),
        (["127.0.0.1", "192.168.1.5"], Reach("192.168.1.5", 80, False)),
        (["fe80::1%eth0"], Reach("fe80::1%eth0", 80, False)),
    ],
)
def test_other_addresses_are_not(hosts: list[str], expected: Reach) -> None:
    assert find_reach([(host, 80) for host in hosts]) == expected


def test_the_url_for_others_has_one_of_this_computers_addresses() -> None:
    assert Reach("192.168.1.5", 8765, False).url == "http://192.168.1.5:8765"
    host = urlsplit(Reach("0.0.0.0", 8765, True).url).hostname
    assert host is not None
    assert not ip_address(host).is_loopback


def test_an_ipv6_address_is_in_brackets() -> None:
    assert url_of("::1", 80) == "http://[::1]:80"
