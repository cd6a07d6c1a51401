"""One figure a bench gives: a ratio against a baseline of the same run; an absolute number alone proves nothing."""

import json
import math
import statistics
from collections.abc import Mapping, Sequence


def print_figure(name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float) -> bool:
    """Print one JSON line of medians and return whether the ratio value/baseline reaches the target."""
    ratio = _median_ratio(values, baselines)
    return _printed(name, unit, values, baselines, target=target, is_reached=ratio >= target)


def print_cost(name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float) -> bool:
    """Print the same of something that costs: it holds while the ratio value/baseline is not above the target."""
    ratio = _median_ratio(values, baselines)
    return _printed(name, unit, values, baselines, target=target, is_reached=ratio <= target)


def print_time(
    name: str, unit: str, value: float, *, target: float, baseline: float, more: Mapping[str, object] | None = None
) -> bool:
    """Print a time that the design promises as such, which holds while it is not above the target.

    The baseline is what one bare durable commit took on the same disk in the same run, in the same unit: where that is
    slow, so is everything. `more` is told beside it.
    """
    figure = {
        "name": name,
        "value": _rounded(value),
        "unit": unit,
        "baseline": _rounded(baseline),
        "ratio": round(value / baseline, 3),
        "target": target,
        "holds": value <= target,
        **(more or {}),
    }
    print(json.dumps(figure), flush=True)
    return value <= target


def percentile(values: Sequence[float], per_cent: float) -> float:
    """Return the smallest value that so many per cent of all do not exceed; of at least one value."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * per_cent / 100) - 1)]


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
