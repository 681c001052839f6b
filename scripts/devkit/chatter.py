# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""What a started Anki says, without what Qt and Chromium say of every start.

Only lines that are known, and known to mean nothing here, are left out; all others are shown.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TextIO

KNOWN = re.compile(
    r"""
    # Qt, without a screen: there are no windows to move or to bring to the front.
    Qt\ warning:\ This\ plugin\ does\ not\ support\ (propagateSizeHints|raise|setting\ window)
    # Qt, without a graphics card: it draws in software then.
    | Qt\ warning:\ (QRhiGles2:|Failed\ to\ create\ RHI|GPUInfo\ not\ initialized|QGLXContext:|QEGLPlatformContext:)
    | Qt\ warning:\ (Could\ not\ initialize\ GLX|eglInitialize\ failed|Unable\ to\ detect\ GPU\ vendor)
    | Qt\ warning:\ (Failed\ to\ load\ vulkan|initInstance:|Failed\ to\ create\ platform\ Vulkan)
    | (MESA|libEGL\ warning|libGL\ error):
    # Qt, as root: Chromium's sandbox does not start then.
    | Qt\ info:\ Sandboxing\ disabled\ by\ user
    | Qt\ warning:\ QStandardPaths:\ .*XDG_RUNTIME_DIR
    # Qt, where the locale is no UTF-8: it takes one that is.
    | (Qt\ warning:\ )?Detected\ locale\ ".*"\ with\ character\ encoding\ ".*",\ which\ is\ not\ UTF-8\.$
    | Qt\ depends\ on\ a\ UTF-8\ locale,
    | If\ this\ causes\ problems,\ reconfigure\ your\ locale\.\ See\ the\ locale\(1\)\ manual$
    | for\ more\ information\.\s*$
    # Chromium: no bus of the system's, no graphics card, and the end of its helpers at the end of Anki.
    | \[\d+:\d+:[\d/.]+:(ERROR|WARNING):.*(
        Failed\ to\ connect\ to\ the\ bus
        | Failed\ to\ send\ GetTerminationStatus\ message\ to\ zygote
        | /gpu/ | gl_factory | viz_main_impl | angle_platform_impl | command_buffer_proxy_impl
    )
    # Anki: its own server of pages, whose address is nobody's business; sounds are played by another program.
    | \d+-\d+-\d+\ [\d:,]+:INFO:aqt\.mediasrv:
    | \d+-\d+-\d+\ [\d:,]+:WARNING:waitress:\ unhandled\ close\ event
    | mpv\ not\ found,\ reverting\ to\ mplayer
    # Anki's windows, when they are closed while their pages load or answer.
    | ignored\ late\ js\ callback
    | (Qt\ warning:\ )?Release\ of\ profile\ requested\ but\ WebEnginePage\ still\ not\ deleted
    # Anki's editor: MathJax's extensions have no numbers.
    | JS\ warning\ \S+\ No\ version\ information\ available\ for\ component\ \[tex\]/
    # Anki's editor, when its window is closed before its page is there.
    | JS\ error\ \S+\ Uncaught\ ReferenceError:\ saveNow\ is\ not\ defined
    | JS\ error\ \S+\ Uncaught\ TypeError:\ Cannot\ read\ properties\ of\ null\ \(reading\ 'offsetHeight'\)
    # The add-on's own log: the first of the three lines says it.
    | \d+-\d+-\d+\ [\d:,]+:INFO:ankiconnect\.serving:\ AnkiConnect\ \S+\ listens\ on
    """,
    re.VERBOSE,
)


def pass_on(source: TextIO, target: TextIO) -> None:
    """Write what comes to the target, line by line, until there is no more."""
    for line in source:
        if not KNOWN.match(line):
            # Read on even so: what nobody reads would stop Anki.
            with suppress(OSError):
                target.write(line)
                target.flush()
