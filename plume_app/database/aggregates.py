"""Version 2's SQL: sums and histograms that the database keeps by triggers, so that no question reads every row.

Released with version 2 and never edited, like the step that runs it. What a row of `compression_stats` adds:

- `statistics_pairs`: to the sums of its pair of formats, in its month, its day and its hour (`level` is the
  length of the prefix of `created_at` that is the `span`: 7, 10, 13). A range is whole months, the whole days and
  whole hours left at its edges, and the rows of at most two hours.
- `statistics_spread`: to two histograms of the same spans. `left`: what is left of the file, in half percents of
  the original; 200 and above saved nothing, 400 is twice the size or more. `forecast`: predicted size in thousandths
  of the real one, in steps of ten beyond 10 % off; 2000 is twice or more.
- `statistics_quarters`: to the sums of its quarter of an hour (seconds since 1970 / 900). Every time zone is off UTC
  by whole quarters, so the days of any user are whole numbers of them.

An era (`statistics_eras`) begins with a row's id: clearing the statistics begins one, and questions count the eras
after the clearing. Rows of an era that was purged count nowhere.
"""

from __future__ import annotations

import sqlite3

MONTH, DAY, HOUR = 7, 10, 13
COUNTED = (
    *("files", "original_size", "compressed_size", "original_disk_size", "compressed_disk_size"),
    *("predicted", "intervals", "within"),
)
PLAIN = COUNTED[:5]  # what the quarters count
_PAIR_KEY = ("era", "level", "span", "input_format", "output_format")
_SPREAD_KEY = ("era", "level", "span", "kind", "bucket")
_QUARTER_KEY = ("era", "quarter")
_TABLES = ("statistics_pairs", "statistics_spread", "statistics_quarters")
_CHANGES_SUMS = (
    "input_format, output_format, original_size, compressed_size, original_disk_size, compressed_disk_size,"
    " predicted_size, predicted_low, predicted_high, undone, created_at"
)


def worth(row: str) -> tuple[str, ...]:
    """What one row adds to each of COUNTED; `row` is its name in the statement."""
    forecast = f"{row}.predicted_size IS NOT NULL AND {row}.compressed_size > 0"
    interval = f"{forecast} AND {row}.predicted_low IS NOT NULL AND {row}.predicted_high IS NOT NULL"
    return (
        "1",
        f"{row}.original_size",
        f"{row}.compressed_size",
        f"iif({row}.compressed_disk_size IS NULL, 0, coalesce({row}.original_disk_size, 0))",
        f"iif({row}.original_disk_size IS NULL, 0, coalesce({row}.compressed_disk_size, 0))",
        f"({forecast})",
        f"({interval})",
        f"({interval} AND {row}.compressed_size BETWEEN {row}.predicted_low AND {row}.predicted_high)",
    )


def spread(row: str) -> dict[str, tuple[str, str]]:
    """Of each histogram the bucket of a row, and the condition that it has one. Whole numbers throughout."""
    real = f"{row}.compressed_size"
    share = f"1000 * {row}.predicted_size / {real}"
    coarse = f"min(2000, 100 * {row}.predicted_size / {real} * 10)"
    return {
        "left": (f"min(400, 200 * {real} / {row}.original_size)", f"{row}.original_size > 0"),
        "forecast": (
            f"CASE WHEN {share} BETWEEN 900 AND 1099 THEN {share} ELSE {coarse} END",
            f"{row}.predicted_size IS NOT NULL AND {real} > 0",
        ),
    }


def quarter(row: str) -> str:
    """The quarter of an hour of a row."""
    return f"coalesce(CAST(strftime('%s', {row}.created_at) AS INTEGER) / 900, 0)"


def era(row: str) -> str:
    """The era of a row; NULL when it was purged."""
    return f"(SELECT max(first_id) FROM statistics_eras WHERE first_id <= {row}.id)"  # noqa: S608 - literals only, here and below


def create_aggregates(connection: sqlite3.Connection) -> None:
    """Adds the columns of predictions, the tables, the triggers, and the sums of the rows that are there."""
    size = "{0} IS NULL OR typeof({0}) = 'integer' AND {0} BETWEEN 0 AND 1000000000000000"
    for column in (
        f"predicted_low INTEGER CHECK ({size.format('predicted_low')})",
        (
            f"predicted_high INTEGER CHECK ({size.format('predicted_high')})"
            " CHECK (predicted_high IS NULL OR predicted_low IS NULL OR predicted_low <= predicted_high)"
        ),
        (
            "predicted_time_ms INTEGER CHECK (predicted_time_ms IS NULL OR typeof(predicted_time_ms) = 'integer'"
            " AND predicted_time_ms BETWEEN 0 AND 604800000)"
        ),
        "prediction_basis TEXT CHECK (prediction_basis IS NULL OR length(prediction_basis) BETWEEN 1 AND 32)",
    ):
        connection.execute(f"ALTER TABLE compression_stats ADD COLUMN {column}")
    for statement in (*_TABLE_STATEMENTS, *_INDEXES):
        connection.execute(statement)
    _begin_eras(connection)
    fill(connection)
    for statement in _triggers():
        connection.execute(statement)


def fill(connection: sqlite3.Connection) -> None:
    """Sums every row anew. The caller holds the transaction."""
    for table in _TABLES:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608
    for target, question in sums():
        connection.execute(f"INSERT INTO {target} {question}")


