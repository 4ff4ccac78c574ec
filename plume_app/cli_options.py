"""The options of the command line, said once; cli.py puts them on its commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from plume_app.domain.compression.settings import EFFORTS, KEEP, METADATA_POLICIES

_Command = TypeVar("_Command", bound=Callable[..., Any])


class _SomePath(click.Path):
    """A path; "" is refused, which would mean the folder where one stands: a variable of a script was empty."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not os.fspath(value):
            self.fail("The path is empty. For the folder where you are, type a dot.", param, ctx)
        return super().convert(value, param, ctx)


A_PATH = _SomePath(path_type=Path)
_METADATA_HELP = (
    "safe: GPS, serials, maker notes and thumbnails go; colour profile, orientation and copyright stay."
    " none: only what is needed to look right stays."
)


class Format(click.Choice[str]):
    """`keep` or a registered codec; the registry is asked only when the option is read or shown."""

    def __init__(self) -> None:
        super().__init__([KEEP])

    def _load(self) -> None:
        from plume_app.domain.compression.codecs import writable_codecs

        self.choices = (KEEP, *writable_codecs())

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: D102
        self._load()
        return super().convert(value, param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:  # noqa: D102
        self._load()
        return super().get_metavar(param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:  # noqa: D102
        self._load()
        return super().shell_complete(ctx, param, incomplete)


class Trait(click.ParamType[str]):
    """What a picture can have that could be lost, as far as a registered codec speaks of it."""

    name = "trait"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: D102
        found = str(value).strip().lower().replace("-", "_")
        if found not in (known := _known_traits()):
            self.fail(f"{value!r} is none of {', '.join(known)}.", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:  # noqa: ARG002, D102
        return [CompletionItem(one) for one in _known_traits() if one.startswith(incomplete)]


def _known_traits() -> tuple[str, ...]:
    """Ours, then those that codecs of other packages say they keep."""
    from plume_app.domain.compression.codecs import all_codecs
    from plume_app.domain.image.traits import ALL_TRAITS

    kept = {one for codec in all_codecs().values() for one in codec.keeps | codec.keeps_from_itself}
    return (*ALL_TRAITS, *sorted(kept.difference(ALL_TRAITS)))


def _all(*options: Callable[[Any], Any]) -> Callable[[_Command], _Command]:
    """Several options as one decorator, listed in the help in their order here."""

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


paths_argument = click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=A_PATH)
json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object per line on standard output.")
where_options = _all(
    click.option("-o", "--output", "folder", metavar="DIR", type=A_PATH,
                 help="Results under DIR, the folder tree kept; a file that is kept is copied there."),
    click.option("--suffix", metavar="TEXT",
                 help="Results beside the originals, with TEXT added to the name.  [default: _compressed]"),
    click.option("--in-place", is_flag=True, help="Replace the originals; `plume undo` brings them back."),
)  # fmt: skip
how_options = _all(
    click.option("-f", "--format", "output_format", type=Format(), default=KEEP, show_default=True,
                 help="Format of the results; keep: that of each file."),
    click.option("-q", "--quality", type=click.IntRange(1, 100), default=80, show_default=True, metavar="N",
                 help="1 to 100, on the encoder's own scale."),
    click.option("--lossless", is_flag=True, help="The same pixels, or the file is kept."),
    click.option("--effort", type=click.Choice(EFFORTS), default="balanced", show_default=True,
                 help="How much time a smaller file is worth."),
)  # fmt: skip
limit_options = _all(
    click.option("--metadata", type=click.Choice(METADATA_POLICIES), default="safe", show_default=True,
                 help=_METADATA_HELP),
    click.option("--allow-loss", "allow_losses", metavar="TRAIT", multiple=True, type=Trait(),
                 help="Let this go: animation, bit_depth, gain_map, motion_photo, embedded_pictures, ... Repeatable."),
    click.option("--min-savings", "min_savings_percent", type=click.FloatRange(0, 100), default=0.0, metavar="P",
                 help="Below P percent the original is kept."),
    click.option("-j", "--jobs", type=click.IntRange(1, 256), metavar="N",
                 help="Worker processes.  [default: one for each core]"),
    click.option("--dry-run", is_flag=True, help="Predict, write nothing."),
)  # fmt: skip


def check_folder(folder: Path, paths: Iterable[Path]) -> None:
    """Refuse a folder for results that is a file, or the very folder to compress."""
    if (in_the_way := _in_the_way(folder)) is not None:
        raise click.UsageError(f"{in_the_way} is a file, and the results need a folder.")
    if any(_same_place(path, folder) for path in paths):
        raise click.UsageError(
            "The folder of the results is the folder to compress. Use --in-place, or another folder."
        )


def _in_the_way(folder: Path) -> Path | None:
    """The file that stands where `folder`, or a folder above it, should be."""
    with suppress(OSError):  # one that cannot be looked at: the first result tells why
        there = next((one for one in (folder, *folder.absolute().parents) if one.exists()), folder)
        return there if there.exists() and not there.is_dir() else None
    return None


def _same_place(path: Path, folder: Path) -> bool:
    try:
        return path.is_dir() and folder.is_dir() and path.samefile(folder)
    except OSError:  # a path that cannot be looked at: the walk tells why
        return False
