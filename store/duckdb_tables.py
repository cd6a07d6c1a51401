"""The tables of the embedded time series: what is new, what is of these weeks, what is settled, and two roll-ups.

A reading moves from `fresh` (as it came) to `recent` (a sorted run a day) to `settled` (a run of four weeks): sorted by
track and time it packs into some six bytes, and a home stands in one place of each run. A track is one metric of one
device; its number begins with its home's, so that a home is a range.
"""
# ruff: noqa: S608  # only constants of ours stand in these texts; what comes from outside is a parameter

TRACKS_OF_HOME = 1 << 16
"""Numbers kept for the metrics of one home's devices; a home has some dozens. The upper half is for heartbeats."""

BEATS_FROM = TRACKS_OF_HOME // 2

FIRST_TURN = -(1 << 40)
TURN = f"CASE WHEN seq < 0 THEN {FIRST_TURN} - seq ELSE seq END"
"""The order of what was observed at one moment: without a seq -1, -2, ... as they came, then by seq."""

FIVE_MS = 300_000
DAY_ORIGIN = "DATE '1970-01-01'"

_RAW = """track BIGINT NOT NULL, at_ms BIGINT NOT NULL, delay_ms BIGINT NOT NULL, value DOUBLE, txt VARCHAR,
  seq BIGINT NOT NULL, flags INTEGER NOT NULL"""
# of a roll-up, what equals the lowest value is NULL: a stretch with one reading costs little more than its place
_ROLLED = "n INTEGER NOT NULL, low DOUBLE NOT NULL, high DOUBLE, total DOUBLE, last DOUBLE"

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS track (id BIGINT PRIMARY KEY, home_id VARCHAR NOT NULL, device_id VARCHAR NOT NULL,
  metric VARCHAR NOT NULL, kind VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS fresh ({_RAW});
CREATE TABLE IF NOT EXISTS recent ({_RAW});
CREATE TABLE IF NOT EXISTS settled ({_RAW});
CREATE TABLE IF NOT EXISTS five (track BIGINT NOT NULL, slot INTEGER NOT NULL, {_ROLLED});
CREATE TABLE IF NOT EXISTS days (track BIGINT NOT NULL, day INTEGER NOT NULL, {_ROLLED});
CREATE TABLE IF NOT EXISTS cursor (seq BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS upkeep (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL);
CREATE OR REPLACE VIEW raw AS SELECT * FROM fresh UNION ALL SELECT * FROM recent UNION ALL SELECT * FROM settled;
CREATE OR REPLACE VIEW rolled AS SELECT track, slot, n, low, coalesce(high, low) AS high,
  coalesce(total, n * low) AS total, coalesce(last, low) AS last FROM five;
"""

OLD_TABLES = ("readings", "liveness")
"""Of a file before tracks: it is begun anew, and filled from the journal."""

# one list for each column: executemany is ninety times slower (measured: some 130 000 readings/s against 1 500)
APPEND = """INSERT INTO fresh SELECT unnest($1::BIGINT[]), unnest($2::BIGINT[]), unnest($3::BIGINT[]),
  unnest($4::DOUBLE[]), unnest($5::VARCHAR[]), unnest($6::BIGINT[]), unnest($7::INTEGER[])"""
APPEND_TRACKS = """INSERT INTO track SELECT unnest($1::BIGINT[]), unnest($2::VARCHAR[]), unnest($3::VARCHAR[]),
  unnest($4::VARCHAR[]), unnest($5::VARCHAR[])"""

READ = """SELECT track, at_ms, delay_ms, value, seq, flags FROM raw
  WHERE track BETWEEN $1 AND $2 AND at_ms >= $3 AND at_ms < $4"""
READ_WITH_TEXTS = READ.replace("value,", "value, txt,")
"""For homes that have texts: of forty thousand empty ones numpy makes as many objects, half the time of the query."""

CHANGES = f"""SELECT track, (at_ms - $3) // $5 AS bin, arg_max(value, rank), arg_max_null(before, rank)
  FROM (SELECT *, CASE WHEN kind = 'bool' THEN value ELSE value - before END AS rank FROM
    (SELECT track, kind, at_ms, value, flags, metric,
      lag(value) OVER (PARTITION BY track ORDER BY at_ms, {TURN}, delay_ms) AS before
      FROM raw JOIN track ON track.id = raw.track
      WHERE track BETWEEN $1 AND $2 AND txt IS NULL AND at_ms >= $3 - $6 AND at_ms < $4))
  WHERE at_ms >= $3 AND flags & $7 = 0 AND (CASE WHEN kind = 'bool'
    THEN value IS DISTINCT FROM before OR (value = 1 AND metric = $8) ELSE value > before END)
  GROUP BY track, bin"""

DAYS_TOUCHED = f"""SELECT DISTINCT track, (to_timestamp(at_ms // 1000) AT TIME ZONE $3)::DATE - {DAY_ORIGIN} AS day
  FROM fresh WHERE track BETWEEN $1 AND $2"""

COUNT = "SELECT count(*) FROM (SELECT DISTINCT track, at_ms, seq FROM raw)"

ONCE = "SELECT DISTINCT ON (track, at_ms, seq) track, at_ms, seq, value FROM raw"
FIGURES = f"""count(*) AS n, min(value) AS low, max(value) AS high, sum(value) AS total,
  arg_max(value, {{'at': at_ms, 'turn': {TURN}}}) AS last"""

BUCKETS = f"""SELECT track, at_ms // $5 AS bin, {FIGURES} FROM ({ONCE}
    WHERE track BETWEEN $1 AND $2 AND at_ms >= $3 AND at_ms < $4 AND value IS NOT NULL)
  GROUP BY track, bin"""

# what is fresh has touched its slots: those are counted anew, all others stand in the roll-up
TOUCHED = f"""SELECT track, at_ms // {FIVE_MS} AS slot FROM fresh
  WHERE track BETWEEN $1 AND $2 AND at_ms >= $3 AND at_ms < $4"""
REACH = f"SELECT min(slot) * {FIVE_MS}, (max(slot) + 1) * {FIVE_MS} FROM ({TOUCHED})"
ROLLED = f"""SELECT track, slot, n, low, high, total, last FROM rolled
  WHERE track BETWEEN $1 AND $2 AND slot >= $3 // {FIVE_MS} AND slot < $4 // {FIVE_MS}"""
SLOTS = f"""WITH touched AS (SELECT DISTINCT * FROM ({TOUCHED}))
  SELECT track, at_ms // {FIVE_MS} AS slot, {FIGURES} FROM ({ONCE}
      WHERE track BETWEEN $1 AND $2 AND at_ms >= $5 AND at_ms < $6 AND value IS NOT NULL)
    WHERE (track, at_ms // {FIVE_MS}) IN (SELECT (track, slot) FROM touched) GROUP BY track, slot
  UNION ALL SELECT * FROM ({ROLLED}) AS old
    WHERE NOT EXISTS (SELECT 1 FROM touched WHERE touched.track = old.track AND touched.slot = old.slot)"""
JOINED = "sum(n) AS n, min(low) AS low, max(high) AS high, sum(total) AS total, arg_max(last, slot) AS last"
DAYS_OF_SLOTS = f"""SELECT track, (to_timestamp(slot * 300) AT TIME ZONE $7)::DATE - {DAY_ORIGIN} AS day,
  {JOINED} FROM ({SLOTS}) GROUP BY track, day"""
DAYS = """SELECT track, day, n, low, coalesce(high, low), coalesce(total, n * low), coalesce(last, low) FROM days
  WHERE track BETWEEN $1 AND $2 AND day >= $3 AND day < $4"""
