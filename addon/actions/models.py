# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Models (note types): finding them, reading what they are made of."""

from typing import Any

from anki.collection import Collection
from anki.models import NotetypeId

from ..api.action import action
from ..collection.lookups import get_notetype, get_notetypes_by_id
from ..collection.templates import references
from ..request import Request


@action(reads=True)
def modelNames(col: Collection, /) -> list[str]:
    """Names of all models.

    Result: list of names.
    Errors: none of its own.
    Example: {} → ["Basic", "Basic (and reversed card)", "Basic (optional reversed card)",
        "Basic (type in the answer)", "Cloze", "Image Occlusion"]
    """
    return [model.name for model in col.models.all_names_and_ids()]


@action(reads=True)
def modelNamesAndIds(col: Collection, /) -> dict[str, int]:
    """Names and ids of all models.

    Result: `{name: id}`.
    Errors: none of its own.
    Example: {} → {"Basic": 1700000000401, "Basic (and reversed card)": 1700000000402,
        "Basic (optional reversed card)": 1700000000403, "Basic (type in the answer)": 1700000000404,
        "Cloze": 1700000000405, "Image Occlusion": 1700000000406}
    """
    return {model.name: model.id for model in col.models.all_names_and_ids()}


@action(reads=True)
async def findModelsById(request: Request, /, modelIds: list[NotetypeId]) -> list[dict[str, Any]]:
    """Everything about some models, as Anki keeps it.

    modelIds: ids of the models.
    Result: Anki's full dict of each (`id, name, type, flds, tmpls, css, …`), in the order given.
    Errors: `model was not found: ID`.
    Example: {"modelIds": [1700000000401]} → [{"id": 1700000000401, "name": "Basic", "type": 0, "mod": 0, "usn": 0,
        "sortf": 0, "did": null, "tmpls": [{"name": "Card 1", "ord": 0, "qfmt": "{{Front}}",
        "afmt": "{{FrontSide}}…", "did": null}], "flds": [{"name": "Front", "ord": 0, "sticky": false, "rtl": false,
        "font": "Arial", "size": 20}, {"name": "Back", "ord": 1, "sticky": false, "rtl": false, "font": "Arial",
        "size": 20}], "css": ".card {…"}]
    """
    col, turns = request.col, request.turns
    found: list[dict[str, Any]] = []
    async for some in turns.slices(modelIds):
        found += get_notetypes_by_id(col, some)
    return found


@action(reads=True)
async def findModelsByName(request: Request, /, modelNames: list[str]) -> list[dict[str, Any]]:
    """Everything about some models, as Anki keeps it.

    modelNames: names of the models.
    Result: Anki's full dict of each (`id, name, type, flds, tmpls, css, …`), in the order given.
    Errors: `model was not found: NAME`.
    Example: {"modelNames": ["Basic"]} → [{"id": 1700000000401, "name": "Basic", "type": 0, "mod": 0, "usn": 0,
        "sortf": 0, "did": null, "tmpls": [{"name": "Card 1", "ord": 0, "qfmt": "{{Front}}",
        "afmt": "{{FrontSide}}…", "did": null}], "flds": [{"name": "Front", "ord": 0, "sticky": false, "rtl": false,
        "font": "Arial", "size": 20}, {"name": "Back", "ord": 1, "sticky": false, "rtl": false, "font": "Arial",
        "size": 20}], "css": ".card {…"}]
    """
    col, turns = request.col, request.turns
    # Anki is asked once for each name, however often it comes.
    known: dict[str, dict[str, Any]] = {}
    found: list[dict[str, Any]] = []
    for name in modelNames:
        if name not in known:
            await turns.pause()
            known[name] = get_notetype(col, name)
        found.append(known[name])
    return found


@action(reads=True)
def modelNameFromId(col: Collection, /, modelId: NotetypeId) -> str:
    """Name of a model.

    modelId: id of the model.
    Result: its name.
    Errors: `model was not found: ID`.
    Example: {"modelId": 1700000000401} → "Basic"
    """
    [notetype] = get_notetypes_by_id(col, [modelId])
    name: str = notetype["name"]
    return name


@action(reads=True)
def modelFieldNames(col: Collection, /, modelName: str) -> list[str]:
    """Names of a model's fields.

    modelName: name of the model.
    Result: list of names, in the model's order.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → ["Front", "Back"]
    """
    return [field["name"] for field in get_notetype(col, modelName)["flds"]]


@action(reads=True)
def modelFieldDescriptions(col: Collection, /, modelName: str) -> list[str]:
    """What the editor shows in a model's fields while they are empty.

    modelName: name of the model.
    Result: a string per field, in the model's order; empty for a field without one.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → ["", ""]
    """
    return [field.get("description", "") for field in get_notetype(col, modelName)["flds"]]


@action(reads=True)
def modelFieldFonts(col: Collection, /, modelName: str) -> dict[str, dict[str, Any]]:
    """Fonts in which the editor shows a model's fields.

    modelName: name of the model.
    Result: `{field: {"font": name, "size": pixels}}`.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → {"Front": {"font": "Arial", "size": 20}, "Back": {"font": "Arial",
        "size": 20}}
    """
    fields = get_notetype(col, modelName)["flds"]
    return {field["name"]: {"font": field["font"], "size": field["size"]} for field in fields}


@action(reads=True)
def modelFieldsOnTemplates(col: Collection, /, modelName: str) -> dict[str, list[list[str]]]:
    """Which fields each card template of a model shows.

    Filters (`{{cloze:Text}}`), conditions (`{{#Field}}`) and HTML comments are not
    fields, neither are Anki's own `{{Tags}}` or `{{FrontSide}}`.

    modelName: name of the model.
    Result: `{template: [[fields on the front], [further fields on the back]]}`, each
        field once, in the order of their first appearance.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → {"Card 1": [["Front"], ["Back"]]}
    """
    notetype = get_notetype(col, modelName)
    names = {field["name"] for field in notetype["flds"]}
    shown = {}
    for template in notetype["tmpls"]:
        front = [name for name in references(template["qfmt"]) if name in names]
        back = [name for name in references(template["afmt"]) if name in names and name not in front]
        shown[template["name"]] = [front, back]
    return shown


@action(reads=True)
def modelTemplates(col: Collection, /, modelName: str) -> dict[str, dict[str, str]]:
    """Card templates of a model.

    modelName: name of the model.
    Result: `{template: {"Front": text, "Back": text}}`.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → {"Card 1": {"Front": "{{Front}}", "Back": "{{FrontSide}}…"}}
    """
    templates = get_notetype(col, modelName)["tmpls"]
    return {template["name"]: {"Front": template["qfmt"], "Back": template["afmt"]} for template in templates}


@action(reads=True)
def modelStyling(col: Collection, /, modelName: str) -> dict[str, str]:
    """Style sheet of a model's cards.

    modelName: name of the model.
    Result: `{"css": text}`.
    Errors: `model was not found: NAME`.
    Example: {"modelName": "Basic"} → {"css": ".card {…"}
    """
    return {"css": get_notetype(col, modelName)["css"]}
