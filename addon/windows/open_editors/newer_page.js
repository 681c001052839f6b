// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// In the page of Anki's newer editor, which loads and saves its note itself. It saves the whole note that it has: here
// the add-on is given that, and takes from it what the user has changed. And it loads the note anew when any note has
// changed, and in the Add dialog when decks or note types have, over what is being typed: here it saves first, and what
// is typed while it loads stays. For decks the Add dialog has no need to load it.
(() => {
    const { contentOf, textOf, focused, normalized, isSame, tagsShown, untilNoTagIsTyped } = globalThis.ankiconnectPage;
    const load = globalThis.loadNote;
    const tell = globalThis.anki?.onOperationDidExecute;
    // An editor that has come to work otherwise is better left as it is than broken.
    if (!load || !tell) return;
    const isAdding = new URLSearchParams(location.search).get("mode") === "add";

    const say = (kind, ...values) => globalThis.bridgeCommand(`ankiconnect:${kind}:${JSON.stringify(values)}`);
    const ends = [];
    globalThis.ankiconnectSaved = () => ends.shift()(new Response());
    const save = request =>
        new Promise(resolve => {
            ends.push(resolve);
            say("save", [...request]);
        });

    // What came last of what a load asks for.
    const arrived = {};
    let isLoadUnwanted = false;
    const fetchBefore = globalThis.fetch;
    globalThis.fetch = async (path, options, ...more) => {
        const method = String(path).split("/").pop();
        if (method === "updateNotes") return save(options.body);
        // What a load begins with, by what it is given.
        if (isLoadUnwanted && /^get(Notetype|Note|Card)$/.test(method)) throw new DOMException("", "AbortError");
        // The first thing the page asks once it shows the note that arrived.
        if (method === "getMetaJson" && arrived.getNote && !isAdding) {
            say("loaded", arrived.getNote, arrived.getFieldNames);
            arrived.getNote = null;
        }
        const reply = await fetchBefore(path, options, ...more);
        if (["getNote", "getFieldNames"].includes(method) && reply.ok) {
            arrived[method] = [...new Uint8Array(await reply.clone().arrayBuffer())];
        }
        return reply;
    };

    // The page begins to load its note then: that is left to us.
    const tellOnly = changes => {
        isLoadUnwanted = isAdding;
        tell({ ...changes, noteText: false });
        isLoadUnwanted = false;
    };
    let loading = Promise.resolve();
    globalThis.loadNote = options => {
        const loaded = load(options);
        loading = loaded.catch(() => {});
        return loaded;
    };
    const reload = async changes => {
        await untilNoTagIsTyped();
        const { mid, fields } = getNoteInfo();
        const before = fields.map((text, index) => textOf(index) ?? text);
        // Not with `saveNow` in the Add dialog: it would check the copy against the changed note type.
        if (!isAdding) await saveNow(true);
        const written = fields.map((text, index) => (isSame(text, before[index]) ? text : normalized(before[index])));
        const copyFromNote = { notetypeId: BigInt(mid), fields: written, tags: tagsShown() };

        // What is typed from now on stays, unless its field goes elsewhere.
        const names = String(arrived.getFieldNames);
        const contents = fields.map((_, index) => contentOf(index) ?? {});
        const sets = contents.map(({ set }) => set);
        for (const [index, content] of contents.entries()) {
            content.set = text => {
                const copy = getNoteInfo().fields;
                const isTyped = textOf(index) !== before[index] && String(arrived.getFieldNames) === names;
                if (isTyped && isSame(text, copy[index])) copy[index] = normalized(textOf(index));
                else sets[index](text);
            };
        }
        const cursor = focused();
        try {
            tellOnly(changes);
            // To a field that is none: the cursor stays.
            await globalThis.loadNote({ ...(isAdding && { copyFromNote }), focusTo: -1 });
        } finally {
            for (const [index, content] of contents.entries()) content.set = sets[index];
        }
        // The cursor is taken out of the field and back: so is shown what was replaced in it.
        if (cursor >= 0 && !isSame(getNoteInfo().fields[cursor] ?? "", before[cursor])) focusField(null);
    };
    let told = Promise.resolve();
    // One after the other: a load that is cut short by the next one leaves the page empty.
    globalThis.ankiconnectLoaded = () => told.then(() => loading);
    globalThis.anki.onOperationDidExecute = changes => {
        const isLoadNeeded = isAdding ? changes.notetype : changes.noteText;
        told = ankiconnectLoaded()
            .then(() => (isLoadNeeded ? reload(changes) : tellOnly(changes)))
            .catch(console.error);
    };
})();
