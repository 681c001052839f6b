# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Programs and a web page that use a part of the API, each in its own way."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.addon_settings import AddonSettings
from tests.support.anki_session import AnkiSession
from tests.support.api_client import Api
from tests.support.client import Client, basic

if TYPE_CHECKING:
    from tests.support.file_server import FileServer

DATA = base64.b64encode(b"content").decode()
InBackground = Callable[[Callable[[], Any]], Any]


class TestYanki:
    """yanki-connect: nearly everything, with a reply's header among the request's."""

    @pytest.fixture
    def yanki(self, api: Api) -> Client:
        return Client(api, Content_Type="application/json", Access_Control_Allow_Origin="*", Accept="*/*")

    def test_it_makes_what_it_needs(self, yanki: Client) -> None:
        model = {
            "modelName": "Yanki - Basic",
            "inOrderFields": ["Front", "Back", "YankiNamespace"],
            "isCloze": False,
            "cardTemplates": [{"YankiDecoy": "x", "Front": "{{Front}}", "Back": "{{Back}}"}],
        }
        yanki.call("createModel", model)
        assert yanki.error("createModel", model) == "Model name already exists"
        yanki.call("createDeck", {"deck": "Yanki::A"})
        note = {
            "deckName": "Yanki::A",
            "modelName": "Yanki - Basic",
            "fields": {"Front": "q", "Back": "a", "YankiNamespace": "ns"},
            "options": {"allowDuplicate": True},
        }
        number = yanki.call("addNote", {"note": note})
        [info] = yanki.call("notesInfo", {"query": '"YankiNamespace:ns"'})
        assert info["noteId"] == number
        assert yanki.call("getDecks", {"cards": info["cards"]}) == {"Yanki::A": info["cards"]}

    def test_it_matches_these_errors_to_the_letter(self, yanki: Client) -> None:
        note = basic("q")
        assert yanki.error("addNote", {"note": {**note, "modelName": "X"}}) == "model was not found: X"
        assert yanki.error("addNote", {"note": {**note, "deckName": "X"}}) == "deck was not found: X"
        unknown = {"note": {"id": yanki.call("addNote", {"note": note}), "modelName": "X", "fields": {}, "tags": []}}
        assert yanki.error("updateNoteModel", unknown) == "Model 'X' not found"

    def test_it_moves_and_deletes_decks(self, yanki: Client) -> None:
        number = yanki.call("addNote", {"note": basic("q")})
        [info] = yanki.call("notesInfo", {"notes": [number]})
        yanki.call("changeDeck", {"cards": info["cards"], "deck": "Yanki"})
        stats = yanki.call("getDeckStats", {"decks": ["Yanki"]})
        [(_, deck)] = stats.items()
        assert (deck["name"], deck["total_in_deck"]) == ("Yanki", 1)
        yanki.call("deleteDecks", {"decks": ["Yanki"], "cardsToo": True})
        assert yanki.call("findNotes", {"query": ""}) == []


class TestMokuroReader:
    """mokuro-reader: a web page on this computer; no content type but the browser's."""

    @pytest.fixture
    def mokuro(self, api: Api) -> Client:
        return Client(api, Origin="http://localhost:5173", Content_Type="text/plain;charset=UTF-8")

    def test_it_probes_and_asks(self, mokuro: Client) -> None:
        assert mokuro.call("version", {}) == 6
        mokuro.call("createDeck", {"deck": "mokuro probe"})
        assert mokuro.call("deleteDecks", {"decks": ["mokuro probe"], "cardsToo": True}) is None
        assert mokuro.call("requestPermission")["permission"] == "granted"

    def test_it_adds_pictures_to_a_note(self, mokuro: Client) -> None:
        number = mokuro.call("addNote", {"note": basic("漫画")})
        picture = [{"filename": "mokuro_1.webp", "data": DATA, "fields": ["Back"]}]
        mokuro.call("updateNoteFields", {"note": {"id": number, "fields": {"Front": "漫画２"}, "picture": picture}})
        mokuro.call("addTags", {"notes": [number], "tags": "mokuro manga"})
        [info] = mokuro.call("notesInfo", {"notes": [number]})
        assert info["fields"]["Back"]["value"] == '<img src="mokuro_1.webp">'
        assert info["tags"] == ["manga", "mokuro"]


