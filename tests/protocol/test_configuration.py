# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Settings changed while Anki runs: applied at once, bad ones named, the server never stopped."""

from __future__ import annotations

import html
import json
import logging
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import aqt.utils
import pytest
from aqt.qt import QLabel

from scripts.devkit.paths import ROOT
from tests.support.addon_settings import PACKAGE, AddonSettings
from tests.support.anki_session import AnkiSession, free_port
from tests.support.api_client import Api, RawReply

VERSION = {"action": "version", "version": 6}
InBackground = Callable[[Callable[[], RawReply]], RawReply]


def accepts(port: int, address: str = "127.0.0.1") -> bool:
    """Whether anybody listens there."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


def tooltip() -> str:
    """What Anki shows at the edge of its window."""
    label = aqt.utils._tooltipLabel
    return label.text() if isinstance(label, QLabel) else ""


@pytest.fixture(autouse=True)
def nothing_reported(anki: AnkiSession) -> None:
    """No tooltip of an earlier test is on the screen."""
    aqt.utils.closeTooltip()


@pytest.fixture
def port_of_its_own(settings: AddonSettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The port is what the settings say, not what the environment of the tests says."""
    with monkeypatch.context() as environment:
        environment.delenv("ANKICONNECT_BIND_PORT")
        yield
    settings.restore()


@pytest.mark.usefixtures("port_of_its_own")
class TestAddress:
    def test_another_port_is_listened_on_at_once(
        self, anki: AnkiSession, settings: AddonSettings, wait_until: Callable[..., None]
    ) -> None:
        port = free_port()
        settings(webBindPort=port)
        wait_until(lambda: accepts(port))
        assert Api(f"http://127.0.0.1:{port}")("version") == 6
        assert not accepts(anki.port)

    def test_the_log_says_which_version_listens_where(
        self, settings: AddonSettings, caplog: pytest.LogCaptureFixture
    ) -> None:
        port = free_port()
        with caplog.at_level(logging.INFO, f"{PACKAGE}.serving"):
            settings(webBindPort=port)
        version = json.loads((ROOT / "manifest.json").read_text())["human_version"]
        assert f"AnkiConnect {version} listens on http://127.0.0.1:{port}" in caplog.text

    def test_another_address_is_listened_on_at_once(
        self, settings: AddonSettings, wait_until: Callable[..., None]
    ) -> None:
        port = free_port()
        settings(webBindPort=port, webBindAddress="127.0.0.2")
        wait_until(lambda: accepts(port, "127.0.0.2"))
        assert Api(f"http://127.0.0.2:{port}")("version") == 6
        assert not accepts(port, "127.0.0.1")

    @pytest.mark.parametrize("address", ["localhost", "::1", "127.0.0.1"])
    def test_both_loopbacks_are_served_whichever_is_named(
        self, settings: AddonSettings, wait_until: Callable[..., None], address: str
    ) -> None:
        port = free_port()
        settings(webBindPort=port, webBindAddress=address)
        wait_until(lambda: accepts(port, "127.0.0.1") and accepts(port, "::1"))

    def test_a_port_in_use_is_reported_without_a_dialog_and_taken_when_free(
        self, settings: AddonSettings, wait_until: Callable[..., None]
    ) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            settings(webBindPort=port)
            wait_until(lambda: f"127.0.0.1 port {port}" in tooltip())
        wait_until(lambda: accepts(port))
        assert Api(f"http://127.0.0.1:{port}")("version") == 6

    def test_the_other_loopback_in_use_is_reported_while_this_one_is_served_and_taken_when_free(
        self, settings: AddonSettings, wait_until: Callable[..., None]
    ) -> None:
        with socket.socket(socket.AF_INET6) as other:
            other.bind(("::1", 0))
            other.listen()
            port = other.getsockname()[1]
            settings(webBindPort=port)
            wait_until(lambda: f"::1 port {port}" in tooltip())
            assert Api(f"http://127.0.0.1:{port}")("version") == 6
        wait_until(lambda: accepts(port, "::1"))
        assert Api(f"http://[::1]:{port}")("version") == 6

    def test_an_address_of_another_computer_is_reported_and_does_no_harm(
        self, settings: AddonSettings, wait_until: Callable[..., None]
    ) -> None:
        port = free_port()
        settings(webBindPort=port, webBindAddress="192.0.2.1")
        wait_until(lambda: "192.0.2.1" in tooltip())
        settings(webBindAddress="127.0.0.1")
        wait_until(lambda: accepts(port))


def test_bad_values_are_reported_by_name_and_the_others_apply(
    api: Api, settings: AddonSettings, wait_until: Callable[..., None]
) -> None:
    settings(webTimeout="long", apiKey="secret", webCorsOriginList="http://a")
    wait_until(lambda: "webTimeout must be a whole number" in tooltip())
    assert 'webCorsOriginList must be a list of texts, but is "http://a"' in html.unescape(tooltip())
    assert api.error("version") == "valid api key must be provided"
    assert api.request({**VERSION, "key": "secret"})["result"] == 6


