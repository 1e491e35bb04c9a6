"""What the fields of configuration items, places and relations are called on screens and in sheets."""

from app.ci_classes import class_of
from app.words import tr


def field_label(field: str, class_name: str = "") -> str:
    """Return the label of a field of a CI, a place or a relation; an attribute's is its class's own.

    A name that is neither comes back as it is.
    """
    for attribute in class_of(class_name).attributes:
        if attribute.name == field:
            return attribute.label
    return labels().get(field, field)


def labels() -> dict[str, str]:
    """Return the labels of the fields that every class has, in the order of a form."""
    return {
        "class_name": tr("Class", context="ci"),
        "name": tr("Name", context="ci"),
        "code": tr("Asset code"),
        "state": tr("Life cycle"),
        "address": tr("Address", context="ci"),
        "maker": tr("Maker"),
        "model": tr("Model"),
        "device_type_id": tr("Device type"),
        "serial": tr("Serial number"),
        "firmware": tr("Version", context="ci"),
        "place_id": tr("Place"),
        "u_bottom": tr("Lowest U"),
        "u_height": tr("Height in U"),
        "parent_id": tr("Reached through"),
        "owner_id": tr("Person in charge"),
        "maintainer_id": tr("Maintained by"),
        "supplier": tr("Supplier", context="ci"),
        "bought_on": tr("Bought on"),
        "warranty_until": tr("Warranty until"),
        "purpose": tr("Purpose", context="ci"),
        "persons_allowed": tr("Persons allowed"),
        "note": tr("Note", context="ci"),
        "kind": tr("Kind", context="ci"),
        "height_u": tr("Rack height in U"),
        "room_class": tr("Room class"),
        "void_reason": tr("Reason for voiding"),
        "ended_at": tr("Ended"),
        "source_id": tr("From", context="relation"),
        "target_id": tr("To", context="relation"),
    }
