# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""AnkiConnect: a local HTTP + JSON API for Anki."""

try:
    from aqt import mw as _main_window
except ImportError:
    # The layers that know nothing of Anki can be imported without it.
    _main_window = None

if _main_window is not None:
    from . import boot

    boot.start(_main_window)
