# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Origin x Host x setting, and every trap we know of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from addon.http.access import Access
from addon.http.messages import Head, Headers

DEFAULT = ("http://localhost",)


def request(host: Optional[str] = "localhost:8765", origin: Optional[str] = None, *more: tuple[str, str]) -> Head:
    """The head of a request with these headers."""
    headers = [("host", host), ("origin", origin)]
    present = tuple([(name, value) for name, value in headers if value is not None])
    return Head("POST", "/", present + more)


def preflight(head: Head) -> Headers:
    """The headers of the reply to a preflight, by the default settings."""
    access = Access(DEFAULT)
    return access.preflight(head, access.check(head))


def allowed_origin(headers: Headers) -> str:
    """The origin that CORS headers name."""
    (value,) = [value for name, value in headers if name == "Access-Control-Allow-Origin"]
    return value


LOCAL = [
    "http://localhost",
    "https://localhost",
    "http://localhost:3000",
    "https://localhost:8443",
    "http://127.0.0.1",
    "http://127.0.0.1:5173",
    "https://127.0.0.1:1",
    "http://[::1]",
    "http://[::1]:80",
    "https://[::1]:65535",
    "HTTP://LOCALHOST:3000",
    "chrome-extension://cjpalhdlnbpafiamejdnhcphjbkeiagm",
    "moz-extension://0a1b2c3d-0000-4000-8000-000000000000",
    "safari-web-extension://ABCDEF",
    "app://obsidian.md",
]

STRANGE = [
    "",
    " ",
    "null",
    "*",
    "http://evil",
    "https://example.com",
    "http://127.0.0.1:x.evil.com",
    "http://127.0.0.1.evil.com",
    "http://localhost.evil.com",
    "http://localhost@evil.com",
    "http://localhost:80@evil.com",
    "http://localhost:",
    "http://localhost:123456",
    "http://localhost:80:80",
    "http://localhost/",
    "http://localhost#",
    "http://localhost\n",
    "http://localhost ",
    "http://localhost\\evil.com",
    "http://localhost:\xb2",
    "http://xlocalhost",
    "http://a.localhost",
    "http://[::1].evil.com",
    "http://[::1",
    "http://::1",
    "http://127.0.0.2",
    "http://127.1",
    "http://2130706433",
    "http://localh\xf6st",
    "http://evil.com,http://localhost",
    "http://evil.com http://localhost",
    "file://",
    "ftp://localhost",
    "data:text/html,x",
    "xchrome-extension://abc",
    "chrome-extension:abc",
    "localhost",
    "//localhost",
]


@pytest.mark.parametrize("origin", LOCAL)
def test_this_computers_pages_and_programs_are_let_in_by_default_and_echoed(origin: str) -> None:
    verdict = Access(DEFAULT).check(request(origin=origin))
    assert verdict.host_allowed
    assert verdict.origin_allowed
    assert verdict.origin == origin
    assert verdict.is_program_here == origin.lower().startswith("app:")
    assert allowed_origin(verdict.headers) == origin


@pytest.mark.parametrize("origin", STRANGE)
def test_strangers_are_kept_out_by_default_and_told_another_origin(origin: str) -> None:
    verdict = Access(DEFAULT).check(request(origin=origin))
    assert not verdict.origin_allowed
    assert verdict.may_ask
    assert not verdict.is_program_here
    assert allowed_origin(verdict.headers) == "http://localhost"


@pytest.mark.parametrize("origin", [origin for origin in LOCAL if origin != "http://localhost"])
def test_without_localhost_in_the_list_local_origins_are_strangers(origin: str) -> None:
    verdict = Access(("http://example.com",)).check(request(origin=origin))
    assert not verdict.origin_allowed


@pytest.mark.parametrize("origin", LOCAL + STRANGE)
def test_a_star_lets_everyone_in_and_says_so(origin: str) -> None:
    verdict = Access(("*",)).check(request(origin=origin))
    assert verdict.origin_allowed
    assert allowed_origin(verdict.headers) == "*"


@pytest.mark.parametrize(
    ("listed", "origin", "is_allowed"),
    [
        ("https://example.com", "https://example.com", True),
        ("https://Example.com/ ", "https://example.com", True),
        ("https://example.com", "http://example.com", False),
        ("https://example.com", "https://example.com:444", False),
        ("https://example.com", "https://www.example.com", False),
        ("https://example.com", "https://example.com.evil.com", False),
        ("https://example.com", "https://example.co", False),
        ("null", "null", True),
        ("", "", False),
        ("/", "", False),
        ("http://127.0.0.1:*", "http://127.0.0.1:80", False),
    ],
)
def test_a_listed_origin_is_let_in_exactly(listed: str, origin: str, is_allowed: bool) -> None:
    verdict = Access((listed,)).check(request(origin=origin))
    assert verdict.origin_allowed == is_allowed
    assert allowed_origin(verdict.headers) == (origin if is_allowed else "http://localhost")


