"""GRANTs, generated from the role matrix: INSERT on a table, UPDATE by column, DELETE for nobody (SECURITY 3)."""

from app.permissions import PEOPLES_POSTS
from app.shared import account_functions, functions
from app.shared.rights import (
    DROPPED_BY_THE_COLLECTOR,
    HIDDEN_FROM_ADMINISTRATORS,
    UNREADABLE_COLUMNS,
    writes_of,
)
from app.shared.roles import BACKUP, OWNER, PEOPLE, SEALER, SERVICES, group_of, groups, post_groups
from app.shared.statements import quoted
from models.enums import Post
from models.schema import metadata


def roles() -> list[str]:
    """Return what makes the owner and the groups where they are missing; none of them signs in."""
    made = [_make_role(name) for name in (OWNER, *groups())]
    return [*made, f"GRANT pg_read_all_stats TO {OWNER}"]


def _make_role(name: str) -> str:
    return (
        f"DO $do$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} NOLOGIN"
        f" NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS; END IF; END $do$"
    )


def ownership() -> list[str]:
    """Return what gives schema, tables and the functions without a superuser's rights to the owner."""
    ours = (
        "watchroom_audit()",
        "watchroom_refuse()",
        "watchroom_plain(jsonb, text[])",
        "watchroom_setting(text)",
        "watchroom_person()",
        "watchroom_seat()",
    )
    return [
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        *(f"ALTER TABLE public.{quoted(name)} OWNER TO {OWNER}" for name in (*metadata.tables, "alembic_version")),
        *(f"ALTER FUNCTION public.{signature} OWNER TO {OWNER}" for signature in ours),
    ]


def nothing_for_the_public(database: str) -> list[str]:
    """Return what takes from PUBLIC all that PostgreSQL gives it."""
    return [
        f"REVOKE ALL ON DATABASE {quoted(database)} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {quoted(database)} TO {', '.join(groups())}",
        f"GRANT TEMPORARY ON DATABASE {quoted(database)} TO {SERVICES['collector']}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {', '.join(groups())}",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM PUBLIC",
        "REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC",
        "REVOKE EXECUTE ON FUNCTION lo_creat(integer), lo_create(oid), lo_from_bytea(oid, bytea) FROM PUBLIC",
    ]


def tables() -> list[str]:
    """Return what gives every group its tables, after all that it had is taken away."""
    made = []
    for name in (*metadata.tables, "alembic_version"):
        made.append(f"REVOKE ALL ON public.{quoted(name)} FROM {', '.join(groups())}")
        readers = ", ".join((*post_groups(), SEALER))
        made += _select(name, readers)
    for post in Post:
        made += _writes(post)
    dropped = ", ".join(f"public.{quoted(name)}" for name in DROPPED_BY_THE_COLLECTOR)
    made.append(f"GRANT DELETE ON {dropped} TO {SERVICES['collector']}")
    made.append(f"GRANT INSERT ON public.audit_seal TO {SEALER}")
    made.append(f"GRANT USAGE ON SEQUENCE public.audit_seal_id_seq TO {SEALER}")
    return made


def _select(name: str, readers: str) -> list[str]:
    """Row-level security shows the administrator no business row, so that a screen is empty there and does not fail."""
    columns = [c.name for c in metadata.tables[name].columns] if name in metadata.tables else []
    hidden = UNREADABLE_COLUMNS.get(name)
    if hidden:
        return [
            f"GRANT SELECT ({_listed(c for c in columns if c not in hidden)}) ON public.{quoted(name)} TO {readers}"
        ]
    private = HIDDEN_FROM_ADMINISTRATORS.get(name)
    if private:
        administrators = group_of(Post.ADMINISTRATOR)
        others = ", ".join(group for group in (*post_groups(), SEALER) if group != administrators)
        open_columns = _listed(c for c in columns if c not in private)
        return [
            f"GRANT SELECT ON public.{quoted(name)} TO {others}",
            f"GRANT SELECT ({open_columns}) ON public.{quoted(name)} TO {administrators}",
        ]
    return [f"GRANT SELECT ON public.{quoted(name)} TO {readers}"]


def _writes(post: Post) -> list[str]:
    group, made = group_of(post), []
    for write in writes_of(post).values():
        if write.adds:
            made.append(f"GRANT INSERT ON public.{quoted(write.table)} TO {group}")
            if _has_sequence(write.table):
                made.append(f"GRANT USAGE ON SEQUENCE public.{quoted(f'{write.table}_id_seq')} TO {group}")
        if write.changes:
            made.append(f"GRANT UPDATE ({_listed(write.changes)}) ON public.{quoted(write.table)} TO {group}")
    return made


def _has_sequence(table: str) -> bool:
    column = metadata.tables[table].columns.get("id")
    return column is not None and column.autoincrement is True


def calls() -> list[str]:
    """Return who may call which function; the rest is called by triggers and other functions only."""
    everybody = ", ".join((*post_groups(), SEALER, BACKUP, PEOPLE))
    services = ", ".join((SERVICES["collector"], SEALER))
    given = [
        (functions.ASKED_BY_ALL, everybody),
        (("watchroom_seat()", "watchroom_setting(text)", "watchroom_person()"), everybody),
        (("watchroom_plain(jsonb, text[])",), everybody),
        (functions.SIGNED_BY_PEOPLE, ", ".join(group_of(post) for post in PEOPLES_POSTS)),
        (account_functions.CALLED_BY_PEOPLE, PEOPLE),
        (account_functions.CALLED_BY_ADMINISTRATORS, group_of(Post.ADMINISTRATOR)),
        (account_functions.CALLED_BY_SERVICES, services),
    ]
    return [f"GRANT EXECUTE ON FUNCTION public.{name} TO {whom}" for names, whom in given for name in names]


def _listed(columns: object) -> str:
    return ", ".join(quoted(str(name)) for name in columns)  # type: ignore[attr-defined]
