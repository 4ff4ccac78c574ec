from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest

import backstage
from plume_app.bridge import COMMANDS, Command, answer_to, decode, functions
from plume_app.context import AppContext
from plume_app.domain.compression.settings import Settings
from plume_app.domain.shared.errors import InvalidRequest, SourceMissing

# One good request for each command; `Ids.settings` and so on are what a new list answers sensibly.
S: dict[str, Any] = Settings().to_json()
GOOD: dict[str, dict[str, Any]] = {
    "open_file": {},
    "open_folder": {},
    "take_drop": {},
    "add_paths": {"text": "/nowhere/a.png"},
    "get_files": {"offset": 0, "limit": 10, "sort": "-name", "filter": {"text": "a", "state": "all"}},
    "list_scrolled": {},
    "remove_files": {"file_ids": [1]},
    "get_estimate": {"file_ids": [1], "settings": S, "overrides": {"1": S}},
    "compress_image": {"settings": S, "output": {"policy": "suffix", "suffix": "_c", "folder_id": None}},
    "pause_batch": {"batch_id": 1},
    "resume_batch": {"batch_id": 1},
    "cancel_batch": {"batch_id": 1},
    "retry_failed": {"batch_id": 1},
    "cancel_jobs": {"file_ids": [1]},
    "get_preview": {"file_id": 1, "settings": S, "region": {"x": 0, "y": 0, "width": 9, "height": 9}, "scale": 1},
    "choose_output_folder": {},
    "reveal_file": {"job_id": 1},
    "get_stats": {"since": "2026-01-01T00:00:00.000Z"},
    "get_history": {"offset": 0, "limit": 10},
    "undo_batch": {"batch_id": 1},
    "export_history": {"format": "csv"},
    "reset_stats": {},
    "get_settings": {},
    "save_settings": {"theme": "dark", "workers": None},
    "list_presets": {},
    "save_preset": {"name": "Mine", "settings": S},
    "delete_preset": {"preset_id": "mine"},
    "get_formats": {},
    "get_snapshot": {},
    "get_database_info": {},
    "answer_close": {"quit": False},
}
EXPECTED_REFUSALS = {"invalid_request", "source_missing"}  # an empty list has no rows and no batches


@pytest.fixture
def plume(tmp_path: Path) -> Iterator[backstage.Desktop]:
    made = backstage.Desktop(tmp_path / "data")
    yield made
    made.close()


def test_every_command_is_tried_here() -> None:
    assert sorted(GOOD) == sorted(COMMANDS)


@pytest.mark.parametrize("name", GOOD)
def test_a_good_request_is_understood_and_its_answer_is_json(plume: backstage.Desktop, name: str) -> None:
    answer = plume.answer(name, json.loads(json.dumps(GOOD[name])))

    json.dumps(answer, allow_nan=False)
    if not answer["ok"]:
        assert answer["error"]["code"] in EXPECTED_REFUSALS
        assert "field" not in str(answer["error"]["facts"].get("problem", ""))


@pytest.mark.parametrize("name", GOOD)
def test_an_unknown_field_is_refused(plume: backstage.Desktop, name: str) -> None:
    answer = plume.answer(name, GOOD[name] | {"__class__": 1})

    assert answer["error"]["code"] == "invalid_request"


@pytest.mark.parametrize("name", [name for name, one in COMMANDS.items() if one.request is not None])
@pytest.mark.parametrize("nonsense", [[], "text", 7, True, {"": None}], ids=repr)
def test_what_is_no_request_is_refused(plume: backstage.Desktop, name: str, nonsense: object) -> None:
    assert plume.answer(name, nonsense)["error"]["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("add_paths", "text"),
        ("get_estimate", "settings"),
        ("compress_image", "settings"),
        ("compress_image", "output"),
        ("pause_batch", "batch_id"),
        ("cancel_jobs", "file_ids"),
        ("get_preview", "file_id"),
        ("get_preview", "scale"),
        ("undo_batch", "batch_id"),
        ("export_history", "format"),
        ("save_preset", "name"),
        ("delete_preset", "preset_id"),
        ("answer_close", "quit"),
    ],
)
def test_a_missing_field_is_refused(plume: backstage.Desktop, name: str, field: str) -> None:
    answer = plume.answer(name, {key: value for key, value in GOOD[name].items() if key != field})

    assert answer["error"]["code"] == "invalid_request"
    assert field in answer["error"]["facts"]["problem"]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("pause_batch", {"batch_id": True}),
        ("pause_batch", {"batch_id": "1"}),
        ("pause_batch", {"batch_id": 1.5}),
        ("pause_batch", {"batch_id": None}),
        ("pause_batch", {"batch_id": 1 << 60}),
        ("answer_close", {"quit": 1}),
        ("add_paths", {"text": ["/a"]}),
        ("export_history", {"format": "xml"}),
        ("cancel_jobs", {"file_ids": [1, "2"]}),
        ("cancel_jobs", {"file_ids": "12"}),
        ("get_files", {"limit": 100_000}),
        ("get_files", {"offset": -1}),
        ("get_files", {"sort": "__class__"}),
        ("get_files", {"filter": {"state": "gone"}}),
        ("get_preview", {"file_id": 1, "settings": {}, "scale": math.nan}),
        ("get_preview", {"file_id": 1, "settings": {}, "scale": math.inf}),
        ("get_estimate", {"settings": {"quality": 101}}),
        ("get_estimate", {"settings": {"quality": "80"}}),
        ("get_estimate", {"settings": {}, "overrides": {"x": {}}}),
        ("get_estimate", {"settings": {}, "overrides": {"1": {"quality": 0}}}),
        ("get_estimate", {"settings": {}, "file_ids": list(range(501))}),
        ("save_settings", {"workers": 0}),
        ("save_settings", {"processors": 4}),
        ("save_settings", {"theme": "pink"}),
        ("get_stats", {"since": "yesterday"}),
        ("get_stats", {"since": "2026-01-01"}),
        ("reveal_file", {}),
        ("reveal_file", {"file_id": 1, "job_id": 1}),
        ("get_snapshot", {"all": True}),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused(plume: backstage.Desktop, name: str, wrong: dict[str, Any]) -> None:
    assert plume.answer(name, wrong)["error"]["code"] == "invalid_request"


