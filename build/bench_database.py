"""How long the database takes with a million results: `python3 build/dev.py bench-database [--rows N] [--even]`.

Rows are drawn in a temporary folder, as three years of use leave them: batches of 1,000 files, each at one time of
its own (`--even`: every row at a time of its own, which no use does and which is the worst for kept sums). The
program itself holds no made-up rows. Every figure is the median of five, in processor and in wall time.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from plume_app.database.connection import Database
from plume_app.database.migrations import MIGRATIONS
from plume_app.database.opening import open_database
from plume_app.database.queries.batches import add_jobs, create_batch, history
from plume_app.database.queries.clearing import clear_statistics, restore_statistics, wrong_aggregates
from plume_app.database.queries.learning import recent_lessons
from plume_app.database.queries.overview import history_lines
from plume_app.database.queries.results import JobResult, StatsRow, record
from plume_app.database.queries.statistics import stats
from plume_app.database.queries.wins import biggest_wins
from plume_app.domain.shared.moments import moment_text

YEARS = 3
BATCH = 1_000
GROUP = 100  # results in one transaction
ROUNDS = 5
FORMATS = ("jpeg", "png", "webp")
NOW = datetime(2026, 6, 17, 15, 20, tzinfo=UTC)


def main() -> None:
    """Fill, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--even", action="store_true", help="every row at a time of its own")
    parser.add_argument("--keep", type=Path, help="a folder to leave the database in")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="plume-bench-") as folder:
        path = Path(folder) / "plume.sqlite3"
        print(f"{asked.rows:,} rows, {'each at a time of its own' if asked.even else f'in batches of {BATCH:,}'}")
        fill(path, asked.rows, even=asked.even)
        tell("migrate version 1 to the newest", *timed(lambda: open_database(path).close(), rounds=1))
        print(f"{'size of the file':44}{path.stat().st_size / 1e6:10.0f} MB")
        measure(path)
        if asked.keep:
            shutil.copytree(folder, asked.keep, dirs_exist_ok=True)


def measure(path: Path) -> None:
    """Every question of the Statistics page, of a start, and of recording."""
    tell("open", *timed(lambda: open_database(path).close()))
    db = open_database(path)
    midnight = NOW.replace(hour=0, minute=0)
    with db.connection_context():
        for name, since in (
            ("all time", None),
            ("a year", NOW - timedelta(days=365)),
            ("this month", midnight.replace(day=1)),
            ("today", midnight),
        ):
            tell(f"get_stats, {name}", *timed(partial(stats, db, since=since, utc_offset_minutes=330)))
            tell(f"biggest_wins, {name}", *timed(partial(biggest_wins, db, since=since)))
        tell("recent_lessons", *timed(lambda: recent_lessons(db)))
        tell("get_history, 20 batches", *timed(lambda: history(db, limit=20)))
        tell("clear the statistics and take it back", *timed(lambda: clear_and_restore(db)))
        rate(db)
        tell("read the history for an export", *timed(lambda: sum(1 for _ in history_lines(db)), rounds=1))
        wrong: list[str] = []
        tell("compare the kept sums with the rows", *timed(lambda: wrong.extend(wrong_aggregates(db)), rounds=1))
        print(f"kept sums that are wrong: {wrong or 'none'}")


