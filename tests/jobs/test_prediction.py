from __future__ import annotations

import json
from dataclasses import replace

import pytest

import images
from plume_app.database.queries.learning import Lesson
from plume_app.domain.compression.estimate import estimate
from plume_app.domain.compression.features import Features
from plume_app.domain.compression.settings import Settings
from plume_app.jobs.feeding import header_in
from plume_app.jobs.prediction import Prediction, from_header, learned_from

DATA = images.jpeg_bytes(images.photo(300, 200), quality=95)
SETTINGS = Settings(quality=70)


def lesson(prediction: Prediction, times: float) -> Lesson:
    size = round(times * prediction.estimate.model_size)
    return Lesson("jpeg", "jpeg", "1", size, 20, prediction.to_json())


def test_a_file_that_nobody_was_told_about_is_judged_by_its_header() -> None:
    found = from_header(DATA, header_in(DATA), SETTINGS)

    assert not found.shown
    assert (found.features.width, found.features.source_quality) == (300, 95)
    assert Features.from_json(json.loads(found.to_json())["picture"]) == found.features


def test_results_a_fifth_larger_than_guessed_raise_the_next_guess() -> None:
    found = from_header(DATA, header_in(DATA), SETTINGS)
    learned = learned_from([lesson(found, 1.2)] * 50)
    better = estimate(found.features, SETTINGS, learned=learned)

    assert better.basis == "learned"
    assert better.sample_count == 50
    assert better.compressed_size == pytest.approx(1.2 * found.estimate.compressed_size, rel=0.03)


def test_a_prediction_that_was_corrected_teaches_what_the_model_said_before() -> None:
    found = from_header(DATA, header_in(DATA), SETTINGS)
    learned = learned_from([lesson(found, 1.2)] * 50)
    corrected = replace(found, estimate=estimate(found.features, SETTINGS, learned=learned))

    assert learned_from([lesson(corrected, 1.2)] * 50) == learned


def test_rows_of_an_older_codec_and_rows_without_a_prediction_teach_nothing() -> None:
    found = from_header(DATA, header_in(DATA), SETTINGS)
    newest, older = lesson(found, 1.0), replace(lesson(found, 2.0), codec_version="0")
    broken = [replace(newest, features=text) for text in (None, "", "[]", "{}", '{"model": {"size": "x"}}', "null")]

    assert learned_from([newest, *[older] * 20, *broken]) == learned_from([newest])
    assert learned_from([]).bias == {}
