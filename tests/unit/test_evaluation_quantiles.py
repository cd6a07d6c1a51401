"""Quantiles of delays: equal weights give what no weights give, whatever the weights are."""

import pytest

from app.evaluation.statistics import delays


@pytest.mark.parametrize("count", range(2, 200, 2))
def test_a_home_alone_has_the_same_quantiles_pooled_as_in_its_own_row(count):
    hours = [float(number) for number in range(count)]
    assert delays(hours, [1.0 / count] * count) == delays(hours)
