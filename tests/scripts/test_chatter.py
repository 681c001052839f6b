# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What scripts/run.py shows of what Anki says."""

from __future__ import annotations

import io

from scripts.devkit import chatter

#: As Anki, Qt and Chromium say it.
KNOWN = """\
Detected locale "C" with character encoding "ANSI_X3.4-1968", which is not UTF-8.
Qt depends on a UTF-8 locale, and has switched to "C.UTF-8" instead.
If this causes problems, reconfigure your locale. See the locale(1) manual
for more information.
Qt warning: Detected locale "C" with character encoding "ANSI_X3.4-1968", which is not UTF-8.
for more information.\x20
ignored late js callback <function Editor.saveNow.<locals>.<lambda> at 0x7f3b6c1e5d00>
ignored late js callback None
JS warning /_anki/js/editor.js:1234 No version information available for component [tex]/mhchem
Qt warning: Release of profile requested but WebEnginePage still not deleted. Expect troubles !
Release of profile requested but WebEnginePage still not deleted. Expect troubles !
JS error /_anki/legacyPageData?id=1405:1 Uncaught ReferenceError: saveNow is not defined
JS error /_anki/legacyPageData?id=1405:1 Uncaught TypeError: Cannot read properties of null (reading 'offsetHeight')
"""
OTHERS = """\
Traceback (most recent call last):
JS error /_anki/js/editor.js:5 Uncaught TypeError
JS warning /_anki/js/editor.js:5 something of an add-on's
for more information, see the manual
an add-on: ignored late js callback
"""


def test_known_chatter_is_left_out_and_all_else_shown() -> None:
    shown = io.StringIO()
    chatter.pass_on(io.StringIO(KNOWN + OTHERS), shown)
    assert shown.getvalue() == OTHERS
