"""The fields of checks of databases: PostgreSQL, MySQL or MariaDB, Oracle."""

from collections.abc import Mapping

from app.words import tr
from models.enums import CheckKind
from ui.fields import Choice, Field, Kind

DATABASES = (CheckKind.POSTGRESQL, CheckKind.MYSQL, CheckKind.ORACLE)
SETTINGS = ("user", "database", "tls", "space", "replicas")


def database_fields(kind: CheckKind, params: Mapping[str, str], *, has_secret: bool) -> list[Field]:
    """Return the settings that a check of `kind` needs beside address and port; none for other kinds."""
    if kind not in DATABASES:
        return []
    kept = tr("**** (kept; type to replace it)") if has_secret else ""
    ways = [Choice("require", tr("Always encrypted")), Choice("verify", tr("Encrypted, certificate trusted"))]
    is_oracle = kind is CheckKind.ORACLE
    fields = [
        Field("user", tr("User name"), initial=params.get("user", ""), hint=_rights(kind)),
        Field("secret", tr("Password"), Kind.SECRET, hint=kept, wide=False),
        Field("database", _database(is_oracle), required=is_oracle, initial=params.get("database", "")),
        Field("tls", tr("Encryption"), Kind.CHOICE, False, params.get("tls"), ways, wide=False),
    ]
    if is_oracle:
        return fields
    size = tr("what each may hold: {example}; empty: not looked at", example="pg_default=500G, archive=2T")
    count = tr("how many replicas must be connected here; empty: not looked at")
    return [
        *fields,
        Field("space", tr("Room of table spaces"), initial=params.get("space", ""), hint=size),
        Field("replicas", tr("Replicas"), initial=params.get("replicas", ""), hint=count),
    ]


def _database(is_oracle: bool) -> str:
    return tr("Service name") if is_oracle else tr("Database")


def _rights(kind: CheckKind) -> str:
    return {
        CheckKind.POSTGRESQL: tr("with the role pg_monitor"),
        CheckKind.MYSQL: tr("with PROCESS and the right to see replication"),
        CheckKind.ORACLE: tr("with SELECT_CATALOG_ROLE"),
    }[kind]