@pytest.mark.parametrize(("listed", "told"), [(DEFAULT, "http://localhost"), (("*",), "*"), ((), "http://localhost")])
def test_a_program_without_an_origin_is_let_in(listed: tuple[str, ...], told: str) -> None:
    verdict = Access(listed).check(request())
    assert verdict.origin_allowed
    assert verdict.origin is None
    assert verdict.is_program_here
    assert allowed_origin(verdict.headers) == told


@pytest.mark.parametrize("listed", [DEFAULT, ("*",), ("http://127.0.0.1:40000", "*")])
@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::1]", "LOCALHOST"])
def test_ankis_own_pages_are_kept_out_whatever_the_list_says(listed: tuple[str, ...], name: str) -> None:
    verdict = Access(listed, internal_port=40000).check(request(origin=f"http://{name}:40000"))
    assert not verdict.origin_allowed
    assert not verdict.may_ask
    assert allowed_origin(verdict.headers) == "http://localhost"


@pytest.mark.parametrize(
    "settings",
    [{"allow_card_scripts": True, "internal_port": 40000}, {"internal_port": 4000}, {"internal_port": None}],
)
def test_ankis_own_pages_count_like_others_if_card_scripts_are_allowed(settings: dict[str, Any]) -> None:
    verdict = Access(DEFAULT, **settings).check(request(origin="http://127.0.0.1:40000"))
    assert verdict.origin_allowed
    assert allowed_origin(verdict.headers) == "http://127.0.0.1:40000"


def test_an_ignored_origin_is_not_to_be_asked_about() -> None:
    access = Access(DEFAULT, ignored_origins=["https://Example.com/"])
    assert not access.check(request(origin="https://example.com")).may_ask
    assert access.check(request(origin="https://example.org")).may_ask


ANY = "0.0.0.0"


@pytest.mark.parametrize(
    ("host", "bind_host", "hosts", "is_allowed"),
    [
        (None, "127.0.0.1", (), True),
        ("localhost", "127.0.0.1", (), True),
        ("LOCALHOST:8765", "127.0.0.1", (), True),
        ("localhost.", "127.0.0.1", (), True),
        ("localhost.:8765", "127.0.0.1", (), True),
        ("localhost:", "127.0.0.1", (), True),
        ("anki.localhost:1", "127.0.0.1", (), True),
        ("127.0.0.1:8765", "127.0.0.1", (), True),
        ("127.0.0.1.", "127.0.0.1", (), True),
        ("127.8.9.1", "127.0.0.1", (), True),
        ("[::1]:8765", "127.0.0.1", (), True),
        ("[::1]", "127.0.0.1", (), True),
        ("[::ffff:127.0.0.1]", "127.0.0.1", (), True),
        ("", "127.0.0.1", (), False),
        (".", "127.0.0.1", (), False),
        ("localhost..", "127.0.0.1", (), False),
        (".localhost", "127.0.0.1", (), False),
        ("evil.com", "127.0.0.1", (), False),
        ("localhost.evil.com", "127.0.0.1", (), False),
        ("127.0.0.1.evil.com", "127.0.0.1", (), False),
        ("127.0.0.1.nip.io:8765", "127.0.0.1", (), False),
        ("xlocalhost", "127.0.0.1", (), False),
        ("localhost:80:80", "127.0.0.1", (), False),
        ("localhost:x", "127.0.0.1", (), False),
        ("localhost:\xb2", "127.0.0.1", (), False),
        ("localhost@evil.com", "127.0.0.1", (), False),
        ("evil.com/localhost", "127.0.0.1", (), False),
        ("localhost, evil.com", "127.0.0.1", (), False),
        ("localhost\n", "127.0.0.1", (), False),
        ("127.0.0.01", "127.0.0.1", (), False),
        ("127.1", "127.0.0.1", (), False),
        ("2130706433", "127.0.0.1", (), False),
        ("[127.0.0.1]", "127.0.0.1", (), False),
        ("[localhost]", "127.0.0.1", (), False),
        ("[::1]evil.com", "127.0.0.1", (), False),
        ("::1", "127.0.0.1", (), False),
        ("0.0.0.0", "127.0.0.1", (), False),
        ("192.168.1.5", "127.0.0.1", (), False),
        ("192.168.1.5:8765", "192.168.1.5", (), True),
        ("192.168.1.6:8765", "192.168.1.5", (), False),
        ("localhost", "192.168.1.5", (), True),
        ("[fe80::1]", "fe80::1", (), True),
        ("[FE80:0:0::1]:8765", "[fe80::1]", (), True),
        ("192.168.1.6", ANY, (), True),
        ("[2001:db8::1]:8765", ANY, (), True),
        ("192.168.1.6", "::", (), True),
        ("192.168.1.6", "", (), True),
        ("0.0.0.0:8765", ANY, (), True),
        ("evil.com", ANY, (), False),
        ("desk.lan:8765", "desk.lan", (), True),
        ("192.168.1.6", "desk.lan", (), True),
        ("192.168.1.6", "localhost", (), False),
        ("evil.com", "desk.lan", (), False),
        ("anki.lan", "127.0.0.1", ("Anki.LAN",), True),
        ("ANKI.lan:8765", "127.0.0.1", ("anki.lan",), True),
        ("anki.lan.:8765", "127.0.0.1", ("anki.lan.",), True),
        ("anki.lan:8765", "127.0.0.1", ("anki.lan:8765",), True),
        ("anki.lan:8766", "127.0.0.1", ("anki.lan:8765",), False),
        ("x.anki.lan", "127.0.0.1", ("anki.lan",), False),
        ("", "127.0.0.1", ("",), False),
        ("192.168.1.5", "127.0.0.1", ("192.168.1.5",), True),
        ("[2001:db8::1]:8765", "127.0.0.1", ("[2001:db8::1]",), True),
    ],
)
def test_a_host_is_let_in_if_it_names_this_server(
    host: Optional[str], bind_host: str, hosts: tuple[str, ...], is_allowed: bool
) -> None:
    verdict = Access(DEFAULT, bind_host=bind_host, hosts=hosts).check(request(host))
    assert verdict.host_allowed == is_allowed


