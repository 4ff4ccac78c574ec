"""The numbers of one way, one pair of formats: from the header, from trials, their intervals, and time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from statistics import fmean
from typing import Any

from fitting import dot, quantile, ridge
from prediction_rows import Row, guess_of, is_own_way

from plume_app.domain.compression.model import DrawnPair, Model, inputs_of
from plume_app.domain.compression.routes import LOG_BITS_OF_A_MEGAPIXEL, Guess, is_whole

LEAST_ROWS = 8
_ENOUGH_FOLDERS, _FOLDS = 4, 5
_OPTIMISM = 2.0  # how much smaller errors look on the rows that were fitted
_FAR = 0.02  # of the curve's unit: nearer qualities are as good as tried
_UNTRIED = [-0.1, 0.1]  # the range of what tiles say where too few pictures tell
_ABSURD = 1.2  # a fit without a folder can lose its footing; no interval is wider than this
_FILE_MS = 2.0
_LOWEST, _HIGHEST = 0.1, 0.9
_ENOUGH_WHOLE, _LEAST_WHOLE = 20, 0.005
_LEAST_SHARE = 0.1
_TRIAL_STRENGTH = 4.0  # a trial is nearly right already

Columns = Callable[[Row], list[float]]
Target = Callable[[Row], float]
Errors = dict[int, float]  # by id of the row


def pair_of(pair: DrawnPair, by_header: list[Row], by_trial: list[Row], trial: Model) -> dict[str, Any]:
    """A pair of `model.json`. `by_header` are the rows that its header sends this way, `by_trial` those its pixels do.

    `trial` is a model with `prediction_rows.IDENTITY` for each pair.
    """
    guesses = {id(row): guess_of(row, trial, tried=True) for row in (*by_header, *by_trial)}

    def own(rows: list[Row]) -> list[Row]:
        mine = [row for row in rows if is_own_way(row, _trial_log(guesses[id(row)]))]
        return mine if len(mine) >= LEAST_ROWS else rows

    told: dict[str, Any] = {"rows": len(own(by_trial))}
    header, header_errors = _header(pair, own(by_header), trial)
    told |= header
    mine = own(by_trial)
    told |= _trials(pair, mine, guesses, trial, header_errors)
    if pair[3]:
        told["tiles_range"] = _with_other_ways(told, [row for row in by_trial if row not in mine], guesses)
    return told | _time(pair, by_trial, trial)


def _trial_log(guess: Guess) -> float | None:
    return guess.log if guess.measured else None


def _curve_at(pair: DrawnPair, trial: Model) -> Target:
    curve = trial.curves.get(pair[1])
    return lambda row: 0.0 if pair[2] or curve is None else curve[row.settings.quality]


def _header(pair: DrawnPair, rows: list[Row], trial: Model) -> tuple[dict[str, Any], Errors]:
    curve, at = trial.curves.get(pair[1]), _curve_at(pair, trial)
    clips = _clip([row.features.log_bpp for row in rows]), _clip([row.features.log_megapixels for row in rows])

    def columns(row: Row) -> list[float]:
        known = row.features.source_quality
        source = 0.0 if known is None or curve is None else curve[known]
        inputs = inputs_of(row.features, source, clips)
        quality = at(row)
        beyond = max(0.0, quality - source) if known is not None and not pair[2] else 0.0
        below = quality - beyond
        return [*map(float, inputs), below, below * inputs[1], beyond]

    def bits_out(row: Row) -> float:
        jump = 0.0
        if pair[1] == "jpeg" and not pair[2] and row.settings.quality >= 90 and row.features.channels >= 3:
            jump = trial.colour_jump if row.features.subsampling in (None, "4:4:4") else 0.0
        return row.log_image + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels - jump

    weights = ridge([columns(row) for row in rows], [bits_out(row) for row in rows])
    header = {
        "inputs": [round(weight, 4) for weight in weights[:-3]],
        "slopes": [round(weight, 4) for weight in weights[-3:]],
        "clips": [[round(value, 3) for value in clip] for clip in clips],
    }
    errors = _left_out(rows, columns, bits_out)
    return {"header": header, "header_range": _range(errors.values())}, errors


def _trials(
    pair: DrawnPair, rows: list[Row], guesses: dict[int, Guess], trial: Model, header_errors: Errors
) -> dict[str, Any]:
    at = _curve_at(pair, trial)

    def columns(row: Row) -> list[float]:
        log = guesses[id(row)].log
        return [1.0, log + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels, at(row)]

    def off(row: Row) -> float:
        return row.log_image - guesses[id(row)].log

    def was_whole(row: Row) -> bool:
        return row.probe is not None and is_whole(row.probe, lossless=pair[2])

    measured = [row for row in rows if guesses[id(row)].measured]
    near = [row for row in measured if guesses[id(row)].high == 0.0]
    told: dict[str, Any] = {}
    told["tiles"], errors = _correction([row for row in near if not was_whole(row)], columns, off)
    told["header_share"] = 0.0 if pair[2] else _header_share(errors, header_errors)
    told["tiles_range"] = _range(_blended(errors, header_errors, told["header_share"]), 0.01) if errors else _UNTRIED
    whole = [off(row) for row in near if was_whole(row)]  # by the encoder as it is: nothing to correct
    told["whole"], told["whole_range"] = [0.0, 0.0, 0.0], [-_LEAST_WHOLE, _LEAST_WHOLE]
    if len(whole) >= _ENOUGH_WHOLE:
        told["whole_range"] = _range(whole, _LEAST_WHOLE)
    width = max(map(abs, told["tiles_range"]))
    drifted = []
    for row in measured:
        distance = guesses[id(row)].high
        if distance > _FAR:
            correction = told["whole"] if was_whole(row) else told["tiles"]
            beyond = abs(off(row) - dot(correction, columns(row))) - width
            drifted.append(max(0.0, beyond) / distance)
    told["drift"] = round(quantile(drifted, 0.8), 3) if len(drifted) >= LEAST_ROWS else 0.15
    return told


def _with_other_ways(told: dict[str, Any], others: list[Row], guesses: dict[int, Guess]) -> list[float]:
    """The range of tiles where the engine may find another way smaller, as it does for drawings: both belong in it."""
    low, high = told["tiles_range"]
    offs = [row.log_image - guesses[id(row)].log for row in others if guesses[id(row)].measured]
    if len(offs) < LEAST_ROWS:
        return [low, high]
    share = len(offs) / (len(offs) + told["rows"])
    other = _range(offs)
    return [round((1 - share) * low + share * min(low, other[0]), 4), high]


def _correction(rows: list[Row], columns: Columns, target: Target) -> tuple[list[float], Errors]:
    if len(rows) < LEAST_ROWS:
        return [0.0, 0.0, 0.0], {}
    weights = ridge([columns(row) for row in rows], [target(row) for row in rows], _TRIAL_STRENGTH)
    if weights[2] < 0:  # a size could fall where quality rises
        with_curve, columns = columns, lambda row: [*with_curve(row)[:2], 0.0]
        weights = ridge([columns(row) for row in rows], [target(row) for row in rows], _TRIAL_STRENGTH)
    return [round(weight, 4) for weight in weights], _left_out(rows, columns, target, _TRIAL_STRENGTH)


def _header_share(trial_errors: Errors, header_errors: Errors) -> float:
    """How much the header has to say beside the tiles; little is nothing, and costs no time."""
    if not trial_errors.keys() & header_errors.keys():
        return 0.0
    shares = [step / 20 for step in range(13)]
    best = min(shares, key=lambda share: fmean(map(abs, _blended(trial_errors, header_errors, share))))
    return best if best >= _LEAST_SHARE else 0.0


def _blended(trial_errors: Errors, header_errors: Errors, share: float) -> list[float]:
    return [error + share * (header_errors.get(at, error) - error) for at, error in trial_errors.items()]


def _time(pair: DrawnPair, rows: list[Row], trial: Model) -> dict[str, Any]:
    at = _curve_at(pair, trial)

    def columns(row: Row) -> list[float]:
        bits = row.log_image + LOG_BITS_OF_A_MEGAPIXEL - row.features.log_megapixels
        return [1.0, row.features.log_megapixels, at(row), row.features.log_bpp, bits]

    def log_ms(row: Row) -> float:
        return math.log(max(0.3, row.ms - _FILE_MS))

    one_way = [row for row in rows if row.probe is None or not row.probe.both_ways]
    rows = one_way if len(one_way) >= LEAST_ROWS else rows
    weights = ridge([columns(row) for row in rows], [log_ms(row) for row in rows])
    return {
        "time": [round(weight, 4) for weight in weights],
        "time_range": _range(_left_out(rows, columns, log_ms).values(), least=0.05),
    }


def _left_out(rows: list[Row], columns: Columns, target: Target, strength: float = 1.0) -> Errors:
    """The errors of each folder's rows, by a fit on the others; by fifths of the files where there are few."""
    folders = {row.folder for row in rows}

    def group(row: Row) -> str:
        return row.folder if len(folders) >= _ENOUGH_FOLDERS else str(sum(row.source.split()[0].encode()) % _FOLDS)

    errors: Errors = {}
    for left in sorted({group(row) for row in rows}):
        others = [row for row in rows if group(row) != left]
        if len(others) < LEAST_ROWS:
            continue
        weights = ridge([columns(row) for row in others], [target(row) for row in others], strength)
        errors |= {id(row): target(row) - dot(weights, columns(row)) for row in rows if group(row) == left}
    if errors:
        return errors
    weights = ridge([columns(row) for row in rows], [target(row) for row in rows], strength)
    return {id(row): _OPTIMISM * (target(row) - dot(weights, columns(row))) for row in rows}  # too few to leave any out


def _clip(values: list[float]) -> tuple[float, float]:
    return round(quantile(values, 0.01), 3), round(quantile(values, 0.99), 3)


def _range(errors: Iterable[float], least: float = 0.003) -> list[float]:
    several = list(errors)
    low, high = quantile(several, _LOWEST), quantile(several, _HIGHEST)
    return [round(max(-_ABSURD, min(-least, low)), 4), round(min(_ABSURD, max(least, high)), 4)]
