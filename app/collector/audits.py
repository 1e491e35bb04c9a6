"""Configuration audits: rules of the regulation about how a service is set up, each with its reason. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.words import tr


@dataclass(frozen=True, slots=True)
class Pool:
    """A JDBC connection pool as it is set up; None where the server does not say."""

    name: str
    initial: int | None
    maximum: int | None


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one rule holds for one thing; `says` names the rule and why it is broken, empty while it holds."""

    subject: str
    is_broken: bool
    says: str = ""


def jdbc_pool(pool: Pool, execute_threads: int | None) -> Iterator[Finding]:
    """Yield what REQUIREMENTS A9 asks of a pool: initial = maximum, at least the number of execute threads.

    A rule of which the server does not tell the figures says nothing. A `maximum` below 1 is "without a limit".
    """
    if pool.maximum is None:
        return
    if pool.initial is not None:
        differs = pool.initial != pool.maximum
        yield Finding(f"{pool.name} initial = maximum", differs, _differs(pool) if differs else "")
    if execute_threads:
        is_short = 0 < pool.maximum < execute_threads
        says = _is_short(pool, execute_threads) if is_short else ""
        yield Finding(f"{pool.name} maximum >= threads", is_short, says)


def _differs(pool: Pool) -> str:
    return tr(
        "JDBC pool {name}: initial size {initial} is not its maximum {maximum}, so connections are only opened when "
        "the load comes",
        name=pool.name,
        initial=pool.initial,
        maximum=pool.maximum if pool.maximum and pool.maximum > 0 else tr("(without a limit)"),
    )


def _is_short(pool: Pool, execute_threads: int) -> str:
    return tr(
        "JDBC pool {name}: at most {maximum} connections for {threads} execute threads, so {n} can wait for one",
        name=pool.name,
        maximum=pool.maximum,
        threads=execute_threads,
        n=execute_threads - (pool.maximum or 0),
    )
