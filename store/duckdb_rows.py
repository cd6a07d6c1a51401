"""Columns as DuckDB gives them, made into readings: in order, each once."""

from itertools import repeat
from typing import Any, cast

import duckdb
import numpy as np

from core.events import Reading, Value
from core.ids import HomeId
from store.duckdb_tables import FIRST_TURN
from store.duckdb_tracks import NO_SEQ, Named, Tracks
from store.series_port import Bucket

Columns = dict[str, Any]
"""Numpy arrays by name, e.g. track, at_ms, delay_ms, value, seq, flags, and txt where there are texts."""


def numpy_of(result: duckdb.DuckDBPyConnection) -> Columns:
    """Return what a query gave."""
    return cast("Any", result).fetchnumpy()  # numpy's arrays have no element type here


def buckets_of(columns: Columns, tracks: Tracks, width_ms: int) -> list[Bucket]:
    """Return figures in order of time, then device and metric; the second column counts stretches since the epoch."""
    track, *rest = (np.asarray(column) for column in columns.values())
    if not len(track):
        return []
    named, places, rank = _ranked(track, tracks)
    order = np.lexsort((rank, rest[0]))
    whose = places[order].tolist()
    place, count, *figures = (one[order].tolist() for one in rest)
    return list(
        map(
            Bucket,
            [named[one][0] for one in whose],
            [named[one][1] for one in whose],
            [int(one) * width_ms for one in place],
            map(int, count),
            *figures,
        )
    )


def readings_of(columns: Columns, home_id: HomeId, tracks: Tracks, limit: int) -> list[Reading]:
    """Return the readings of one home, oldest first, then by device and metric, at most `limit`.

    Of one that was journalled twice the copy that arrived first stands.
    """
    at_ms, track, seq, delay = (np.asarray(columns[name]) for name in ("at_ms", "track", "seq", "delay_ms"))
    if not len(at_ms):
        return []
    named, places, rank = _ranked(track, tracks)
    turn = np.where(seq < 0, FIRST_TURN - seq, seq)
    order = np.lexsort((delay, turn, rank, at_ms))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = np.any([np.diff(one[order]) != 0 for one in (at_ms, rank, seq)], axis=0)
    order = order[is_new][:limit]
    is_bool = [kind == "bool" for _, _, kind in named]
    whose = places[order].tolist()
    values = _values(columns, order, [is_bool[place] for place in whose])
    at_list, delays = at_ms[order].tolist(), delay[order].tolist()
    return list(
        map(
            Reading,
            repeat(home_id),
            [named[place][0] for place in whose],
            [named[place][1] for place in whose],
            values,
            at_list,
            (one + other for one, other in zip(at_list, delays, strict=True)),
            (None if one <= NO_SEQ else one for one in seq[order].tolist()),
            np.asarray(columns["flags"])[order].tolist(),
        )
    )


def _ranked(track: Any, tracks: Tracks) -> tuple[list[Named], Any, Any]:  # noqa: ANN401  # numpy arrays
    """Return the names that occur, which of them each row has, and its place in the order of names."""
    numbers, places = np.unique(track, return_inverse=True)
    named = [tracks.known(int(number)) for number in numbers]
    ranks = np.empty(len(named), dtype=np.int64)
    ranks[sorted(range(len(named)), key=lambda place: named[place])] = np.arange(len(named))
    return named, places, ranks[places]


def _values(columns: Columns, order: Any, is_bool: list[bool]) -> list[Value]:  # noqa: ANN401  # a numpy array
    filled: Any = np.ma.filled  # a column without NULL is an array, one with some is a masked one
    numbers: Any = filled(columns["value"], np.nan)[order]
    values: list[Value] = [
        one == 1.0 if is_switch else one for one, is_switch in zip(numbers.tolist(), is_bool, strict=True)
    ]
    for place in np.flatnonzero(np.isnan(numbers)).tolist():
        values[place] = str(columns["txt"][order[place]])  # NULL only where there is a number
    return values
