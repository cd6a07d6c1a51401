"""Draws the curve of false alarms against delay: the further down and left, the better."""

from pathlib import Path

import matplotlib as mpl
import numpy as np

from app.evaluation.statistics import Figures
from core.errors import ConfigurationError

FORMATS = {".svg", ".png"}
LEAST_RATE = 0.02
"""No false alarm at all has no place on a logarithm: it is drawn here, at the foot."""


def draw(report: Figures, path: Path) -> None:
    """Write the picture of a report with a curve; raises ConfigurationError for another kind of file."""
    check_name(path)
    mpl.use("Agg")
    import matplotlib.pyplot as plt  # noqa: PLC0415  # slow to load, and only after a backend without a screen is set

    plt.rcParams["svg.hashsalt"] = "shouwang"
    figure, axes = plt.subplots(1, 2, figsize=(11, 5), sharey=True)
    detectors = list(dict.fromkeys(point["detector"] for point in report["curve"]))
    for axis, key, title in ((axes[0], "median_delay_h", "median"), (axes[1], "p95_delay_h", "95th percentile")):
        for detector in detectors:
            rates, hours = _line(report["curve"], detector, key)
            is_ours = detector == "Shouwang"
            axis.plot(
                hours, rates, "o-", label=detector, linewidth=2.5 if is_ours else 1.2, alpha=1 if is_ours else 0.7
            )
        axis.set_yscale("log")
        axis.set_xlabel(f"delay from onset, {title} (h)")
        axis.grid(visible=True, which="both", alpha=0.25)
    axes[0].set_ylabel("false alarms in 30 days, mean of the homes")
    axes[1].legend(fontsize=8)
    names = ", ".join(report["homes"])
    figure.suptitle(f"False alarms against delay: {names}"[:120])  # pyright: ignore[reportUnknownMemberType]  # **kwargs
    figure.tight_layout()
    metadata = {"Date": None} if path.suffix == ".svg" else None  # the same figures give the same file
    figure.savefig(path, metadata=metadata)  # pyright: ignore[reportUnknownMemberType]  # **kwargs
    plt.close(figure)


def check_name(path: Path) -> None:
    """Raise ConfigurationError unless the name ends as a picture's does."""
    if path.suffix not in FORMATS:
        raise ConfigurationError(
            f"no picture can be written as {path.suffix!r}", where=str(path), remedy="end the name with .svg or .png"
        )


def _line(points: list[Figures], detector: str, key: str) -> tuple[list[float], list[float]]:
    """Return mean rates and delays over homes, one point a parameter, in order of delay."""
    chosen = [point for point in points if point["detector"] == detector and point[key] is not None]
    pairs: list[tuple[float, float]] = []
    for parameter in dict.fromkeys(point["parameter"] for point in chosen):
        same = [point for point in chosen if point["parameter"] == parameter]
        mean_rate = float(np.mean([point["false_alarms_per_30d"] for point in same]))
        pairs.append((float(np.mean([point[key] for point in same])), max(mean_rate, LEAST_RATE)))
    pairs.sort()
    return [mean_rate for _, mean_rate in pairs], [hours for hours, _ in pairs]
