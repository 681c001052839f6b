// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// In the page of Anki's legacy editor. It sends a field's text to Anki a while after it was typed, and whenever the
// cursor leaves the field, changed or not: here a text that the user has not changed is not sent. And it takes what Anki
// has it load, whatever is being typed: here it sends what is typed first, and is then given the note with that.

globalThis.ankiconnectLoad ??= (() => {
    const { textOf, focused, isSame, isTagTyped, untilNoTagIsTyped } = globalThis.ankiconnectPage;
    const send = globalThis.bridgeCommand;
    const page = { setFields, setTags, focusField };

    // The note that is shown, as the page was given it, or has said it since.
    let [id, names, texts, tags] = [null, [], [], []];
    // How much the page has said.
    let count = 0;

    const say = (kind, values, ...more) => {
        count += 1;
        send(`ankiconnect:${kind}:${JSON.stringify([id, count, ...values])}`, ...more);
    };
    const sayText = (kind, index, text, ...more) => {
        const isTyped = !isSame(text, texts[index]);
        if (isTyped) texts[index] = text;
        if (isTyped || kind === "blur") say(kind, [index, names, isTyped ? text : null], ...more);
    };
    globalThis.bridgeCommand = (command, ...more) => {
        const [, kind, index, note, text] = /^(key|blur):(\d+):(\d+):(.*)$/s.exec(command) ?? [];
        if (kind && note === id?.split(":")[0] && index in texts) {
            sayText(kind, Number(index), text, ...more);
        } else if (command.startsWith("saveTags:") && id) {
            const before = tags;
            tags = JSON.parse(command.slice("saveTags:".length));
            say("tags", [before, tags], ...more);
        } else {
            send(command, ...more);
        }
    };
    const askAgain = () => send(`ankiconnect:again:${JSON.stringify([id, count])}`);
    let waiting = null;
    const askAgainAfterTag = async () => {
        waiting ??= untilNoTagIsTyped();
        await waiting;
        if (waiting) askAgain();
        waiting = null;
    };

    // note: its id, and a number that tells notes without an id from each other.
    // heard: how much of what the page has said Anki knew.
    // loadIt: Anki's script that loads the note, given what to use in place of the page's functions.
    return (note, heard, itsNames, itsTexts, loadIt) => {
        const isReload = id === note;
        const shown = isReload ? texts.map((text, index) => textOf(index) ?? text) : [];
        for (const [index, text] of shown.entries()) sayText("key", index, text);
        if (isReload && heard < count) return askAgain();
        const cursor = isReload ? focused() : -1;
        const isKept = index => index in shown && isSame(itsTexts[index], shown[index]);
        [id, names, texts] = [note, itsNames, itsTexts];
        loadIt({
            setFields: () => {
                const kept = texts.map((text, index) => (isKept(index) ? shown[index] : text));
                // Before Anki 24, pairs of a name and a text.
                if (page.setFields.length === 1) page.setFields(names.map((name, index) => [name, kept[index]]));
                else page.setFields(names, kept);
            },
            setTags: itsTags => {
                // The page would forget a tag that is being typed.
                if (isReload && isTagTyped()) return askAgainAfterTag();
                tags = itsTags;
                page.setTags(tags);
            },
            focusField: wanted => {
                // A draft that is made anew is no reason to leave where the user is.
                const index = isReload && note.startsWith("0:") ? null : wanted;
                // Anki takes the cursor out of the field and back: so is shown what was replaced in it.
                if (!isReload || index !== null || (cursor >= 0 && !isKept(cursor))) page.focusField(index);
                else if (cursor >= 0) send(`focus:${cursor}`);
            },
        });
    };
})();
