"""The order of a shutdown: whatever uses something is off before what it uses. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

Link = tuple[int, int]
"""A consumer and what it depends on."""


@dataclass(frozen=True, slots=True)
class Order:
    """All members, consumers first. `rings` are those that depend on one another, so that no order serves them."""

    steps: tuple[int, ...]
    rings: tuple[tuple[int, ...], ...]


def order(members: Collection[int], links: Iterable[Link]) -> Order:
    """Return the order of `members`; links to others don't count. Equal members stand as they are given."""
    uses = _uses(members, links)
    places = {member: place for place, member in enumerate(members)}
    groups = [sorted(group, key=places.__getitem__) for group in _groups(uses)]
    groups.reverse()  # they come with what is used first
    return Order(
        tuple(member for group in groups for member in group),
        tuple(tuple(group) for group in groups if len(group) > 1),
    )


def fed_by(source: int, links: Iterable[Link]) -> set[int]:
    """Return everything that gets its power from `source`, directly or through others, without itself."""
    consumers: dict[int, list[int]] = {}
    for consumer, used in links:
        consumers.setdefault(used, []).append(consumer)
    found: set[int] = set()
    waiting = [source]
    while waiting:
        for each in consumers.get(waiting.pop(), ()):
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found - {source}


def _uses(members: Collection[int], links: Iterable[Link]) -> dict[int, list[int]]:
    uses: dict[int, list[int]] = {member: [] for member in reversed(list(members))}
    for consumer, used in links:
        if consumer in uses and used in uses and consumer != used:
            uses[consumer].append(used)
    return uses


def _groups(uses: Mapping[int, list[int]]) -> list[list[int]]:
    """Return the strongly connected groups, what is used before its users (Tarjan, without recursion)."""
    numbers: dict[int, int] = {}
    lowest: dict[int, int] = {}
    held: list[int] = []
    is_held: set[int] = set()
    groups: list[list[int]] = []
    for start in uses:
        if start in numbers:
            continue
        path: list[tuple[int, Iterator[int]]] = []
        _enter(start, numbers, lowest, held, is_held)
        path.append((start, iter(uses[start])))
        while path:
            member, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[member])
                if lowest[member] == numbers[member]:
                    groups.append(_leave(member, held, is_held))
            elif following not in numbers:
                _enter(following, numbers, lowest, held, is_held)
                path.append((following, iter(uses[following])))
            elif following in is_held:
                lowest[member] = min(lowest[member], numbers[following])
    return groups


def _enter(member: int, numbers: dict[int, int], lowest: dict[int, int], held: list[int], is_held: set[int]) -> None:
    numbers[member] = lowest[member] = len(numbers)
    held.append(member)
    is_held.add(member)


def _leave(root: int, held: list[int], is_held: set[int]) -> list[int]:
    place = held.index(root)
    group = held[place:]
    del held[place:]
    is_held.difference_update(group)
    return group
