"""One figure a bench gives: a ratio against a baseline of the same run; an absolute number alone proves nothing."""

import json
import statistics
from collections.abc import Sequence


def print_figure(name: str, unit: str, values: Sequence[float], baselines: Sequence[float], *, target: float) -> bool:
    """Print one JSON line of medians and return whether the ratio value/baseline reaches the target."""
    value, baseline = statistics.median(values), statistics.median(baselines)
    ratio = statistics.median(one / other for one, other in zip(values, baselines, strict=True))
    holds = ratio >= target
    figure = {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "baseline": round(baseline, 1),
        "ratio": round(ratio, 3),
        "target": target,
        "holds": holds,
    }
    print(json.dumps(figure), flush=True)
    return holds
