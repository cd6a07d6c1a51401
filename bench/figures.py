"""One figure a bench gives: a ratio against a baseline of the same run; an absolute number alone proves nothing."""

import json
import statistics
from collections.abc import Sequence


def print_figure(name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float) -> bool:
    """Print one JSON line of medians and return whether the ratio value/baseline reaches the target."""
    ratio = _median_ratio(values, baselines)
    return _printed(name, unit, values, baselines, target=target, is_reached=ratio >= target)


def print_cost(name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float) -> bool:
    """Print the same of something that costs: it holds while the ratio value/baseline is not above the target."""
    ratio = _median_ratio(values, baselines)
    return _printed(name, unit, values, baselines, target=target, is_reached=ratio <= target)


def _median_ratio(values: Sequence[float], baselines: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(values, baselines, strict=True))


def _printed(
    name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float, is_reached: bool
) -> bool:
    figure = {
        "name": name,
        "value": _rounded(statistics.median(values)),
        "unit": unit,
        "baseline": _rounded(statistics.median(baselines)),
        "ratio": round(_median_ratio(values, baselines), 3),
        "target": target,
        "holds": is_reached,
    }
    print(json.dumps(figure), flush=True)
    return is_reached


def _rounded(value: float) -> float:
    return round(value, 1 if value >= 10 else 3)  # a microsecond's digits, a rate's whole numbers