def fill(path: Path, rows: int, *, even: bool) -> None:
    """A database of version 1, as its Plume would have left it."""
    db = open_database(path, steps=MIGRATIONS[:1])
    draw = random.Random(1)  # noqa: S311 - nothing secret
    start = NOW - timedelta(days=365 * YEARS)
    whole = timedelta(days=365 * YEARS)
    settings = json.dumps({"output_format": "keep", "quality": 80, "lossless": False})
    for first in range(0, rows, BATCH):
        begun = start + whole * (first / rows)
        count = min(BATCH, rows - first)
        with db.write() as connection:
            batch = connection.execute(
                "INSERT INTO batches (owner, created_at, finished_at, settings, output, files, state)"
                " VALUES ('1:1:', ?, ?, ?, '{\"policy\": \"suffix\"}', ?, 'finished')",
                (moment_text(begun), moment_text(begun), settings, count),
            ).lastrowid
            drawn = list(drawn_rows(draw, first, count, begun, whole if even else None))
            connection.executemany(
                "INSERT INTO jobs (id, batch_id, path, state, writes, output_path, source_hash, result_hash,"
                " settings_hash, original_size, compressed_size) VALUES (?, ?, ?, 'written', 1, ?, ?, ?, ?, ?, ?)",
                (
                    (job, batch, b"/in/%d.jpg" % job, b"/out/%d.jpg" % job, digest(job), digest(-job), "0" * 64, a, b)
                    for job, _, _, a, b, _, _ in drawn
                ),
            )
            connection.executemany(
                "INSERT INTO compression_stats (job_id, batch_id, input_format, output_format, original_size,"
                " compressed_size, original_disk_size, compressed_disk_size, predicted_size, created_at,"
                " compression_time_ms, quality, lossless, effort, width, height, codec_version, source_hash,"
                " settings_hash, features) VALUES"
                " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 120, 80, 0, 'balanced', 4000, 3000, 'v 1', ?, ?, ?)",
                (
                    (
                        *(job, batch, x, y, a, b, -(-a // 4096) * 4096, -(-b // 4096) * 4096, p, at),
                        *(digest(job), "0" * 64, FEATURES),
                    )
                    for job, x, y, a, b, p, at in drawn
                ),
            )
    db.close()


# As long as what jobs/prediction.py writes.
FEATURES = '{"picture":{"format":"jpeg","width":4000,"height":3000,"file_size":900000},"model":{"size":490000,"ms":90}}'


def drawn_rows(
    draw: random.Random, first: int, count: int, begun: datetime, whole: timedelta | None
) -> Iterator[tuple[int, str, str, int, int, int, str]]:
    """Job, formats, sizes, predicted size and moment of each file of one batch."""
    for number in range(count):
        original = draw.randint(20_000, 9_000_000)
        compressed = 1 + int(original * draw.betavariate(2, 3) * 1.2)
        at = begun + timedelta(milliseconds=150 * number) if whole is None else NOW - whole * draw.random()
        yield (
            first + number + 1,
            *(draw.choice(FORMATS), draw.choice(FORMATS), original, compressed),
            max(1, int(compressed * draw.gauss(1, 0.05))),
            moment_text(at),
        )


def digest(number: int) -> str:
    """A hash that nothing else has, as indexes meet them: in no order."""
    return f"{number * 0x9E3779B97F4A7C15 & (1 << 256) - 1:064x}"[::-1]


def rate(db: Database) -> None:
    """Results a second, recorded as the queue records them, with everything that the database keeps of them."""
    count = 20_000
    batch = create_batch(db, owner="1:1:", settings={}, output={}, now=NOW)
    jobs = add_jobs(db, batch, [b"/new/%d.jpg" % number for number in range(count)])
    row = StatsRow("jpeg", "jpeg", 900_000, 500_000, 9, 80, False, "fast", 9, 9, "v 1", 4096, 4096, 490_000, FEATURES)

    def work() -> None:
        for first in range(0, count, GROUP):
            group = jobs[first : first + GROUP]
            record(db, [JobResult(one, "written", stats=row, result_hash=digest(one)) for one in group], now=NOW)

    cpu, wall = timed(work, rounds=1)
    name = f"results recorded, {GROUP} at a time"
    print(f"{name:44}{count / cpu:10,.0f} a second of processor time, {count / wall:,.0f} of wall time")


def clear_and_restore(db: Database) -> None:
    """Both, since the first alone would change what is measured next."""
    clear_statistics(db, NOW)
    restore_statistics(db)


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Processor and wall seconds, the median."""
    spent = []
    for _ in range(rounds):
        used, began = processor_s(), time.perf_counter()
        work()
        spent.append((processor_s() - used, time.perf_counter() - began))
    return statistics.median(one[0] for one in spent), statistics.median(one[1] for one in spent)


def processor_s() -> float:
    """User and system time of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def tell(name: str, cpu: float, wall: float) -> None:
    """One line."""
    print(f"{name:44}{cpu * 1000:10,.1f} ms processor {wall * 1000:10,.1f} ms wall")


if __name__ == "__main__":
    main()
