# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the user reads, in every language we have."""

from __future__ import annotations

import ast
import json
from string import Formatter

import anki.lang
import pytest

from addon.translations import FOLDER, text
from scripts.devkit.paths import ADDON

LANGUAGES = ["de", "en", "es", "fr", "ja", "ru", "zh-CN"]


def sentences(language: str) -> dict[str, str]:
    loaded = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_these_languages_are_there() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_placeholders(language: str) -> None:
    english = sentences("en")
    translated = sentences(language)
    assert list(translated) == list(english)
    for name, sentence in translated.items():
        assert sentence.strip() == sentence
        assert sentence, name
        assert placeholders(sentence) == placeholders(english[name]), name
        assert language == "en" or sentence != english[name] or name == "version", name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_has_a_letter_to_press(language: str) -> None:
    assert not [name for name, sentence in sentences(language).items() if "&" in sentence]


def test_every_sentence_is_used_with_its_placeholders() -> None:
    used: dict[str, set[str | None]] = {}
    for path in ADDON.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text":
                [name] = node.args
                assert isinstance(name, ast.Constant)
                used[str(name.value)] = {keyword.arg for keyword in node.keywords}
    assert used == {name: placeholders(sentence) for name, sentence in sentences("en").items()}


@pytest.mark.parametrize(
    ("anki_says", "ours"),
    [
        ("de", "de"),
        ("de_DE", "de"),
        ("de-AT", "de"),
        ("ja", "ja"),
        ("ja_JP", "ja"),
        ("es", "es"),
        ("fr_FR", "fr"),
        ("ru", "ru"),
        ("zh-CN", "zh-CN"),
        ("zh_CN", "zh-CN"),
        ("zh-TW", "en"),
        ("pt", "en"),
        ("pt-BR", "en"),
        ("en-GB", "en"),
        ("en_US", "en"),
        ("", "en"),
        ("../boot", "en"),
    ],
)
def test_the_language_is_ankis(monkeypatch: pytest.MonkeyPatch, anki_says: str, ours: str) -> None:
    monkeypatch.setattr(anki.lang, "current_lang", anki_says)
    assert text("open_configuration") == sentences(ours)["open_configuration"]


def test_a_strangers_text_is_filled_in_as_it_is() -> None:
    assert text("permission_question", origin="{reason} {0} %s") == "“{reason} {0} %s” wants to use Anki."