class TestKoplugin:
    """anki.koplugin: an e-reader on the network, with a key and single media."""

    @pytest.fixture
    def reader(self, api: Api, anki: AnkiSession, settings: AddonSettings) -> Client:
        settings(apiKey="secret", webBindAddress="0.0.0.0")
        return Client(api, Host=f"192.168.0.5:{anki.port}", Content_Type="application/json")

    def test_it_asks_and_adds_with_its_key(
        self, reader: Client, http_files: FileServer, wait_until: Callable[..., None], anki: AnkiSession
    ) -> None:
        wait_until(anki.answers)
        assert reader.call("requestPermission")["requireApikey"] is True
        url = http_files.serve("/word.mp3", b"sound")
        note = basic(
            "本",
            audio={"url": url, "filename": "word.mp3", "fields": ["Back"]},
            picture={"data": DATA, "filename": "page.png", "fields": ["Back"]},
        )
        number = reader.call("addNote", {"note": note}, key="secret")
        [info] = reader.call("notesInfo", {"notes": [number]}, key="secret")
        assert info["fields"]["Back"]["value"] == '[sound:word.mp3]<img src="page.png">'
        assert reader.error("deckNames") == "valid api key must be provided"


class TestGameSentenceMiner:
    """GameSentenceMiner: watches for new notes and completes them."""

    def test_it_completes_the_newest_note(self, api: Api) -> None:
        miner = Client(api, Content_Type="application/json")
        number = miner.call("addNote", {"note": basic("ゲーム")})
        assert miner.call("findNotes", {"query": "added:1"}) == [number]
        stored = miner.call("storeMediaFile", {"filename": "GSM_screen.webp", "data": DATA})
        edit = {"id": number, "fields": {"Back": f'<img src="{stored}">'}, "tags": ["GSM", "Game::Title"]}
        miner.call("updateNoteFields", {"note": edit})
        miner.call("addTags", {"notes": [number], "tags": "GSM"})
        [info] = miner.call("notesInfo", {"notes": [number]})
        assert info["tags"] == ["GSM"]
        assert miner.call("getIntervals", {"cards": info["cards"]}) == [0]
        assert miner.call("guiSelectedNotes") == []


class TestAnkiMcp:
    """anki-mcp servers: `localhost`, words in errors, no retries wanted."""

    def test_it_matches_words_in_errors(self, api: Api) -> None:
        mcp = Client(api, Host="localhost:8765", Content_Type="application/json", User_Agent="axios/1.7")
        mcp.call("addNote", {"note": basic("a")})
        assert "duplicate" in mcp.error("addNote", {"note": basic("a")})
        assert "already exists" in mcp.error(
            "createModel",
            {"modelName": "Basic", "inOrderFields": ["a"], "cardTemplates": [{"Front": "{{a}}", "Back": ""}]},
        )
        assert "not found" in mcp.error("deckNameFromId", {"deckId": 5})
        assert "not found" in mcp.error("modelFieldNames", {"modelName": "X"})


class TestScripts:
    """py-ankiconnect and others: pooled connections, many at once."""

    def test_fifty_connections_at_once_each_used_again(self, anki: AnkiSession, in_background: InBackground) -> None:
        def work(number: int) -> list[Any]:
            connection = HTTPConnection("localhost", anki.port, timeout=30)
            replies = []
            for front in (f"{number} first", f"{number} second"):
                message = {"action": "addNote", "version": 6, "params": {"note": basic(front)}}
                connection.request("POST", "", json.dumps(message), {"Content-Type": "application/json"})
                replies.append(json.load(connection.getresponse()))
            connection.close()
            return replies

        def together() -> list[Any]:
            with ThreadPoolExecutor(50) as pool:
                return [reply for replies in pool.map(work, range(50)) for reply in replies]

        replies = in_background(together)
        assert [reply["error"] for reply in replies] == [None] * 100
        assert len({reply["result"] for reply in replies}) == 100

    @pytest.mark.parametrize(
        ("message", "result"),
        [
            ({"action": "deckNames", "version": 6, "params": None}, ["Default"]),
            ({"action": "deckNameFromId", "version": 6, "params": {"deckId": "1"}}, "Default"),
            ({"action": "findNotes", "version": 6, "params": {"query": ""}}, []),
        ],
    )
    def test_what_is_seen_on_the_wire_is_taken(self, api: Api, message: Any, result: Any) -> None:
        assert Client(api).send(message, path="/any/path")["result"] == result
