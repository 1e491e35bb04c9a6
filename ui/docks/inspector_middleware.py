"""The fields of checks of middleware: Tomcat, RabbitMQ, WebLogic."""

from collections.abc import Mapping

from app.words import tr
from models.enums import CheckKind
from ui.fields import Choice, Field, Kind

_KINDS = (CheckKind.TOMCAT, CheckKind.RABBITMQ, CheckKind.WEBLOGIC)


def middleware_fields(kind: CheckKind, params: Mapping[str, str], *, has_secret: bool) -> list[Field]:
    """Return the settings that a check of `kind` needs beside address and port; none for other kinds."""
    if kind not in _KINDS:
        return []
    fields = _way_in(kind, params, has_secret)
    if kind is CheckKind.TOMCAT:
        hint = tr("the path of the manager; empty: /manager")
        fields.append(Field("manager", tr("Manager"), initial=params.get("manager", ""), hint=hint))
    if kind is CheckKind.RABBITMQ:
        hint = tr("protocols that must be open, with commas; empty: amqp")
        fields.append(Field("listeners", tr("Listeners"), initial=params.get("listeners", ""), hint=hint))
    return fields


def _way_in(kind: CheckKind, params: Mapping[str, str], has_secret: bool) -> list[Field]:
    roles = {
        CheckKind.TOMCAT: tr("with the roles manager-status and manager-jmx"),
        CheckKind.RABBITMQ: tr("with the tag “monitoring”"),
        CheckKind.WEBLOGIC: tr("of the role Monitor"),
    }
    kept = tr("**** (kept; type to replace it)") if has_secret else ""
    schemes = [Choice("http", "HTTP"), Choice("https", "HTTPS")]
    trust = [Choice("0", tr("Accept the server's own")), Choice("1", tr("Must be trusted"))]
    return [
        Field("user", tr("User name"), initial=params.get("user", ""), hint=roles[kind]),
        Field("secret", tr("Password"), Kind.SECRET, hint=kept, wide=False),
        Field("scheme", tr("Protocol"), Kind.CHOICE, True, params.get("scheme", "http"), schemes, wide=False),
        Field("verify", tr("Certificate"), Kind.CHOICE, True, params.get("verify", "0"), trust, wide=False),
    ]
