# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What the commands in ``scripts/`` share. Standard library only, except the
modules that say they run inside Anki's Python."""
