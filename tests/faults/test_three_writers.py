"""A window that compresses while two command lines do: one database, three processes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import backstage
import images
from command_line import Plume, Ran
from plume_app.database.queries.batches import history
from plume_app.database.queries.clearing import wrong_aggregates
from plume_app.database.queries.statistics import stats

FILES, RUNS = 12, 2


def test_t51_window_and_two_command_lines_write_at_once_and_no_row_is_lost(tmp_path: Path) -> None:
    places = [tmp_path / name for name in ("window", "first", "second")]
    for place in places:
        (place / "in").mkdir(parents=True)
        for number in range(FILES):
            (place / "in" / f"{number}.png").write_bytes(images.png_bytes(images.photo(24, 16, seed=number)))
    window = backstage.Desktop(tmp_path / "data")
    window.add(places[0] / "in")

    def compress_twice(place: Path) -> list[Ran]:
        plume = Plume(place, tmp_path / "data")
        return [plume("compress", "in", "-o", f"out{run}", "-j", "1", "--json") for run in range(RUNS)]

    with ThreadPoolExecutor(2) as threads:
        command_lines = [threads.submit(compress_twice, place) for place in places[1:]]
        finished = []
        for run in range(RUNS):
            window.call("remove_files")
            window.add(places[0] / "in")
            output = {"policy": "suffix", "suffix": f"_{run}", "folder_id": None}
            finished.append(window.compress(settings={"output_format": "webp"}, output=output))
        ran = [one for runs in command_lines for one in runs.result()]

    assert [one.err for one in ran] == [""] * 4
    assert [one.summary["written"] + one.summary["kept"] for one in ran] == [FILES] * 4
    assert [one.failed for one in finished] == [0, 0]
    rows = history(window.db)
    assert sorted(row.state for row in rows) == ["finished"] * 6
    assert sum(row.written + row.kept for row in rows) == sum(row.files for row in rows)
    assert stats(window.db).totals.files == window.db.sql("SELECT count(*) FROM compression_stats")[0][0]
    assert wrong_aggregates(window.db) == []
    window.close()
