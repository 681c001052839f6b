# Copyright: AnkiConnect contributors
# License: GNU AGPL, version 3 or later; http://www.gnu.org/licenses/agpl.html
"""Fields of models: renaming, ordering, adding, removing, how the editor shows them.

What each of these does to notes and templates is Anki's doing: contents stay with
their field, and templates follow a renamed one.
"""

from typing import Any, Optional

from anki.collection import Collection

from ..api.action import action
from ..api.quoting import plain
from ..collection.field_names import stored_field_name
from ..collection.lookups import find_field, get_field
from ..collection.notetype_edits import edited_notetype
from ..errors import ApiError, InvalidRequest
from .model_templates import nearest_index

#: In pixels; Anki keeps it in 16 bits.
_LARGEST_FONT = 65535


@action(changes=True)
def modelFieldRename(col: Collection, /, modelName: str, oldFieldName: str, newFieldName: str) -> None:
    """Rename a field, in templates too. Anki leaves out characters that a name may not have.

    modelName: name of the model.
    oldFieldName: name of the field.
    newFieldName: its name from now on.
    Result: null.
    Errors: `model was not found: NAME`, `field was not found in MODEL: NAME`, or Anki's reason for
        refusing the name: another field has it, for example.
    Example: {"modelName": "Basic", "oldFieldName": "Back", "newFieldName": "Meaning"} → null
    """
    with edited_notetype(col, modelName) as changed:
        field = get_field(changed, oldFieldName)
        name = stored_field_name(newFieldName)
        if find_field(changed, name) not in (None, field):
            # Anki would put a `+` to whichever comes later, and confuse templates.
            raise ApiError(col.tr.fields_that_field_name_is_already_used())
        field["name"] = name


@action(changes=True, destructive=True)
def modelFieldReposition(col: Collection, /, modelName: str, fieldName: str, index: int) -> None:
    """Move a field to another position. The collection is marked for a full sync.

    modelName: name of the model.
    fieldName: name of the field.
    index: its new position, from 0; one before the first is the first, one beyond the last
        is the last.
    Result: null.
    Errors: `model was not found: NAME`, `field was not found in MODEL: NAME`.
    Example: {"modelName": "Basic", "fieldName": "Back", "index": 0} → null
    """
    with edited_notetype(col, modelName) as changed:
        field = get_field(changed, fieldName)
        col.models.reposition_field(changed, field, nearest_index(index, changed["flds"]))


@action(changes=True)
def modelFieldAdd(col: Collection, /, modelName: str, fieldName: str, index: Optional[int] = None) -> None:
    """Add a field. One that exists is only moved. The collection is marked for a full sync.

    Anki leaves out characters that a name may not have; what is left counts.

    modelName: name of the model.
    fieldName: name of the field.
    index: its position, from 0; null for the last one (an existing field then stays where it is). One
        before the first is the first, one beyond the last is the last.
    Result: null.
    Errors: `model was not found: NAME`, or Anki's reason for refusing the name.
    Example: {"modelName": "Basic", "fieldName": "Sound", "index": 1} → null
    """
    with edited_notetype(col, modelName) as changed:
        name = stored_field_name(fieldName)
        field = find_field(changed, name)
        if field is None:
            field = col.models.new_field(name)
            col.models.add_field(changed, field)
        if index is not None:
            col.models.reposition_field(changed, field, nearest_index(index, changed["flds"]))


@action(changes=True, destructive=True)
def modelFieldRemove(col: Collection, /, modelName: str, fieldName: str) -> None:
    """Remove a field, with its contents in all notes. The collection is marked for a full sync.

    modelName: name of the model.
    fieldName: name of the field.
    Result: null.
    Errors: `model was not found: NAME`, `field was not found in MODEL: NAME`, or Anki's reason if
        it is the last one, or a template cannot do without it.
    Example: {"modelName": "Basic", "fieldName": "Back"} → null
    """
    with edited_notetype(col, modelName) as changed:
        field = get_field(changed, fieldName)
        if len(changed["flds"]) == 1:
            raise ApiError(col.tr.fields_notes_require_at_least_one_field())
        col.models.remove_field(changed, field)


@action(changes=True, destructive=True)
def modelFieldSetFont(col: Collection, /, modelName: str, fieldName: str, font: Any) -> None:
    """Choose the font in which the editor shows a field.

    modelName: name of the model.
    fieldName: name of the field.
    font: name of the font.
    Result: null.
    Errors: `font should be a string: X`, `model was not found: NAME`, `field was not found in
        MODEL: NAME`.
    Example: {"modelName": "Basic", "fieldName": "Front", "font": "Courier"} → null
    """
    if not isinstance(font, str):
        raise InvalidRequest(f"font should be a string: {plain(font)}")
    _set(col, modelName, fieldName, "font", font)


@action(changes=True, destructive=True)
def modelFieldSetFontSize(col: Collection, /, modelName: str, fieldName: str, fontSize: Any) -> None:
    """Choose the size of the font in which the editor shows a field.

    modelName: name of the model.
    fieldName: name of the field.
    fontSize: size in pixels.
    Result: null.
    Errors: `fontSize should be an integer: X`, `fontSize should be from 1 to 65535: X`, `model was
        not found: NAME`, `field was not found in MODEL: NAME`.
    Example: {"modelName": "Basic", "fieldName": "Front", "fontSize": 24} → null
    """
    if not isinstance(fontSize, int) or isinstance(fontSize, bool):
        raise InvalidRequest(f"fontSize should be an integer: {plain(fontSize)}")
    if not 1 <= fontSize <= _LARGEST_FONT:
        raise InvalidRequest(f"fontSize should be from 1 to {_LARGEST_FONT}: {plain(fontSize)}")
    _set(col, modelName, fieldName, "size", fontSize)


@action(changes=True, destructive=True)
def modelFieldSetDescription(col: Collection, /, modelName: str, fieldName: str, description: Any) -> bool:
    """Choose what the editor shows in a field while that is empty.

    modelName: name of the model.
    fieldName: name of the field.
    description: the text.
    Result: true.
    Errors: `description should be a string: X`, `model was not found: NAME`, `field was not found
        in MODEL: NAME`.
    Example: {"modelName": "Basic", "fieldName": "Front", "description": "with its article"} → true
    """
    if not isinstance(description, str):
        raise InvalidRequest(f"description should be a string: {plain(description)}")
    _set(col, modelName, fieldName, "description", description)
    return True


def _set(col: Collection, model_name: str, field_name: str, member: str, value: Any) -> None:
    with edited_notetype(col, model_name) as changed:
        get_field(changed, field_name)[member] = value
