from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backstage import Heard
from plume_app.database.connection import Database
from plume_app.database.opening import open_database
from plume_app.database.queries.overview import HistoryLine
from plume_app.domain.shared.errors import DiskFull, InvalidRequest
from plume_app.events import Notice
from plume_app.jobs.exporting import Exporting

LINE = HistoryLine(1, 1, "2026-03-04T05:06:07.000Z", b"/in/a.png", None, "kept", *(None,) * 7)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return open_database(tmp_path / "data" / "plume.sqlite3")


def test_an_export_answers_at_once_and_a_second_one_waits_for_its_end(db: Database, tmp_path: Path) -> None:
    go, heard = threading.Event(), Heard()

    def lines(_: Database) -> Iterator[HistoryLine]:
        yield LINE
        go.wait(60)

    export = Exporting(db, emit=heard.emit, lines=lines)
    export.begin(tmp_path / "a.json", "json")
    assert not (tmp_path / "a.json").exists()
    with pytest.raises(InvalidRequest):
        export.begin(tmp_path / "b.json", "json")
    go.set()

    assert heard.wait(Notice).facts == {"path": str(tmp_path / "a.json"), "rows": 1}
    assert (tmp_path / "a.json").exists()
    export.close()


def test_an_export_that_fails_half_way_says_so_and_leaves_nothing(db: Database, tmp_path: Path) -> None:
    def lines(_: Database) -> Iterator[HistoryLine]:
        yield LINE
        raise DiskFull(folder=str(tmp_path))

    heard = Heard()
    export = Exporting(db, emit=heard.emit, lines=lines)
    export.begin(tmp_path / "a.csv", "csv")

    assert heard.wait(Notice).code == "export_failed"
    export.close()
    assert [one.name for one in tmp_path.iterdir()] == ["data"]


def test_closing_ends_an_export_and_leaves_the_old_file(db: Database, tmp_path: Path) -> None:
    begun = threading.Event()

    def lines(_: Database) -> Iterator[HistoryLine]:
        while True:
            begun.set()
            yield LINE

    (tmp_path / "a.csv").write_bytes(b"old")
    heard = Heard()
    export = Exporting(db, emit=heard.emit, lines=lines)
    export.begin(tmp_path / "a.csv", "csv")
    assert begun.wait(60)
    export.close()

    assert (tmp_path / "a.csv").read_bytes() == b"old"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "data"]
    assert heard.events == []
