# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""The reference of all actions, as Markdown. Runs in an environment that has Anki.

What it prints is derived: signatures from the hints, texts from the docstrings. A
docstring is an introduction, then the lines that ``completeness`` asks for. Nothing is
written while one of them is missing.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from addon import actions
from addon.api.action import FIRST_VERSION, LATEST_VERSION, Action, ActionTable
from addon.api.docstrings import LABEL

from .completeness import gaps

HEADER = """# Actions

Made by `scripts/reference.py` from the code; do not edit. Parameters with `?` may be left out.

*Errors* are those of the action itself. Any action can fail with `collection is not available`, if it
needs one, with `valid api key must be provided`, and with the name of a parameter and what is wrong with it.
"""


def render() -> str:
    """The whole reference."""
    parts = [HEADER]
    for module in actions.MODULES:
        rows = list(ActionTable.of_modules([module]))
        if rows:
            title, _, _ = (module.__doc__ or module.__name__).strip().partition("\n")
            parts.append(f"## {title.rstrip('.')}\n")
            parts.extend(_section(row) for row in rows)
    return "\n".join(parts)


def _section(row: Action) -> str:
    return f"### `{row.name}({_signature(row)})`\n\n{_versions(row)}{chr(10).join(_lines(row))}\n"


def _signature(row: Action) -> str:
    required = row.parameters.required
    names = row.parameters.schema["properties"]
    return ", ".join(name if name in required else f"{name}?" for name in names)


def _versions(row: Action) -> str:
    notes = []
    if row.versions != (FIRST_VERSION, LATEST_VERSION):
        notes.append(f"Versions {row.versions[0]} to {row.versions[1]} only.")
    notes += [f"Also called `{name}` in versions {first} to {last}." for name, (first, last) in row.older_names.items()]
    return f"*{' '.join(notes)}*\n\n" if notes else ""


def _lines(row: Action) -> Iterator[str]:
    """The docstring, with its labelled lines as a list."""
    known = {*row.parameters.schema["properties"], "Result", "Errors", "Example"}
    was_item = False
    for line in row.doc.splitlines():
        found = LABEL.match(line)
        is_item = found is not None and set(found[1].split(", ")) <= known
        if is_item and found is not None and found[1] == "Example":
            break
        if is_item and found is not None:
            if not was_item:
                yield ""
            names = ", ".join(name if name in ("Result", "Errors") else f"`{name}`" for name in found[1].split(", "))
            yield f"- **{names}**: {found[2]}"
        elif was_item and line.strip():
            yield f"  {line.strip()}"
        else:
            yield line
            was_item = False
            continue
        was_item = True
    if row.told.example is not None:
        yield from ("", "```json", *map(_json, row.told.example), "```")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def main() -> int:
    target, is_check = Path(sys.argv[1]), "--check" in sys.argv[2:]
    missing = [gap for row in ActionTable.of_modules(actions.MODULES) for gap in gaps(row)]
    if missing:
        print(*missing, sep="\n")
        return 1
    text = re.sub(r"\n{3,}", "\n\n", render())
    if is_check:
        is_current = target.is_file() and target.read_text(encoding="utf-8") == text
        print("the reference is up to date" if is_current else "outdated: run scripts/reference.py")
        return 0 if is_current else 1
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
