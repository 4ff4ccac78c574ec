"""The scripts that fit and judge predictions, on a handful of drawn pictures."""

from __future__ import annotations

import json
import random
from pathlib import Path

import fit_model
import prediction_trial
import predictions
import pytest
from fitting import quantile, ridge
from prediction_data import draw
from prediction_rows import TEST_FOLDERS, rows_of

from images import exif_bytes, jpeg_bytes, photo, png_bytes
from plume_app.domain.compression.model import from_json


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two kinds of pictures; one of them the model must not see."""
    at = tmp_path_factory.mktemp("pictures")
    for name in ("holiday", TEST_FOLDERS[0]):
        (at / name).mkdir()
        for seed in range(3):
            image = photo(112 + 16 * seed, 112, seed=seed)
            data = png_bytes(image) if seed % 2 else jpeg_bytes(image, quality=90, exif=exif_bytes(orientation=1))
            (at / name / f"{seed}.{'png' if seed % 2 else 'jpg'}").write_bytes(data)
    return at


def test_weights_are_found_again_and_an_outlier_does_not_bend_them() -> None:
    chance = random.Random(4)
    rows = [[1.0, chance.uniform(-1, 1), chance.uniform(-5, 5)] for _ in range(200)]
    targets = [3 + 2 * row[1] - 0.5 * row[2] for row in rows]
    targets[7] = 900.0

    assert ridge(rows, targets, strength=0.01) == pytest.approx([3, 2, -0.5], abs=0.02)


def test_a_column_that_never_changes_gets_no_weight() -> None:
    assert ridge([[1.0, 5.0], [1.0, 5.0], [1.0, 5.0]], [2.0, 2.0, 2.0]) == pytest.approx([2.0, 0.0])


def test_quantiles_lie_between_the_values() -> None:
    assert [quantile([3.0, 1.0, 2.0], share) for share in (0.0, 0.25, 0.5, 1.0)] == [1.0, 1.5, 2.0, 3.0]


def test_what_was_drawn_is_not_drawn_again_and_can_be_looked_at_anew(folder: Path, tmp_path: Path) -> None:
    first = draw(folder, tmp_path, 600)
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8")

    assert draw(folder, tmp_path, 0) == first
    assert (tmp_path / "records.jsonl").read_text(encoding="utf-8") == lines
    again = draw(folder, tmp_path, 0, again=True)
    assert [one["size"] for one in again] == [one["size"] for one in first]
    assert [one["probe"] for one in again] == [one["probe"] for one in first]


def test_the_fit_sees_none_of_the_folders_it_is_judged_by(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "model.json"
    how = [str(folder), "--cache", str(tmp_path), "--seconds", "600"]

    assert fit_model.main([*how, "--output", str(written)]) == 0
    told = json.loads(written.read_text(encoding="utf-8"))
    assert told["provenance"]["folders"] == ["holiday"]
    assert from_json(told).pairs
    assert predictions.main([*how, "--svg", str(tmp_path / "curve.svg")]) == 0

    said = capsys.readouterr().out
    rows = rows_of(draw(folder, tmp_path, 0))
    unseen = [row for row in rows if row.folder == TEST_FOLDERS[0]]
    assert f"{len(unseen)} predictions" in said
    assert "mean ratio" in said
    assert (tmp_path / "curve.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_trial_tells_the_total_before_the_run_and_after_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prediction_trial.print_trial(folder, ways={"webp": ("-f", "webp")}, own=2, batch=3) == 0

    cold, warm = (line for line in capsys.readouterr().out.splitlines() if line.startswith("  webp"))
    assert cold.split("came")[1].split(":")[0] == warm.split("came")[1].split(":")[0]
    off = float(cold.rpartition(": ")[2].partition("%")[0])
    assert abs(off) < 25


def test_the_trial_has_distinct_photographs_and_none_of_one_picture_on_both_sides(folder: Path, tmp_path: Path) -> None:
    own, batch = prediction_trial.sets_of(folder, tmp_path, 4, 6)

    found = [path.read_bytes() for path in (*own.iterdir(), *batch.iterdir())]
    assert len(set(found)) == 4 + 6
    with pytest.raises(ValueError, match="too few"):
        prediction_trial.sets_of(tmp_path, tmp_path / "none", 1, 1)
