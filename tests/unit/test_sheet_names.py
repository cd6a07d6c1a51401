"""No two villages' sheets share a file, and the names of most stay what they were."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from app.sheet_names import sheet_name

ids = st.text("ab_-", min_size=1, max_size=4)
villages = st.builds("{}/{}".format, ids, ids)


def test_a_village_whose_ids_have_no_underscore_has_a_plain_name():
    assert sheet_name("shuren/qiaotou") == "shuren_qiaotou.pdf"


@given(st.sets(villages, max_size=12))
def test_no_two_villages_share_a_file(some):
    for one, other in combinations(sorted(some), 2):
        assert sheet_name(one) != sheet_name(other)
