// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// In the page of Anki's newer editor, which loads and saves its note itself: has what
// the user changed saved on top of what requests did, and shows what they did in place.
//
// The page saves the whole note it has; here the note goes to the add-on instead, which
// takes from it what the user changed. And the page loads its note anew after every change
// of any note, over what is being typed; here it does not, but for what only a reload
// shows. The add-on has it show new texts with `ankiconnectShow`.
(() => {
    const { textOf, setText, focused, isSame, showTags } = globalThis.ankiconnectPage;

    let count = 0;
    const say = (kind, ...values) => {
        count += 1;
        globalThis.bridgeCommand(`ankiconnect:${kind}:${JSON.stringify([note, count, ...values])}`);
    };

    // The page asks for and sends notes as protobuf messages: members with a number each.
    const membersOf = bytes => {
        const members = [];
        let at = 0;
        const readNumber = () => {
            let value = 0,
                factor = 1,
                byte;
            do {
                byte = bytes[at++];
                value += (byte % 128) * factor;
                factor *= 128;
            } while (byte >= 128);
            return value;
        };
        while (at < bytes.length) {
            const key = readNumber();
            const isNumber = key % 8 === 0;
            let value = readNumber();
            if (!isNumber) {
                at += value;
                value = bytes.subarray(at - value, at);
            }
            members.push([Math.floor(key / 8), value]);
        }
        return members;
    };
    const valuesOf = (bytes, number) =>
        membersOf(bytes)
            .filter(([is]) => is === number)
            .map(([, value]) => value);
    const textsOf = (bytes, number) => valuesOf(bytes, number).map(value => new TextDecoder().decode(value));
    const [ID, TAGS, FIELDS, NOTES, NAMES] = [1, 6, 7, 1, 1];

    // The note as the page has it; of each field, the texts that the page was given or
    // has said, the latest last.
    let note = null,
        names = [],
        given = [],
        tags = [];
    // What the page says is numbered: when it said that the user changed a field, or the tags.
    let saidFields = [],
        saidTags = 0;
    const GIVEN_KEPT = 20;
    const give = (place, text) => (given[place] = [...given[place], text].slice(-GIVEN_KEPT));

    const takeOver = arrived => {
        note = String(valuesOf(arrived.getNote, ID)[0]);
        names = textsOf(arrived.getFieldNames, NAMES);
        tags = textsOf(arrived.getNote, TAGS);
        const fields = textsOf(arrived.getNote, FIELDS);
        given = fields.map(text => [text]);
        saidFields = fields.map(() => 0);
        saidTags = 0;
        say("loaded", names, fields, tags);
    };

    // An editor that has come to work otherwise is better left as it is than broken.
    const takeOverIfUnderstood = arrived => {
        try {
            takeOver(arrived);
        } catch (error) {
            console.error(error);
            note = null;
        }
    };

    // The page puts a field's text into its copy a while after it took it from the field:
    // it may have been given another one since.
    const isSuperseded = (place, text) =>
        given[place].some(earlier => isSame(earlier, text)) && !isSame(textOf(place), text);
    const takeChanges = () => {
        const copy = getNoteInfo().fields;
        const changes = [];
        copy.forEach((text, place) => {
            if (text === given[place].at(-1)) return;
            if (isSame(text, given[place].at(-1)) || isSuperseded(place, text)) {
                copy[place] = given[place].at(-1);
            } else {
                changes.push([place, text]);
                give(place, text);
                saidFields[place] = count + 1;
            }
        });
        return changes;
    };
    const takeTags = sent => {
        // One that is about to be typed is empty.
        const now = sent.filter(tag => tag !== "");
        if (JSON.stringify(now) === JSON.stringify(tags)) return null;
        tags = now;
        saidTags = count + 1;
        return now;
    };

    const saving = [];
    const save = bytes => {
        const [sent] = valuesOf(bytes, NOTES);
        const changes = takeChanges();
        const newTags = takeTags(textsOf(sent, TAGS));
        return new Promise(resolve => {
            saving.push(resolve);
            say("save", names, changes, newTags);
        });
    };
    globalThis.ankiconnectSaved = () => saving.shift()(new Response());

    const arrived = {};
    const fetchBefore = globalThis.fetch;
    globalThis.fetch = async (path, options, ...more) => {
        const method = String(path).split("/").pop();
        if (method === "updateNotes" && note !== null) return save(options.body);
        // The first thing the page asks once it has taken over the note that arrived.
        if (method === "encodeIriPaths" && arrived.getNote) {
            takeOverIfUnderstood(arrived);
            arrived.getNote = null;
        }
        const reply = await fetchBefore(path, options, ...more);
        if ((method === "getNote" || method === "getFieldNames") && reply.ok) {
            arrived[method] = new Uint8Array(await reply.clone().arrayBuffer());
        }
        return reply;
    };

    const STATE_OF_FIELDS = 0;
    const tell = globalThis.anki.onOperationDidExecute;
    globalThis.anki.onOperationDidExecute = async changes => {
        const isReload = note === null || changes.notetype || globalThis.editorState !== STATE_OF_FIELDS;
        if (isReload && changes.noteText) await saveNow(true);
        tell(isReload ? changes : { ...changes, noteText: false });
    };

    // heard: how much of what the page has said was known when this was asked for.
    // stored, shown: each field's text as it is in the collection, and as a page is to show it.
    const show = (id, heard, itsNames, stored, shown, newTags) => {
        // With other fields, the page loads the note anew.
        if (id !== note || JSON.stringify(itsNames) !== JSON.stringify(names)) return;
        const copy = getNoteInfo().fields;
        const cursor = focused();
        stored.forEach((text, place) => {
            const latest = given[place].at(-1);
            if (text === latest || saidFields[place] > heard) return;
            const isTyped = !isSame(textOf(place), latest);
            give(place, text);
            copy[place] = text;
            if (isTyped) return;
            setText(place, shown[place]);
            // The cursor is taken out of the field and back: so is shown what was replaced in it.
            if (place === cursor) focusField(null);
        });
        if (newTags === null) return;
        showTags(() => {
            if (id !== note || saidTags > heard) return;
            setTags(newTags);
            say("tags", newTags);
        });
    };
    const isShowing = () => {
        try {
            return Boolean(getNoteInfo());
        } catch {
            return false;
        }
    };
    // The page is not ready for it until its note is shown.
    let toShow = null;
    const showSoon = () => {
        if (toShow === null) return;
        if (!isShowing()) {
            setTimeout(showSoon, 20);
            return;
        }
        const values = toShow;
        toShow = null;
        show(...values);
    };
    globalThis.ankiconnectShow = (...values) => {
        toShow = values;
        showSoon();
    };
})();
