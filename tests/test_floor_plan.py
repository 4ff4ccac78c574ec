"""The arrows of the house: who may import whom, and what may be said only in one room.

Read from the source, not by importing it: what stands under `if TYPE_CHECKING` are only names. To move a
wall, change a table here in the commit that needs it, and say why there.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "plume_app"
MAX_LINES = 250

# Which rooms a room may ask, beside itself. The longest name that fits a module counts; `x*` is a module and its
# splits (`cli`, `cli_lines`). What the engine may do, a worker may; what the window may, only `app` may.
ARROWS: dict[str, tuple[str, ...]] = {
    "": (),
    "__main__": ("cli", "cli_signals", "cli_streams", "jobs.fork_server"),
    "cli*": ("", "app", "runtime", "doctor", "sentences", "paths", "domain", "jobs", "database.queries"),
    "doctor*": ("", "cli*", "runtime", "sentences", "paths", "domain", "jobs", "database"),
    "app": ("",),  # everything: see everything_in_app
    "runtime": ("", "paths", "database", "jobs", "events*", "domain"),
    "window*": (),
    "first_page": (),
    "memory": ("first_page", "window_place"),
    "ending": ("window",),
    "backend": ("domain.shared",),
    "instance": ("domain.shared",),
    "shell": ("domain.shared",),
    "wire": ("domain",),  # the shapes that commands and events share
    "bridge": ("context", "wire", "domain.shared", "domain.compression.settings"),
    "server": (),
    "context": ("events*", "files*", "jobs", "database", "domain"),
    "events*": ("wire",),
    "paths": (),
    "sentences": ("paths",),
    "files*": ("domain", "wire"),
    "commands": ("", "bridge", "context", "wire", "events*", "files*", "database.queries", "domain"),
    "jobs": ("", "domain", "database", "events*", "files*", "wire"),
    "jobs.worker": ("domain", "jobs.messages", "jobs.preload", "jobs.heap", "jobs.sandbox*", "jobs.worker_pictures"),
    "jobs.worker_pictures": ("domain", "jobs.messages"),
    "jobs.preload": ("domain", "jobs.worker_pictures"),
    "jobs.messages": ("domain", "jobs.sandbox*"),
    "jobs.sandbox*": ("jobs.landlock", "jobs.seccomp"),
    "jobs.landlock": (),
    "jobs.seccomp": (),
    "database": ("", "domain.shared"),
    "domain.shared": (),
    "domain.file": ("domain.shared",),
    "domain.image": ("domain.shared",),
    "domain.compression": ("domain.shared", "domain.image", "domain.file"),
    "domain.compression.codecs": ("domain.shared", "domain.image", "domain.compression.settings"),
    "domain.compression.settings": ("domain.shared",),
    "domain.compression.verdict": (),
}
everything_in_app = "app"

DECODERS = {"PIL", "pyvips", "oxipng", "imagequant", "mozjpeg_lossless_optimization", "exiv2", "cffi"}
PICTURE_ROOMS = ("domain.image", "domain.compression.codecs", "jobs.preload")
# Packages that are not in the standard library, and the parts of it that start processes: one room each.
RESERVED: dict[str, tuple[str, ...]] = {
    "webview": ("window",),  # not its splits
    "peewee": ("database",),
    "playhouse": ("database",),
    "multiprocessing": ("jobs", "__main__"),
    "pebble": ("jobs",),
    "subprocess": (),
    "click": ("cli*", "doctor"),
    "platformdirs": ("paths",),
    **dict.fromkeys(DECODERS, PICTURE_ROOMS),
}

# Who may give a file a name. The undo store links into itself, never over anything of the user's.
MAY_MOVE_FILES = ("domain.file.atomic", "jobs.undo_bytes")

# Modules that only workers load. Everything else must stay free of decoders, or the process that owns the
# user's files would have them.
WORKER_SIDE = (
    "domain.image",
    "domain.compression.engine",
    "domain.compression.preview",
    "domain.compression.probe",
    "jobs.preload",
    "jobs.worker_pictures",
)
CODEC_PART = re.compile(r"domain\.compression\.codecs\.\w+_\w+")  # png_palette beside png: loaded by its codec, late
PARENT_SIDE_OF_IMAGE = ("domain.image.header", "domain.image.headers", "domain.image.limits", "domain.image.traits")
NEEDS_A_SCREEN = ("app", "window")  # they may import a toolkit that this machine lacks

# Modules without a test file of their own: where they are tested instead, and why.
TESTED_ELSEWHERE: dict[str, tuple[str, str]] = {
    "__init__": ("test_package.py", "one constant, compared with the built package"),
    "domain.image.headers": ("domain/image/test_header.py", "read_header is their only door, and one fuzz covers all"),
    **{
        f"domain.compression.codecs.{name}": ("domain/compression/codecs/test_read_only.py", "they share every rule")
        for name in ("gif", "tiff", "bmp")
    },
    "domain.image.finders": ("domain/image/test_traits.py", "find_traits is their only door, and one fuzz covers all"),
    "domain.compression.codecs": ("domain/compression/codecs/test_codecs.py", "the registry's own rules"),
    **{
        f"jobs.{name}": ("jobs/test_pool.py", "a part of the pool, which real workers try there")
        for name in ("crew", "lane", "stages", "fork_server")
    },
    **{
        f"jobs.{name}": ("jobs/test_sandbox.py", "tried from inside a restricted worker")
        for name in ("landlock", "seccomp", "preload", "heap")
    },
    "jobs.ports": ("jobs/test_pool.py", "a protocol; the pool that fulfils it is tested there"),
    "jobs.done_before": ("jobs/test_rerun.py", "its answers are those of a second run"),
    "jobs.adding": ("commands/test_file.py", "every way in is a command, tried there"),
    "jobs.predicting": ("commands/test_compression.py", "its answers are those of get_estimate"),
    "jobs.preferences": ("commands/test_database.py", "every preference and preset is set through a command"),
    "jobs.telling": ("jobs/test_desk.py", "the desk's other half"),
    "jobs.run": ("jobs/test_desk.py", "the desk is its only user, and every number is seen there"),
    "jobs.runs": ("jobs/test_desk.py", "the desk is its only user, and every state is seen there"),
    "jobs.joining": ("jobs/test_resuming.py", "only what an earlier session left joins"),
    "ending": ("e2e/test_open_and_close.py", "it ends the process: every end of a true window is tried there"),
    "commands": ("test_bridge.py", "every command is called there; each module has a file of its own beside"),
    "wire": ("test_bridge.py", "plain records; decoding and telling them is tested there"),
    "context": ("commands/test_file.py", "the parts put together: every command's test uses it"),
    "jobs.messages": ("jobs/test_worker.py", "plain records; every one crosses the border there"),
    "jobs.undo_entries": ("jobs/test_undo_store.py", "the store is its only door; every wrong entry is tried there"),
    "jobs.items": ("jobs/test_queue.py", "plain records; every ending is met there"),
    "domain.file.found": ("domain/file/test_scan.py", "plain records; every one comes out of a scan there"),
}


# Tests in a mirrored folder that are of no one module, and what they are of.
OF_SEVERAL_MODULES = {
    "jobs/test_rerun.py": "what a second run finds: queue, saving and undo together",
    "domain/compression/test_second_run.py": "a result is kept by the settings that made it, by every codec",
    "domain/compression/codecs/test_codecs.py": "the rules of the registry, over all its members",
    "domain/compression/codecs/test_read_only.py": "the formats without an encoder, which share every rule",
}


@dataclass(frozen=True, slots=True)
class Import:
    name: str  # of a module, or of something in it
    line: int
    at_module_level: bool


@dataclass(frozen=True, slots=True)
class Module:
    name: str  # below the package: "domain.file.atomic"
    path: Path
    text: str

    def tree(self) -> ast.Module:
        return parsed(self.text)

    def at(self, line: int) -> str:
        return f"{self.path.relative_to(ROOT)}:{line}"


@cache
def parsed(text: str) -> ast.Module:
    return ast.parse(text)


@cache
def modules() -> tuple[Module, ...]:
    """Every module of the package."""
    found = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        name = ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)
        found.append(Module(name, path, path.read_text(encoding="utf-8")))
    return tuple(found)


@cache
def module_names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


def imports(module: Module) -> list[Import]:
    """Every import that can run, with the submodules that `from package import name` names."""
    found: list[Import] = []

    def look(node: ast.AST, at_module_level: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                continue
            if isinstance(child, ast.Import):
                found.extend(Import(alias.name, child.lineno, at_module_level) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                names = {full_name(child.module or "", alias.name) for alias in child.names}
                found.extend(Import(name, child.lineno, at_module_level) for name in sorted(names))
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            look(child, at_module_level and not inside)

    look(module.tree(), True)
    return found


def full_name(package: str, name: str) -> str:
    """`package.name` where that is a module of ours, else `package`."""
    inner = f"{package}.{name}".removeprefix(f"{PACKAGE}.")
    return f"{package}.{name}" if package.split(".")[0] == PACKAGE and inner in module_names() else package


def is_in(name: str, room: str) -> bool:
    """Is the module `name` in `room`: the room itself, below it, or one of its splits?"""
    if room.endswith("*"):
        return name.split("_")[0] == room[:-1]
    return name == room or (room != "" and name.startswith(room + "."))


def room_of(name: str) -> str | None:
    fitting = [room for room in ARROWS if is_in(name, room) or (room == "" and name == "__init__")]
    return max(fitting, key=len, default=None)


def in_any(name: str, rooms: tuple[str, ...]) -> bool:
    return any(is_in(name, room) for room in rooms)


def test_every_module_is_in_a_room_of_the_table() -> None:
    homeless = [one.name for one in modules() if room_of(one.name) is None and one.path.name != "__init__.py"]

    assert not homeless


def test_imports_follow_the_arrows() -> None:
    wrong = []
    for module in modules():
        room = room_of(module.name)
        if room is None or room == everything_in_app:
            continue
        for one in imports(module):
            asked = one.name.removeprefix(PACKAGE).removeprefix(".")
            at_home = is_in(asked, room) and room != ""  # a room may ask its inner rooms; the other way needs an arrow
            if one.name.split(".")[0] == PACKAGE and not at_home and not in_any(asked, ARROWS[room]):
                wrong.append(f"{module.at(one.line)} asks {asked or PACKAGE}")
    assert not wrong


def test_packages_with_a_room_are_imported_there_only() -> None:
    wrong = [
        f"{module.at(one.line)} imports {one.name}"
        for module in modules()
        for one in imports(module)
        if (package := one.name.split(".")[0]) in RESERVED and not in_any(module.name, RESERVED[package])
    ]
    assert not wrong


def test_no_import_is_relative() -> None:
    wrong = [
        module.at(node.lineno)
        for module in modules()
        for node in ast.walk(module.tree())
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not wrong


def test_no_module_is_longer_than_can_be_kept_in_mind() -> None:
    page = [path for path in (ROOT / "web" / "js").rglob("*.js") if path.name != "contract.js"]  # which is generated
    paths = [*(module.path for module in modules()), *(ROOT / "build").glob("*.py"), *page]
    sizes = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in paths}

    assert len(page) > 20
    assert not {name: size for name, size in sizes.items() if size > MAX_LINES}


def test_only_atomic_puts_a_file_in_place() -> None:
    moves = {"os.replace", "os.rename", "os.renames", "os.link", "shutil.move", "shutil.copy", "shutil.copyfile"}
    wrong = [
        module.at(node.lineno)
        for module in modules()
        for node in ast.walk(module.tree())
        if isinstance(node, ast.Attribute)
        and (ast.unparse(node) in moves or node.attr == "rename")
        and module.name not in MAY_MOVE_FILES
    ]
    assert not wrong


def test_nobody_starts_a_program_or_asks_a_shell() -> None:
    starts = re.compile(r"os\.(system|popen|exec\w+|spawn\w+|posix_spawn\w*)")
    wrong = [
        module.at(node.lineno)
        for module in modules()
        for node in ast.walk(module.tree())
        if (isinstance(node, ast.Attribute) and starts.fullmatch(ast.unparse(node)))
        or (
            isinstance(node, ast.Call)
            and any(one.arg == "shell" and isinstance(one.value, ast.Constant) for one in node.keywords)
        )
    ]
    assert not wrong


def test_the_only_script_is_main() -> None:
    scripts = [
        module.name
        for module in modules()
        for node in module.tree().body
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    ]
    assert scripts == ["__main__"]


def test_main_costs_nothing_but_the_standard_library() -> None:
    (main,) = (module for module in modules() if module.name == "__main__")

    tops = {one.name.split(".")[0] for one in imports(main) if one.at_module_level}

    assert tops <= set(sys.stdlib_module_names)


def test_the_process_that_owns_the_files_loads_no_decoder() -> None:
    parent = [
        f"{PACKAGE}.{module.name}".removesuffix(".__init__")
        for module in modules()
        if module.name not in ("__main__", *NEEDS_A_SCREEN)
        and (
            in_any(module.name, PARENT_SIDE_OF_IMAGE)
            or not (in_any(module.name, WORKER_SIDE) or CODEC_PART.fullmatch(module.name))
        )
    ]
    script = (
        "import importlib, sys\n"
        "for name in sys.argv[2:]: importlib.import_module(name)\n"
        "from plume_app.domain.compression.codecs import all_codecs\n"
        "all_codecs()\n"
        "print(*sorted(set(sys.argv[1].split(',')) & {name.split('.')[0] for name in sys.modules}))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script, ",".join(sorted(DECODERS)), *parent],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def places_of_tests(name: str) -> list[Path]:
    """Where the tests of a module may be: its own file, that of the module it was split from, or of its package."""
    *rooms, last = name.split(".")
    folder = Path(*rooms)
    found = [folder / f"test_{last.strip('_')}.py", folder / f"test_{last.strip('_').split('_')[0]}.py"]
    if rooms:
        found.append(folder.parent / f"test_{rooms[-1]}.py")
    return found


def test_every_module_has_its_tests_where_one_looks_for_them() -> None:
    missing = []
    for module in modules():
        if module.path.name == "__init__.py" and len(module.tree().body) <= 1:
            continue  # a docstring
        places = places_of_tests(module.name)
        places += [Path(test) for room, (test, _reason) in TESTED_ELSEWHERE.items() if is_in(module.name, room)]
        if not any((ROOT / "tests" / place).is_file() for place in places):
            missing.append(str(places[0]))
    assert not missing, "write them, or name others in TESTED_ELSEWHERE with the reason"


@pytest.mark.parametrize("name", TESTED_ELSEWHERE)
def test_every_exception_is_still_needed(name: str) -> None:
    covered = [one for one in module_names() if is_in(one, name)]

    assert any(not (ROOT / "tests" / place).is_file() for one in covered for place in places_of_tests(one))


def test_every_test_file_has_its_module() -> None:
    mirrored = [folder for folder in (ROOT / PACKAGE).iterdir() if folder.is_dir()]
    orphans = []
    for folder in mirrored:
        for path in (ROOT / "tests" / folder.name).rglob("test_*.py"):
            place = path.relative_to(ROOT / "tests")
            part = path.stem.removeprefix("test_")
            # a large test may be split as a module is: test_metadata_pairs.py beside test_metadata.py
            rooms = [".".join((*place.parent.parts, name)) for name in (part, part.split("_")[0])]
            known = any(
                one == room or one.startswith((room + ".", room + "_")) for room in rooms for one in module_names()
            )
            if not known and place.as_posix() not in OF_SEVERAL_MODULES:
                orphans.append(place.as_posix())
    assert not orphans


def test_no_folder_of_tests_is_passed_over(pytestconfig: pytest.Config) -> None:
    """pytest leaves out folders by name, silently, and has names of its own for that."""
    passed_over = pytestconfig.getini("norecursedirs")
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "tests").rglob("test_*.py")}

    assert len(folders) > 10
    assert not [one for one in folders if any(fnmatch(part, name) for part in one.parts for name in passed_over)]
