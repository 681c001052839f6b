// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// What our scripts in the pages of both editors need to know of them.

globalThis.ankiconnectPage ??= (() => {
    const page = () => require("anki/NoteEditor").instances[0];
    const latestOf = store => {
        let current;
        store.subscribe(value => (current = value))();
        return current;
    };
    const content = place => page().fields[place].editingArea.content;

    // A field's text, typed or shown.
    const textOf = place => latestOf(content(place));
    const setText = (place, text) => content(place).set(text);
    // A field's text now, and all that it comes to have until `stop` is called.
    const watch = place => {
        const texts = [];
        const stop = content(place).subscribe(text => texts.push(text));
        return { texts, stop };
    };

    // The place of the field with the cursor, or -1.
    const focused = () => {
        const field = document.activeElement.closest(".field-container");
        return [...document.querySelectorAll(".field-container")].indexOf(field);
    };

    // As a browser writes HTML, without what Anki adds for the page and leaves out again:
    // marks on images, and percent signs in the names of media.
    const normalized = text => {
        const template = document.createElement("template");
        template.innerHTML = text.replace(/ data-editor-shrink="(true|false)"/g, "");
        for (const element of template.content.querySelectorAll("[src], [data]")) {
            const name = element.hasAttribute("src") ? "src" : "data";
            element.setAttribute(name, decoded(element.getAttribute(name)));
        }
        const html = template.innerHTML;
        return html === "<br>" || html === "<div><br></div>" ? "" : html;
    };
    const decoded = path => {
        try {
            return decodeURIComponent(path);
        } catch {
            return path;
        }
    };
    const isSame = (one, other) => one === other || normalized(one) === normalized(other);

    const tagsShown = () =>
        // Shown with a sign of its own between their parts.
        [...document.querySelectorAll(".tag-editor .tag > span")].map(tag =>
            tag.innerText.trim().replaceAll("∷", "::"),
        );

    // The page would forget a tag that is being typed.
    const whenNoTagIsTyped = callback => {
        // There is one from when a tag is begun until the page has taken it.
        if (document.querySelector(".tag-editor input") === null) callback();
        else setTimeout(whenNoTagIsTyped, 100, callback);
    };
    let show = null;
    const showTags = later => {
        const isWaiting = show !== null;
        show = later;
        if (isWaiting) return;
        whenNoTagIsTyped(() => {
            const now = show;
            show = null;
            now();
        });
    };

    return { textOf, setText, watch, focused, normalized, isSame, tagsShown, whenNoTagIsTyped, showTags };
})();
