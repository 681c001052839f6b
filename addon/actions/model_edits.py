# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Making models (note types), and changing the texts of their templates and styling."""

import copy
import json
from typing import Any, Optional, TypedDict

from anki.collection import Collection
from anki.models import NotetypeDict, NotetypeId
from anki.stdmodels import StockNotetypeKind

from ..api.action import action
from ..collection.field_names import check_field_names
from ..collection.lookups import find_notetype, find_template, get_notetype
from ..collection.notetype_edits import edited_notetype, save_notetypes
from ..collection.notetype_size import MOST_FIELDS, MOST_TEMPLATES, check_count, check_text
from ..collection.rehearsal import check_notetypes
from ..errors import InvalidRequest


class _Sides(TypedDict):
    Front: str
    Back: str


class NewTemplate(_Sides, total=False):
    """A card template of a model that is made."""

    Name: Optional[str]


class SidesUpdate(TypedDict, total=False):
    """New texts of a card template."""

    Front: Optional[str]
    Back: Optional[str]


class TemplatesUpdate(TypedDict):
    """New texts of a model's card templates, by their names."""

    name: str
    templates: dict[str, SidesUpdate]


class StylingUpdate(TypedDict):
    """New style sheet of a model."""

    name: str
    css: str


class _FindText(TypedDict):
    findText: str
    replaceText: str


class FindAndReplace(_FindText, total=False):
    """The parameters of `findAndReplaceInModels` in one object, as older clients send them."""

    modelName: Optional[str]
    front: Optional[bool]
    back: Optional[bool]
    css: Optional[bool]


@action(changes=True)
def createModel(
    col: Collection,
    /,
    modelName: str,
    inOrderFields: list[str],
    cardTemplates: list[NewTemplate],
    css: Optional[str] = None,
    isCloze: bool = False,
) -> dict[str, Any]:
    """Make a model. The collection is marked for a full sync, as by Anki itself.

    Of fields or templates that have one name, Anki renames the later ones.

    modelName: name of the model.
    inOrderFields: names of its fields.
    cardTemplates: its card templates; one without a `Name` is called `Card N`.
    css: its style sheet, Anki's own if null.
    isCloze: whether it is for cloze deletions.
    Result: Anki's full dict of the model (`id, name, type, flds, tmpls, css, …`), as saved.
    Errors: `Must provide at least one field for inOrderFields`, `Must provide at least one card
        for cardTemplates`, `modelName: a model needs a name`, `Model name already exists`,
        `"X" cannot be the name of a field`, `inOrderFields: N are too many` (1,000
        fields and 1,000 templates are the most, 100,000 if their numbers are multiplied, and
        5,000,000 characters of `css` or of one side),
        or Anki's reason for refusing a template or name; then no model is made.
    Example: {"modelName": "Word", "inOrderFields": ["Word", "Meaning"], "css": ".card { font-size: 24px }",
        "cardTemplates": [{"Name": "Recall", "Front": "{{Word}}", "Back": "{{Meaning}}"}]} → {"id": 1750000000000,
        "name": "Word", "type": 0, "mod": 1750000000, "usn": -1, "sortf": 0, "did": null,
        "tmpls": [{"name": "Recall", "ord": 0, "qfmt": "{{Word}}", "afmt": "{{Meaning}}", "did": null}],
        "flds": [{"name": "Word", "ord": 0, "sticky": false, "rtl": false, "font": "Arial", "size": 20},
        {"name": "Meaning", "ord": 1, "sticky": false, "rtl": false, "font": "Arial", "size": 20}],
        "css": ".card { font-size: 24px }"}
    """
    if not inOrderFields:
        raise InvalidRequest("Must provide at least one field for inOrderFields")
    if not cardTemplates:
        raise InvalidRequest("Must provide at least one card for cardTemplates")
    check_count("inOrderFields", len(inOrderFields), MOST_FIELDS)
    check_field_names(inOrderFields)
    check_count("cardTemplates", len(cardTemplates), MOST_TEMPLATES)
    if not modelName.strip():
        raise InvalidRequest("modelName: a model needs a name")
    if find_notetype(col, modelName) is not None:
        raise InvalidRequest("Model name already exists")
    notetype = _new_notetype(col, modelName, isCloze)
    # Anki is asked once for each, however many there are.
    field, template = col.models.new_field(""), col.models.new_template("")
    notetype["flds"] = [{**copy.deepcopy(field), "name": name} for name in inOrderFields]
    notetype["tmpls"] = [
        {
            **copy.deepcopy(template),
            "name": given.get("Name") or f"Card {number}",
            "qfmt": given["Front"],
            "afmt": given["Back"],
        }
        for number, given in enumerate(cardTemplates, start=1)
    ]
    if css is not None:
        notetype["css"] = css
    check_notetypes([(notetype, None)])
    saved = col.models.get(NotetypeId(col.models.add_dict(notetype).id))
    assert saved is not None
    return saved


