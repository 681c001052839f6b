# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Which addresses a web page may have Anki download from: without a network."""

from __future__ import annotations

import pytest

from addon.media.reach import ANYWHERE, Reach

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1"]
PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
    "ff0e::1",
    "fec0::1",
    "::8.8.8.8",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::ffff:0:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "no address",
    "::ffff:192.168.1.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_page_reaches_what_is_public(address: str) -> None:
    assert Reach.of_page("https://example.com").allows("example.org", 443, address)


@pytest.mark.parametrize("address", PRIVATE)
@pytest.mark.parametrize("origin", ["https://example.com", "http://localhost:3000", None, "null"])
def test_a_page_does_not_reach_this_computer_and_its_network(origin: str, address: str) -> None:
    assert not Reach.of_page(origin).allows("example.org", 80, address)


@pytest.mark.parametrize(
    ("origin", "host", "port", "is_own"),
    [
        ("http://localhost:3000", "localhost", 3000, True),
        ("http://localhost:3000", "localhost", 3001, False),
        ("http://localhost:3000", "127.0.0.1", 3000, False),
        ("http://192.168.1.5", "192.168.1.5", 80, True),
        ("https://192.168.1.5", "192.168.1.5", 443, True),
        ("https://192.168.1.5", "192.168.1.5", 80, False),
        ("http://[::1]:3000", "::1", 3000, True),
        ("http://name-that-moves.example:80", "name-that-moves.example", 80, False),
    ],
)
def test_a_page_reaches_its_own_server(origin: str, host: str, port: int, is_own: bool) -> None:
    assert Reach.of_page(origin).allows(host, port, "127.0.0.1") is is_own


@pytest.mark.parametrize("address", PUBLIC + PRIVATE)
def test_programs_and_extensions_reach_everything(address: str) -> None:
    assert ANYWHERE.allows("example.org", 80, address)
