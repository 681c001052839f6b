// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// In the page of Anki's legacy editor: tells what the user has changed from what is
// merely shown.
//
// The page sends a field's text to Anki a while after it was typed, and whenever the
// cursor leaves the field, changed or not. And when Anki loads the note anew, the page
// takes what it is given, whatever is being typed. Both lose something when a request
// changes the note meanwhile. So of a text that the user has not changed only that is
// said, and one that the user has is kept over a reload of the same note.

globalThis.ankiconnect ??= (() => {
    const { textOf, focused, isSame, showTags } = globalThis.ankiconnectPage;
    const send = globalThis.bridgeCommand;
    const page = { setFields, setTags, focusField };

    // What is shown, as the page was given it or has said it since.
    let id = null,
        names = [],
        texts = [],
        tags = [];
    // What Anki last gave, and the user has changed since.
    let wantedTags = [];
    // What the page has said of the note: what Anki gives may be older.
    let count = 0,
        said = [];

    const say = (kind, values, change, ...more) => {
        count += 1;
        if (change !== null) said.push({ number: count, ...change });
        send(`ankiconnect:${kind}:${JSON.stringify([id, count, ...values])}`, ...more);
    };
    const isDraft = note => note.startsWith("0:");
    // Nobody else changes a draft, so Anki may have it as the page writes it.
    const isUnchanged = (place, text) => (isDraft(id) ? text === texts[place] : isSame(text, texts[place]));
    const sayText = (kind, place, text, ...more) => {
        if (!isUnchanged(place, text)) {
            texts[place] = text;
            say(kind, [place, names, text], { name: names[place] }, ...more);
        } else if (kind === "blur") {
            say(kind, [place, names, null], null, ...more);
        }
    };
    const withChange = (list, added, removed) => {
        const kept = list.filter(tag => !removed.includes(tag));
        return [...kept, ...added.filter(tag => !kept.includes(tag))];
    };
    const sayTags = (now, ...more) => {
        const added = now.filter(tag => !tags.includes(tag));
        const removed = tags.filter(tag => !now.includes(tag));
        tags = now;
        wantedTags = withChange(wantedTags, added, removed);
        say("tags", [added, removed], { added, removed }, ...more);
    };
    globalThis.bridgeCommand = (command, ...more) => {
        const [, kind, place, note, text] = /^(key|blur):(\d+):(\d+):(.*)$/s.exec(command) ?? [];
        const [, list] = /^saveTags:(.*)$/s.exec(command) ?? [];
        if (kind && note === id?.split(":")[0] && place in texts) return sayText(kind, Number(place), text, ...more);
        if (list && id) return sayTags(JSON.parse(list), ...more);
        return send(command, ...more);
    };

    // What the user has changed and Anki did not know of, by the names that the fields have now.
    const typedTexts = namesNow =>
        new Map(
            names
                .map((name, place) => ({ name, place, text: textOf(place) }))
                .filter(
                    ({ name, place, text }) => said.some(change => change.name === name) || !isUnchanged(place, text),
                )
                .map(({ name, place, text }) => [nameNow(name, place, namesNow), text]),
        );
    const nameNow = (name, place, namesNow) =>
        namesNow.includes(name) || namesNow.length !== names.length ? name : namesNow[place];

    // What Anki's script that loads a note is to use in place of the page's functions.
    // note: its id, and a number that tells notes without an id from each other.
    // heard: how much of what the page has said Anki knew when it made the script.
    const load = (note, itsNames, heard) => {
        const isReload = id === note;
        said = isReload ? said.filter(({ number }) => number > heard) : [];
        const typed = isReload ? typedTexts(itsNames) : new Map();
        const cursor = isReload && JSON.stringify(itsNames) === JSON.stringify(names) ? focused() : -1;
        let isCursorInReplaced = false;
        [id, names] = [note, itsNames];

        const setFields = (...given) => {
            // Before Anki 24, pairs of a name and a text.
            const isPairs = given.length === 1;
            const now = isPairs ? given[0].map(([, text]) => text) : given[1];
            const kept = names.map((name, place) => typed.get(name) ?? now[place]);
            isCursorInReplaced = cursor >= 0 && !typed.has(names[cursor]) && now[cursor] !== texts[cursor];
            texts = [...now];
            if (isPairs) page.setFields(names.map((name, place) => [name, kept[place]]));
            else page.setFields(names, kept);
        };
        const setTags = now => {
            wantedTags = said
                .filter(({ added }) => added)
                .reduce((list, { added, removed }) => withChange(list, added, removed), now);
            const show = () => {
                tags = [...wantedTags];
                page.setTags(tags);
            };
            if (!isReload) show();
            else if (JSON.stringify(wantedTags) !== JSON.stringify(tags)) showTags(show);
        };
        const focusField = wanted => {
            // A draft that is made anew is no reason to leave where the user is.
            const place = isReload && isDraft(note) ? null : wanted;
            // Anki takes the cursor out of the field and back: so is shown what was replaced in it.
            if (place !== null || cursor < 0 || isCursorInReplaced) page.focusField(place);
            else send(`focus:${cursor}`);
        };
        const loaded = () => {
            for (const [name, text] of typed) if (names.includes(name)) sayText("key", names.indexOf(name), text);
        };
        return { setFields, setTags, focusField, loaded };
    };
    // An editor that has come to work otherwise is better left as it is than broken.
    const loadIfUnderstood = (...values) => {
        try {
            return load(...values);
        } catch (error) {
            console.error(error);
            id = null;
            return { ...page, loaded: () => {} };
        }
    };
    return { load: loadIfUnderstood };
})();