def test_a_report_before_the_window_is_there_is_shown_when_it_is(
    anki: AnkiSession, settings: AddonSettings, wait_until: Callable[..., None]
) -> None:
    anki.mw.unloadProfile(lambda: None)
    wait_until(lambda: anki.mw.col is None and not anki.mw.isVisible())
    settings(webTimeout="long")
    anki.mw.loadProfile()
    wait_until(lambda: "webTimeout" in tooltip())


def test_a_key_applies_at_once_and_to_kept_connections(api: Api, settings: AddonSettings, anki: AnkiSession) -> None:
    assert api("version") == 6
    settings(apiKey="secret")
    assert api.error("version") == "valid api key must be provided"
    settings(apiKey=None)
    assert api("version") == 6


def test_a_number_as_key_is_the_text_a_client_sends(api: Api, settings: AddonSettings) -> None:
    settings(apiKey=1234)
    assert api.error("version") == "valid api key must be provided"
    assert api.request({**VERSION, "key": "1234"})["result"] == 6


@pytest.mark.parametrize("key", [["secret"], {}, [], True, False, "a\ud800"])
def test_a_key_that_cannot_be_used_never_opens_the_door(
    api: Api, settings: AddonSettings, wait_until: Callable[..., None], key: object
) -> None:
    settings(apiKey=key)
    wait_until(lambda: "apiKey must be a text" in tooltip())
    assert "every request is refused" in tooltip()
    for tried in (None, "", "secret", "null", "True", "[]"):
        assert api.request({**VERSION, "key": tried})["error"] == "valid api key must be provided"
    assert api("requestPermission")["requireApikey"] is True
    settings(apiKey=None)
    assert api("version") == 6


def test_a_misspelt_name_is_reported_with_the_one_that_was_meant(
    api: Api, settings: AddonSettings, wait_until: Callable[..., None]
) -> None:
    settings(apikey="secret")
    wait_until(lambda: 'there is no setting "apikey"; did you mean apiKey?' in html.unescape(tooltip()))


def test_the_environment_wins_over_the_file(api: Api, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("ANKICONNECT_API_KEY", "from outside")
        settings(apiKey="from the file")
        assert api.request({**VERSION, "key": "from outside"})["result"] == 6
        assert "error" in api.request({"action": "version", "key": "from the file"})


def test_a_variable_with_a_broken_key_never_opens_the_door(
    api: Api, settings: AddonSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as environment:
        environment.setenv("ANKICONNECT_API_KEY", "x\udcff")
        settings(apiKey=None)
        for tried in (None, "", "x", "x\udcff"):
            assert api.request({**VERSION, "key": tried})["error"] == "valid api key must be provided"
    settings()
    assert api("version") == 6


def test_huge_and_hostile_values_are_reported_shortly_and_the_server_goes_on(
    api: Api, settings: AddonSettings, wait_until: Callable[..., None]
) -> None:
    nested: object = "x"
    for _ in range(200):
        nested = {"a": [nested]}
    settings(
        webCorsOriginList=[f"https://{number}.example" for number in range(50_000)],
        ignoreOriginList=[["x"] * 50_000],
        webTimeout=float("nan"),
        webBindAddress="x" * 50_000 + "\0",
        webMaxBodySize=10**100,
        webHostList=nested,
        webBindPort=-(10**30),
        **{f"unknown{number}": nested for number in range(200)},
    )
    wait_until(lambda: "there are 195 more unknown settings" in tooltip())
    assert "webTimeout must be a whole number" in tooltip()
    assert len(tooltip()) < 5000
    assert api("version") == 6
    reply = api.raw(body=json.dumps(VERSION).encode(), headers={"Origin": "https://49999.example"})
    assert json.loads(reply.body)["result"] == 6


def test_unknown_settings_do_no_harm(api: Api, settings: AddonSettings) -> None:
    settings(noSuchSetting=1)
    assert api("version") == 6


@pytest.mark.parametrize("kept", [5, "text", ["apiKey"], None])
def test_settings_that_are_no_object_refuse_everything_and_are_reported(
    api: Api, anki: AnkiSession, settings: AddonSettings, wait_until: Callable[..., None], kept: object
) -> None:
    apply = anki.mw.addonManager.configUpdatedAction(PACKAGE)
    assert apply is not None
    apply(kept)
    wait_until(lambda: "the saved settings cannot be read" in tooltip())
    assert api.error("version") == "valid api key must be provided"


@pytest.mark.parametrize("path", ["", "a\0b"], ids=["a folder", "no path"])
def test_a_log_that_cannot_be_opened_is_reported_and_requests_go_on(
    api: Api, settings: AddonSettings, tmp_path: Path, wait_until: Callable[..., None], path: str
) -> None:
    settings(apiLogPath=path or str(tmp_path))
    wait_until(lambda: "apiLogPath" in tooltip())
    assert api("version") == 6