def test_the_page_gets_plain_functions_with_the_names_of_the_commands(plume: backstage.Desktop) -> None:
    given = functions(plume.context)

    assert [one.__name__ for one in given] == list(COMMANDS)
    assert all(type(one).__name__ == "function" for one in given)
    assert not [one.__name__ for one in given if one.__name__.startswith("_") or "." in one.__name__]


def test_a_function_called_without_a_request_means_an_empty_one(plume: backstage.Desktop) -> None:
    by_name = {one.__name__: one for one in functions(plume.context)}

    assert by_name["get_snapshot"]()["ok"]
    assert by_name["get_files"]()["data"]["rows"] == []
    assert by_name["pause_batch"]()["error"]["code"] == "invalid_request"


@dataclass(frozen=True, slots=True)
class Answer:
    value: float


def run(plume: backstage.Desktop, deed: Any) -> dict[str, Any]:
    return answer_to(plume.context, Command("tried", deed, None, Answer), None)


def test_a_function_called_with_more_than_a_request_refuses_as_always(plume: backstage.Desktop) -> None:
    known = {one.__name__: one for one in functions(plume.context)}

    assert known["get_files"]({}, {}, 1)["error"]["code"] == "invalid_request"
    assert known["get_snapshot"](None, None)["error"]["code"] == "invalid_request"


def test_a_refusal_does_not_send_a_huge_request_back(plume: backstage.Desktop) -> None:
    for huge in ("x" * 2_000_000, list(range(300_000)), {"a" * 2_000_000: 1}, {"offset": "x" * 2_000_000}):
        assert len(json.dumps(plume.answer("get_files", huge))) < 3000


def test_an_expected_failure_is_data(plume: backstage.Desktop) -> None:
    def missing(_context: AppContext) -> Answer:
        raise SourceMissing()

    assert run(plume, missing)["error"]["code"] == "source_missing"


def test_a_bug_is_logged_with_its_traceback_and_told_as_a_code_alone(
    plume: backstage.Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_context: AppContext) -> Answer:
        raise KeyError("/home/someone/secret.png")

    with caplog.at_level(logging.ERROR):
        answer = run(plume, broken)

    assert answer["error"]["code"] == "internal_error"
    assert "secret" not in json.dumps(answer)
    assert "Traceback" in caplog.text
    assert "secret" in caplog.text


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_json_does_not_have_is_a_bug_and_never_leaves(plume: backstage.Desktop, value: float) -> None:
    assert run(plume, lambda _context: Answer(value))["error"]["code"] == "internal_error"


@dataclass(frozen=True, slots=True)
class Inner:
    word: Literal["a", "b"]


@dataclass(frozen=True, slots=True)
class Outer:
    count: int
    ratio: float = 1.0
    maybe: str | None = None
    inner: Inner | None = None
    many: list[Inner] = field(default_factory=list)
    keyed: dict[int, Inner] = field(default_factory=dict)


def test_decoding_makes_the_shapes_all_the_way_down() -> None:
    value = {"count": 1, "ratio": 2, "inner": {"word": "a"}, "many": [{"word": "b"}], "keyed": {"7": {"word": "a"}}}

    assert decode(Outer, value) == Outer(1, 2.0, None, Inner("a"), [Inner("b")], {7: Inner("a")})


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"count": 1, "ratio": True},
        {"count": 1, "maybe": 1},
        {"count": 1, "inner": {"word": "c"}},
        {"count": 1, "inner": {}},
        {"count": 1, "many": {"word": "a"}},
        {"count": 1, "many": [None]},
        {"count": 1, "keyed": {"-1": {"word": "a"}}},
        {"count": 1, "keyed": {"¹": {"word": "a"}}},
        {"count": 1, 5: 1},
    ],
    ids=repr,
)
def test_decoding_refuses_what_does_not_fit(value: dict[Any, Any]) -> None:
    with pytest.raises(InvalidRequest):
        decode(Outer, value)
