# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""SECURITY.md claims nothing that no test holds."""

from __future__ import annotations

import ast
import re

import pytest

from scripts.devkit.paths import ROOT

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
NAMED = re.compile(r"`([\w/]+)::(\w+)`")


def section(title: str) -> str:
    _, _, rest = TEXT.partition(f"\n## {title}\n")
    return rest.partition("\n## ")[0]


CLAIMS = re.split(r"^- ", section("What is defended"), flags=re.MULTILINE)[1:]
ATTACKS = [line for line in section("What was attacked").splitlines() if line.startswith("| ")][2:]


@pytest.mark.parametrize("module", sorted({module for module, _ in NAMED.findall(TEXT)}))
def test_the_tests_it_names_exist(module: str) -> None:
    tree = ast.parse((ROOT / "tests" / f"{module}.py").read_text(encoding="utf-8"))
    tests = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert {name for other, name in NAMED.findall(TEXT) if other == module} <= tests


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.split(".")[0][:40])
def test_each_claim_names_a_test(claim: str) -> None:
    assert NAMED.search(claim)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.split("|")[1].strip())
def test_each_attack_names_a_test(attack: str) -> None:
    assert NAMED.search(attack)


def test_there_are_claims_and_attacks() -> None:
    assert len(CLAIMS) > 20
    assert len(ATTACKS) > 5
