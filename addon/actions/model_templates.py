# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Card templates of models: renaming, ordering, adding, removing.

What each of these does to cards is Anki's doing: cards follow their template.
"""

from collections.abc import Sequence
from typing import TypedDict

from anki.collection import Collection
from anki.models import NotetypeDict, TemplateDict

from ..api.action import action
from ..collection.lookups import find_template, get_template
from ..collection.notetype_edits import edited_notetype
from ..collection.sql import database
from ..errors import ApiError


class NamedTemplate(TypedDict):
    """A card template."""

    Name: str
    Front: str
    Back: str


@action(changes=True)
def modelTemplateRename(col: Collection, /, modelName: str, oldTemplateName: str, newTemplateName: str) -> None:
    """Rename a card template. Of two with one name, Anki adds a `+` to the later one.

    modelName: name of the model.
    oldTemplateName: name of the template.
    newTemplateName: its name from now on.
    Result: null.
    Errors: `model was not found: NAME`, `template was not found in MODEL: NAME`, or Anki's reason
        for refusing the name.
    Example: {"modelName": "Basic", "oldTemplateName": "Card 1", "newTemplateName": "Recall"} → null
    """
    with edited_notetype(col, modelName) as changed:
        get_template(changed, oldTemplateName)["name"] = newTemplateName


@action(changes=True, destructive=True)
def modelTemplateReposition(col: Collection, /, modelName: str, templateName: str, index: int) -> None:
    """Move a card template to another position. The collection is marked for a full sync.

    modelName: name of the model.
    templateName: name of the template.
    index: its new position, from 0; one before the first is the first, one beyond the last
        is the last.
    Result: null.
    Errors: `model was not found: NAME`, `template was not found in MODEL: NAME`.
    Example: {"modelName": "Basic (and reversed card)", "templateName": "Card 2", "index": 0} → null
    """
    with edited_notetype(col, modelName) as changed:
        template = get_template(changed, templateName)
        col.models.reposition_template(changed, template, nearest_index(index, changed["tmpls"]))


@action(changes=True, destructive=True)
def modelTemplateAdd(col: Collection, /, modelName: str, template: NamedTemplate) -> None:
    """Add a card template, or replace the texts of the one that has this name.

    Notes of the model get a card of a new template. The collection is marked for a full sync then.

    modelName: name of the model.
    template: `{"Name", "Front", "Back"}`.
    Result: null.
    Errors: `model was not found: NAME`, or Anki's reason for refusing the template.
    Example: {"modelName": "Basic", "template": {"Name": "Recognize", "Front": "{{Back}}", "Back": "{{Front}}"}}
        → null
    """
    with edited_notetype(col, modelName) as changed:
        target = find_template(changed, template["Name"])
        if target is None:
            target = col.models.new_template(template["Name"])
            col.models.add_template(changed, target)
        target["qfmt"], target["afmt"] = template["Front"], template["Back"]


@action(changes=True, destructive=True)
def modelTemplateRemove(col: Collection, /, modelName: str, templateName: str) -> None:
    """Remove a card template and its cards. The collection is marked for a full sync.

    modelName: name of the model.
    templateName: name of the template.
    Result: null.
    Errors: `model was not found: NAME`, `template was not found in MODEL: NAME`, or Anki's reason
        if it is the last one, or some notes would have no cards left.
    Example: {"modelName": "Basic (and reversed card)", "templateName": "Card 2"} → null
    """
    with edited_notetype(col, modelName) as changed:
        template = get_template(changed, templateName)
        if len(changed["tmpls"]) == 1:
            raise ApiError(col.tr.card_templates_at_least_one_card_type_is())
        if _is_some_notes_only_one(col, changed, template):
            # Anki's wording; the versions of today no longer check it.
            raise ApiError(
                "Removing this card type would cause one or more notes to be deleted."
                " Please create a new card type first."
            )
        col.models.remove_template(changed, template)


def nearest_index(index: int, members: Sequence[object]) -> int:
    """The index in the list that is meant: clients send its length for "to the end"."""
    return max(0, min(index, len(members) - 1))


def _is_some_notes_only_one(col: Collection, notetype: NotetypeDict, template: TemplateDict) -> bool:
    """Whether there are notes that have cards of this template alone."""
    query = (
        "select 1 from notes join cards on cards.nid = notes.id where mid = ?1"
        " group by notes.id having min(ord) = ?2 and max(ord) = ?2 limit 1"
    )
    return bool(database(col).list(query, notetype["id"], template["ord"]))
