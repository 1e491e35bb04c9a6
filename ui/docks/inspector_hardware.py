"""The fields of checks of servers, power supplies and the room: Redfish, IPMI, NUT, Modbus TCP."""

from collections.abc import Mapping

from app.words import tr
from models.enums import CheckKind
from ui.fields import Choice, Field, Kind


def hardware_fields(kind: CheckKind, params: Mapping[str, str], *, has_secret: bool) -> list[Field]:
    """Return the settings that a check of `kind` needs beside address and port; none for other kinds."""
    if kind is CheckKind.REDFISH:
        return [*_login(params, has_secret), *_redfish(params)]
    if kind is CheckKind.IPMI:
        return _login(params, has_secret)
    if kind is CheckKind.NUT:
        return [Field("ups", tr("UPS at the server"), initial=params.get("ups", ""), hint=tr("empty: its first one"))]
    if kind is CheckKind.MODBUS:
        return _modbus(params)
    return []


def _login(params: Mapping[str, str], has_secret: bool) -> list[Field]:
    hint = tr("**** (kept; type to replace it)") if has_secret else ""
    return [
        Field("user", tr("User name"), initial=params.get("user", "")),
        Field("secret", tr("Password"), Kind.SECRET, hint=hint, wide=False),
    ]


def _redfish(params: Mapping[str, str]) -> list[Field]:
    logins = [Choice("basic", tr("Name and password each time")), Choice("session", tr("A session of the service"))]
    schemes = [Choice("https", "HTTPS"), Choice("http", "HTTP")]
    trust = [Choice("0", tr("Accept the controller's own")), Choice("1", tr("Must be trusted"))]
    return [
        Field("login", tr("Sign in by"), Kind.CHOICE, True, params.get("login", "basic"), logins, wide=False),
        Field("scheme", tr("Protocol"), Kind.CHOICE, True, params.get("scheme", "https"), schemes, wide=False),
        Field("verify", tr("Certificate"), Kind.CHOICE, True, params.get("verify", "0"), trust, wide=False),
    ]


def _modbus(params: Mapping[str, str]) -> list[Field]:
    hint = tr("a file's name in the folder “registers”, for example room-sensor")
    return [
        Field("map", tr("Register map"), required=True, initial=params.get("map", "room-sensor"), hint=hint),
        Field("device_id", tr("Device number"), initial=params.get("device_id", ""), hint=tr("empty: the map's own")),
    ]