@action(changes=True, destructive=True)
def updateModelTemplates(col: Collection, /, model: TemplatesUpdate) -> None:
    """Replace texts of a model's card templates.

    model: `{"name": model, "templates": {template: {"Front"?: text, "Back"?: text}}}`. Templates
        the model does not have are ignored; a side that is empty or left out stays as it is.
    Result: null.
    Errors: `model was not found: NAME`, or Anki's reason for refusing a template; then nothing
        is changed.
    Example: {"model": {"name": "Basic", "templates": {"Card 1": {"Front": "<b>{{Front}}</b>"}}}} → null
    """
    check_count("model.templates", len(model["templates"]), MOST_TEMPLATES)
    with edited_notetype(col, model["name"]) as changed:
        for name, sides in model["templates"].items():
            template = find_template(changed, name)
            if template is None:
                continue
            template["qfmt"] = sides.get("Front") or template["qfmt"]
            template["afmt"] = sides.get("Back") or template["afmt"]


@action(changes=True, destructive=True)
def updateModelStyling(col: Collection, /, model: StylingUpdate) -> None:
    """Replace the style sheet of a model's cards.

    model: `{"name": model, "css": text}`.
    Result: null.
    Errors: `model was not found: NAME`.
    Example: {"model": {"name": "Basic", "css": ".card { font-size: 24px }"}} → null
    """
    with edited_notetype(col, model["name"]) as changed:
        changed["css"] = model["css"]


@action(changes=True, destructive=True)
def findAndReplaceInModels(
    col: Collection,
    /,
    modelName: Optional[str] = None,
    findText: Optional[str] = None,
    replaceText: Optional[str] = None,
    front: bool = True,
    back: bool = True,
    css: bool = True,
    model: Optional[FindAndReplace] = None,
) -> int:
    """Replace a text in the templates and styling of models.

    modelName: name of the model; empty or null for all models.
    findText: the text to find: not a pattern, upper and lower case differ.
    replaceText: what comes in its place.
    front: whether to look at the fronts of the card templates.
    back: whether to look at their backs.
    css: whether to look at the style sheet.
    model: an object with all of these as members, instead of them, as older clients send it.
    Result: number of models that were changed.
    Errors: `model was not found: NAME`, `findText should not be empty`, or Anki's reason for
        refusing a template; then nothing is changed.
    Example: {"modelName": "Basic", "findText": "{{Front}}", "replaceText": "<b>{{Front}}</b>", "front": true,
        "back": false, "css": false} → 1
    """
    if model is not None:
        modelName = model.get("modelName")
        findText, replaceText = model["findText"], model["replaceText"]
        front, back, css = (model.get(place) is not False for place in ("front", "back", "css"))
    if findText is None or replaceText is None:
        missing = "findText" if findText is None else "replaceText"
        raise InvalidRequest(f"missing required param: {missing}")
    if not findText:
        raise InvalidRequest("findText should not be empty")
    sides = {side: key for side, key, is_wanted in (("Front", "qfmt", front), ("Back", "afmt", back)) if is_wanted}
    changes = []
    for original in [get_notetype(col, modelName)] if modelName else col.models.all():
        changed = copy.deepcopy(original)
        for template in changed["tmpls"]:
            for side, key in sides.items():
                what = f"template {template['name']}: its {side}"
                template[key] = _replaced(what, template[key], findText, replaceText)
        if css:
            changed["css"] = _replaced("css", changed["css"], findText, replaceText)
        changes.append((changed, original))
    return save_notetypes(col, changes)


def _replaced(what: str, text: str, old: str, new: str) -> str:
    """The text with the new in all places of the old; how long it becomes is checked before it is made."""
    check_text(what, len(text) + text.count(old) * (len(new) - len(old)), len(text))
    return text.replace(old, new)


def _new_notetype(col: Collection, name: str, is_cloze: bool) -> NotetypeDict:
    """A note type without fields and templates, with the style sheet of Anki's own of that kind."""
    if not is_cloze:
        return col.models.new(name)
    kind = StockNotetypeKind.KIND_CLOZE
    notetype: NotetypeDict = json.loads(col._backend.get_stock_notetype_legacy(kind))
    return {**notetype, "name": name, "flds": [], "tmpls": []}
