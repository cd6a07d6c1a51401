"""Whatever is done to a chain but growing it, the walk finds it at the first row that is not as it was."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from core.hash_chain import FIRST_PREVIOUS, Link, linked, verified

TEXT = st.text(max_size=6)


@st.composite
def chains(draw):
    links, previous = [], FIRST_PREVIOUS
    for number in range(1, draw(st.integers(1, 8)) + 1):
        link = linked(
            Link(
                number=number,
                at_ms=draw(st.integers(0, 2**40)),
                actor=draw(TEXT),
                action=draw(TEXT),
                subject=draw(TEXT),
                marks="",
                digest=draw(TEXT),
                detail_sha256=draw(st.text(min_size=1, max_size=6)),
                previous=previous,
            )
        )
        links.append(link)
        previous = link.hash
    return links


@given(chains())
def test_a_chain_that_only_grew_holds(links):
    verdict = verified(links, head=links[-1].hash, rows=len(links))
    assert (verdict.broken_at, verdict.rows, verdict.head) == (None, len(links), links[-1].hash)


@given(chains(), st.data())
def test_any_edit_of_any_field_is_found_at_its_row(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    field = data.draw(st.sampled_from([f for f in Link.__struct_fields__ if f != "number"]))
    old = getattr(links[at], field)
    new = data.draw((st.integers(0, 2**40) if isinstance(old, int) else TEXT).filter(lambda value: value != old))
    links[at] = msgspec.structs.replace(links[at], **{field: new})
    assert verified(links).broken_at == at + 1


@given(chains(), st.data())
def test_any_deletion_is_found_at_the_first_row_that_is_missing(links, data):
    gone = data.draw(st.sets(st.integers(0, len(links) - 1), min_size=1))
    left = [link for at, link in enumerate(links) if at not in gone]
    assert verified(left, head=links[-1].hash, rows=len(links)).broken_at == min(gone) + 1


@given(chains(), st.data())
def test_any_change_of_order_is_found(links, data):
    order = data.draw(st.permutations(range(len(links))))
    verdict = verified([links[at] for at in order])
    moved = next((place for place, at in enumerate(order) if place != at), None)
    assert verdict.broken_at == (None if moved is None else moved + 1)


@given(chains(), st.data())
def test_an_edit_whose_hash_was_made_anew_is_found_at_the_next_row_or_by_the_head_that_was_kept(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    head = links[-1].hash
    links[at] = linked(msgspec.structs.replace(links[at], actor=links[at].actor + "x"))
    assert verified(links, head=head).broken_at == at + 2


@given(chains(), st.data())
def test_a_row_whose_detail_is_gone_breaks_though_its_hash_fits(links, data):
    at = data.draw(st.integers(0, len(links) - 1))
    forged = linked(msgspec.structs.replace(links[at], detail_sha256=""))
    assert verified([*links[:at], forged]).broken_at == at + 1