@pytest.mark.parametrize("origin", [None, "http://localhost:3000", "https://example.com"])
def test_every_reply_has_the_cors_headers(origin: Optional[str]) -> None:
    headers = dict(Access(DEFAULT).check(request(origin=origin)).headers)
    assert headers["Access-Control-Allow-Headers"] == "*"
    assert headers["Vary"] == "Origin"
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert int(headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (None, "*"),
        ("content-type", "*"),
        ("x-authorization", "*"),
        ("authorization", "*, Authorization"),
        ("Content-Type,Authorization", "*, Authorization"),
        ("content-type, authorization , x-api-key", "*, Authorization"),
    ],
)
def test_a_preflight_names_authorization_if_asked(asked: Optional[str], told: str) -> None:
    more = [("access-control-request-headers", asked)] if asked is not None else []
    headers = dict(preflight(request("localhost", "http://localhost:3000", *more)))
    assert headers["Access-Control-Allow-Headers"] == told
    assert headers["Access-Control-Allow-Origin"] == "http://localhost:3000"


@pytest.mark.parametrize("network", ["Private", "Local"])
def test_a_preflight_grants_the_network_that_is_asked_for_and_no_other(network: str) -> None:
    asked = (f"access-control-request-{network.lower()}-network", "true")
    headers = preflight(request("localhost", "http://localhost", asked))
    assert [pair for pair in headers if "Network" in pair[0]] == [(f"Access-Control-Allow-{network}-Network", "true")]
    plain = preflight(request("localhost", "http://localhost"))
    assert not [pair for pair in plain if "Network" in pair[0]]


@pytest.mark.parametrize("network", ["Private", "Local"])
def test_a_preflight_of_a_stranger_is_granted_no_network(network: str) -> None:
    asked = (f"access-control-request-{network.lower()}-network", "true")
    headers = preflight(request("localhost", "https://evil.com", asked))
    assert f"Access-Control-Allow-{network}-Network" not in dict(headers)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize(
    ("method", "mode", "is_allowed"),
    [
        ("GET", "navigate", True),
        ("GET", "no-cors", False),
        ("GET", None, False),
        ("POST", "navigate", False),
        ("POST", "no-cors", False),
        ("HEAD", "navigate", False),
    ],
)
def test_a_page_that_does_not_say_where_it_is_from_may_only_be_left_for_ours(
    site: str, method: str, mode: Optional[str], is_allowed: bool
) -> None:
    headers = (("host", "localhost"), ("sec-fetch-site", site), *((("sec-fetch-mode", mode),) if mode else ()))
    verdict = Access(DEFAULT).check(Head(method, "/", headers))
    assert verdict.origin_allowed == is_allowed
    assert verdict.may_ask == is_allowed


