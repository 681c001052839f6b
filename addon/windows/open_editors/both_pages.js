// Copyright: AnkiConnect contributors
// License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
//
// What our scripts in the pages of both editors need to know of them.

globalThis.ankiconnectPage ??= (() => {
    // None while the page shows no fields, as for image occlusions.
    const contentOf = index => require("anki/NoteEditor").instances?.[0]?.fields?.[index]?.editingArea?.content;
    // A field's text, typed or shown.
    const textOf = index => {
        let current;
        contentOf(index)?.subscribe(text => (current = text))();
        return current;
    };

    const all = selector => [...document.querySelectorAll(selector)];
    // The index of the field with the cursor, or -1.
    const focused = () => all(".field-container").indexOf(document.activeElement.closest(".field-container"));
    // Tags are shown with a sign of its own between their parts.
    const tagsShown = () => all(".tag-editor .tag > span").map(tag => tag.innerText.trim().replaceAll("∷", "::"));

    // As a browser writes HTML, without what Anki adds for the page: marks on images, percent signs in names of media.
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

    // From when a tag is begun until the page has taken it.
    const isTagTyped = () => document.querySelector(".tag-editor input") !== null;
    const untilNoTagIsTyped = async () => {
        while (isTagTyped()) await new Promise(resolve => setTimeout(resolve, 100));
    };

    return { contentOf, textOf, focused, normalized, isSame, tagsShown, isTagTyped, untilNoTagIsTyped };
})();
