"""The order of a shutdown, for whatever the configuration database says."""

from hypothesis import given
from hypothesis import strategies as st

from app.mains.order import Link, fed_by, order

LINKS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=40)


@given(LINKS)
def test_every_member_is_off_before_what_it_uses_unless_they_form_a_ring(links: list[Link]) -> None:
    found = order(range(10), links)
    places = {member: place for place, member in enumerate(found.steps)}
    rings = {member: ring for ring in found.rings for member in ring}
    assert sorted(found.steps) == list(range(10))
    for consumer, used in links:
        if consumer in places and used in places and consumer != used:
            together = used in rings.get(consumer, ())
            assert together or places[consumer] < places[used]


@given(LINKS)
def test_exactly_those_who_depend_on_one_another_are_said_to_form_a_ring(links: list[Link]) -> None:
    within = [(consumer, used) for consumer, used in links if consumer < 10 and used < 10]
    found = order(range(10), links)
    rings = {frozenset(ring) for ring in found.rings}
    above = {member: fed_by(member, within) for member in range(10)}
    for one in range(10):
        for other in range(one):
            is_ring = other in above[one] and one in above[other]
            assert is_ring == any({one, other} <= ring for ring in rings)


def test_a_long_chain_has_an_order() -> None:
    links = [(place, place + 1) for place in range(5_000)]
    assert order(range(5_001), links).steps == tuple(range(5_001))


def test_equal_members_stand_as_they_are_given() -> None:
    assert order([5, 3, 9], []).steps == (5, 3, 9)