@pytest.mark.parametrize("length", [1, 60, None])
def test_who_followed_a_link_may_see_the_page_and_send_nothing(length: Optional[int]) -> None:
    headers = (("host", "localhost"), ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"))
    assert not Access(DEFAULT).check(Head("GET", "/", headers, length=length)).origin_allowed


@pytest.mark.parametrize("sites", [("none", "cross-site"), ("cross-site", "none"), ("same-origin", "same-site")])
def test_the_strictest_of_several_sites_counts(sites: tuple[str, str]) -> None:
    both = [("sec-fetch-site", site) for site in sites]
    assert not Access(DEFAULT).check(request("localhost", None, *both)).origin_allowed


@pytest.mark.parametrize(
    "site",
    ["none, cross-site", "same-origin,cross-site", "none,\tsame-site", "Cross-Site", "cross-site;v=1", "elsewhere"],
)
def test_the_worst_part_of_a_site_counts(site: str) -> None:
    assert not Access(DEFAULT).check(request("localhost", None, ("sec-fetch-site", site))).origin_allowed


@pytest.mark.parametrize("modes", [["navigate, cors"], ["navigate", "no-cors"], ["no-cors", "navigate"]])
def test_what_is_not_only_a_navigation_is_none(modes: list[str]) -> None:
    headers = [("host", "localhost"), ("sec-fetch-site", "cross-site"), *(("sec-fetch-mode", mode) for mode in modes)]
    assert not Access(DEFAULT).check(Head("GET", "/", tuple(headers))).origin_allowed


@pytest.mark.parametrize("site", ["same-origin", "none", "", "none, same-origin"])
def test_a_page_of_our_own_and_the_user_need_no_origin(site: str) -> None:
    assert Access(DEFAULT).check(request("localhost", None, ("sec-fetch-site", site))).origin_allowed


def test_an_allowed_origin_counts_whatever_the_site() -> None:
    assert (
        Access(DEFAULT)
        .check(request("localhost", "http://localhost:3000", ("sec-fetch-site", "cross-site")))
        .origin_allowed
    )


@pytest.mark.parametrize(
    ("target", "is_allowed"),
    [
        ("/http://evil.com/", True),
        ("http://localhost:8765/", True),
        ("HTTP://127.0.0.1", True),
        ("http://evil.com/", False),
        ("http://evil.com", False),
        ("https://evil.com?x", False),
        ("http://localhost@evil.com/", False),
        ("http://evil.com#localhost", False),
        ("*", True),
    ],
)
def test_an_address_as_target_has_to_name_this_server_whatever_the_host(target: str, is_allowed: bool) -> None:
    assert Access(DEFAULT).check(Head("POST", target, (("host", "localhost"),))).host_allowed == is_allowed


@pytest.mark.parametrize(
    ("peer", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.5.5.5", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.5", False),
        ("::ffff:192.168.1.5", False),
        ("fe80::1%eth0", False),
        ("0.0.0.0", False),
    ],
)
def test_who_connects_from_this_computer_is_known(peer: str, is_here: bool) -> None:
    verdict = Access(DEFAULT).check(Head("POST", "/", (("host", "localhost"),), peer))
    assert verdict.from_this_computer == is_here


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ((("x-api-key", "k"),), "k"),
        ((("x-api-key", ""),), ""),
        ((("authorization", "Bearer k l"),), "k l"),
        ((("authorization", "Basic k"),), None),
        ((("authorization", "Bearer "),), None),
        ((("authorization", "Bearer other"), ("x-api-key", "k")), "k"),
        ((("x-api-key", "\xc3\xbc"),), "\xfc"),
        ((("x-api-key", "\xfc"),), "\xfc"),
        ((), None),
    ],
)
def test_a_key_in_a_header_is_found(headers: Headers, key: Optional[str]) -> None:
    assert Access(DEFAULT).check(Head("POST", "/", headers)).key == key


def test_a_refused_origin_can_be_echoed_on_purpose() -> None:
    headers = Access(DEFAULT).headers_echoing("https://example.com")
    assert allowed_origin(headers) == "https://example.com"
    assert ("Vary", "Origin") in headers


def test_the_repr_shows_the_rules() -> None:
    text = repr(Access(DEFAULT, bind_host=ANY, hosts=["anki.lan"], internal_port=1))
    assert "http://localhost" in text
    assert "anki.lan" in text
    assert "any address" in text


@given(st.text(st.characters(max_codepoint=255)), st.text(st.characters(max_codepoint=255)))
def test_no_host_or_origin_raises(host: str, origin: str) -> None:
    verdict = Access(DEFAULT, internal_port=1).check(request(host, origin))
    assert verdict.origin == origin
    assert allowed_origin(verdict.headers) in (origin, "http://localhost")


@pytest.mark.parametrize("origin", [None, "app://obsidian.md"])
@pytest.mark.parametrize(
    ("peer", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.7", False),
        ("fe80::1%eth0", False),
        ("2001:db8::1", False),
        ("::ffff:192.168.1.7", False),
    ],
)
def test_who_connects_from_another_computer_is_no_program_of_this_one(
    origin: Optional[str], peer: str, is_here: bool
) -> None:
    head = request() if origin is None else request(origin=origin)
    assert Access(DEFAULT).check(replace(head, peer=peer)).is_program_here == is_here