def sums() -> list[tuple[str, str]]:
    """Each part of the aggregates and the select that makes it: hours of the rows, then the levels of the hours."""
    total = ", ".join(f"sum({one})" for one in worth("s"))
    added = ", ".join(f"sum({name})" for name in COUNTED)
    plain = ", ".join(f"sum({one})" for one in worth("s")[: len(PLAIN)])
    rows = f"FROM compression_stats AS s WHERE s.undone = 0 AND {era('s')} IS NOT NULL"
    hour = f"{era('s')}, {HOUR}, substr(s.created_at, 1, {HOUR})"
    parts = [
        ("statistics_pairs", f"SELECT {hour}, s.input_format, s.output_format, {total} {rows} GROUP BY 1, 3, 4, 5"),
        ("statistics_quarters", f"SELECT {era('s')}, {quarter('s')}, {plain} {rows} GROUP BY 1, 2"),
    ]
    for kind, (bucket, known) in spread("s").items():
        question = f"SELECT {hour}, '{kind}', {bucket}, count(*) {rows} AND {known} GROUP BY 1, 3, 5"
        parts.append(("statistics_spread", question))
    for level, below in ((DAY, HOUR), (MONTH, DAY)):
        span = f"SELECT era, {level}, substr(span, 1, {level})"
        group = f"WHERE level = {below} GROUP BY 1, 3, 4, 5"
        parts.append(
            ("statistics_pairs", f"{span}, input_format, output_format, {added} FROM statistics_pairs {group}")
        )
        parts.append(("statistics_spread", f"{span}, kind, bucket, sum(files) FROM statistics_spread {group}"))
    return parts


def _begin_eras(connection: sqlite3.Connection) -> None:
    """One era for all, or more where version 1 remembered a clearing."""
    known = "FROM settings WHERE key = 'statistics_cleared' AND json_valid(value)"
    connection.execute(
        "INSERT INTO statistics_eras SELECT 1"
        f" UNION SELECT coalesce(json_extract(value, '$.before'), 0) + 1 {known}"
        f" UNION SELECT coalesce(json_extract(value, '$.upto'), 0) + 1 {known}"
    )


def _columns(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name} INTEGER NOT NULL" for name in names)


_SPAN = "era INTEGER NOT NULL, level INTEGER NOT NULL, span TEXT NOT NULL"
_TABLE_STATEMENTS = (
    "CREATE TABLE statistics_eras (first_id INTEGER PRIMARY KEY)",
    (
        f"CREATE TABLE statistics_pairs ({_SPAN}, input_format TEXT NOT NULL, output_format TEXT NOT NULL,"
        f" {_columns(COUNTED)}, PRIMARY KEY ({', '.join(_PAIR_KEY)})) WITHOUT ROWID"
    ),
    (
        f"CREATE TABLE statistics_spread ({_SPAN}, kind TEXT NOT NULL, bucket INTEGER NOT NULL,"
        f" files INTEGER NOT NULL, PRIMARY KEY ({', '.join(_SPREAD_KEY)})) WITHOUT ROWID"
    ),
    (
        f"CREATE TABLE statistics_quarters (era INTEGER NOT NULL, quarter INTEGER NOT NULL, {_columns(PLAIN)},"
        " PRIMARY KEY (era, quarter)) WITHOUT ROWID"
    ),
)
_INDEXES = (
    (
        "CREATE INDEX compression_stats_wins ON compression_stats (substr(created_at, 1, 10),"
        " original_size - compressed_size DESC, created_at) WHERE undone = 0 AND compressed_size < original_size"
    ),
    (
        "CREATE INDEX compression_stats_features ON compression_stats (input_format, output_format, lossless, id)"
        " WHERE features IS NOT NULL"
    ),
)


def _triggers() -> tuple[str, ...]:
    def trigger(name: str, event: str, *parts: str, when: str = "") -> str:
        body = " ".join(f"{part};" for part in parts)
        return f"CREATE TRIGGER statistics_{name} AFTER {event} ON compression_stats {when} BEGIN {body} END"

    return (
        trigger("added", "INSERT", *_counting("NEW", "+")),
        trigger("changed", f"UPDATE OF {_CHANGES_SUMS}", *_counting("OLD", "-"), *_counting("NEW", "+")),
        trigger("removed", "DELETE", *_counting("OLD", "-"), when=f"WHEN {era('OLD')} IS NOT NULL"),
    )


def _counting(row: str, sign: str) -> list[str]:
    """The statements that add a row to every sum it belongs to, or take it away."""
    counts = f"{row}.undone = 0 AND e.first_id = {era(row)}"
    span = f"SELECT e.first_id, l.column1, substr({row}.created_at, 1, l.column1)"
    levels = f"FROM statistics_eras AS e, (VALUES ({MONTH}), ({DAY}), ({HOUR})) AS l WHERE {counts}"
    values = [f"{sign}{one}" for one in worth(row)]
    pairs = f"{row}.input_format, {row}.output_format, {', '.join(values)} {levels}"
    quarters = f"{quarter(row)}, {', '.join(values[: len(PLAIN)])} FROM statistics_eras AS e WHERE {counts}"
    statements = [
        f"INSERT INTO statistics_pairs {span}, {pairs} {_on_conflict(_PAIR_KEY, COUNTED)}",
        f"INSERT INTO statistics_quarters SELECT e.first_id, {quarters} {_on_conflict(_QUARTER_KEY, PLAIN)}",
    ]
    for kind, (bucket, known) in spread(row).items():
        statements.append(
            f"INSERT INTO statistics_spread {span}, '{kind}', {bucket}, {sign}1 {levels} AND {known}"
            f" {_on_conflict(_SPREAD_KEY, ('files',))}"
        )
    return statements


def _on_conflict(key: tuple[str, ...], names: tuple[str, ...]) -> str:
    """Adds to the row that is there. SQLite before 3.35 (Red Hat 9 has 3.34) wants the key named."""
    added = ", ".join(f"{name} = {name} + excluded.{name}" for name in names)
    return f"ON CONFLICT ({', '.join(key)}) DO UPDATE SET {added}"
