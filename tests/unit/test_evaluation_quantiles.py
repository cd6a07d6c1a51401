"""Quantiles of delays: equal weights give what no weights give, whatever the weights are."""

import pytest

from app.evaluation.statistics import delays

QUANTILES = ("median_delay_h", "p90_delay_h", "p95_delay_h")


@pytest.mark.parametrize("count", range(2, 200, 2))
def test_a_home_alone_has_the_same_quantiles_pooled_as_in_its_own_row(count):
    hours = [float(number) for number in range(count)]
    plain, weighed = delays(hours), delays(hours, [1.0 / count] * count)
    assert [weighed[key] for key in QUANTILES] == [plain[key] for key in QUANTILES]
