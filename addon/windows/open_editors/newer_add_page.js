// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// In the page of the Add dialog with Anki's newer editor: keeps what is being written
// when decks or note types change.
//
// The page then loads its note anew from its copy, in which the latest keys are not yet,
// and which a load that is cut short by the next one leaves empty. Here it does not for
// decks. For note types each load waits for the one before, is given the whole note, and
// what is typed meanwhile is put back.
(() => {
    const { textOf, setText, watch, normalized, isSame, tagsShown, whenNoTagIsTyped } = globalThis.ankiconnectPage;

    const load = globalThis.loadNote;
    const tell = globalThis.anki?.onOperationDidExecute;
    // An editor that has come to work otherwise is better left as it is than broken.
    if (!load || !tell) return;

    let loading = Promise.resolve();
    globalThis.loadNote = options => {
        const loaded = load(options);
        loading = loaded.catch(() => {});
        return loaded;
    };

    // What a load begins with, by what it is given.
    const FIRST_STEPS = ["getNotetype", "getNote", "getCard"];
    let isLoadUnwanted = false;
    const fetchBefore = globalThis.fetch;
    globalThis.fetch = async (path, ...more) => {
        if (isLoadUnwanted && FIRST_STEPS.includes(String(path).split("/").pop())) {
            throw new DOMException("There is nothing to load.", "AbortError");
        }
        return fetchBefore(path, ...more);
    };
    const tellWithoutLoad = changes => {
        isLoadUnwanted = true;
        try {
            tell(changes);
        } finally {
            isLoadUnwanted = false;
        }
    };

    const reload = async changes => {
        await loading;
        await new Promise(whenNoTagIsTyped);
        const { mid, fields } = getNoteInfo();
        // Not with `saveNow`: the page would check its copy against the changed note type.
        const written = fields.map((text, place) => (isSame(text, textOf(place)) ? text : normalized(textOf(place))));
        const note = { notetypeId: BigInt(mid), fields: written, tags: tagsShown() };
        const watches = fields.map((_, place) => watch(place));
        try {
            // The page begins to load the note too; our load ends that one.
            tell(changes);
            await globalThis.loadNote({ copyFromNote: note, focusTo: null });
        } finally {
            for (const { stop } of watches) stop();
        }
        watches.forEach(({ texts }, place) => {
            const [before, typed, now] = [texts.at(0), texts.at(-2), texts.at(-1)];
            if (texts.length > 2 && isSame(now, before)) setText(place, typed);
        });
        focusField(null);
    };

    let reloading = Promise.resolve();
    globalThis.anki.onOperationDidExecute = changes => {
        if (changes.notetype) {
            reloading = reloading
                .then(() => reload(changes))
                .catch(error => {
                    // Cut short: a request fills the dialog.
                    if (error.name === "AbortError") return;
                    console.error(error);
                    tell(changes);
                });
        } else {
            tellWithoutLoad(changes);
        }
    };
})();
