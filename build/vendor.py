"""Writes `web/vendor/`: the few libraries of the page, as pinned files with their licences.

    python3 build/vendor.py            fetch with npm (versions and hashes of package-lock.json), then write
    python3 build/vendor.py --check    compare what is there with `web/vendor/manifest.json`; no network

To take a newer version: change it in build/package.json, run `npm install --prefix build`, then this.
Nothing in `web/vendor/` is edited by hand. The `.d.ts` files are only read by the type check.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

BUILD = Path(__file__).resolve().parent
VENDOR = BUILD.parent / "web" / "vendor"
MODULES = BUILD / "node_modules"

# package -> {file in the package: name under web/vendor}. The licence is always copied.
FILES: dict[str, dict[str, str]] = {
    "lit-html": {
        f"{name}{end}": f"lit-html/{name}{end}"
        for name in (
            "lit-html",
            "directive",
            "directive-helpers",
            "async-directive",
            "directives/repeat",
            "directives/live",
            "directives/ref",
        )
        for end in (".js", ".d.ts")
    },
    "@tanstack/virtual-core": {
        f"dist/esm/{name}{end}": f"virtual-core/{name}{end}"
        for name in ("index", "ios-gesture", "lazy-measurements", "scroll-classifier", "utils")
        for end in (".js", ".d.ts")
    },
    "uplot": {
        "dist/uPlot.esm.js": "uplot/uPlot.esm.js",
        "dist/uPlot.d.ts": "uplot/uPlot.esm.d.ts",
        "dist/uPlot.min.css": "uplot/uPlot.min.css",
    },
    "lucide-static": {},
}
FOLDERS = {"@tanstack/virtual-core": "virtual-core", "lucide-static": "lucide"}

ICONS = (
    "chart-column",
    "check",
    "chevron-down",
    "chevron-left",
    "chevron-right",
    "download",
    "feather",
    "folder",
    "folder-open",
    "image",
    "info",
    "plus",
    "rotate-ccw",
    "search",
    "settings",
    "shrink",
    "sliders-horizontal",
    "square-split-horizontal",
    "trash-2",
    "triangle-alert",
    "x",
)


def main(words: list[str]) -> int:
    """Write or check; the exit status."""
    if words == ["--check"]:
        problems = differences()
        for problem in problems:
            print(problem, file=sys.stderr)
        return 1 if problems else 0
    npm = shutil.which("npm")
    if npm is None:
        print("npm is needed to fetch the libraries; `--check` works without it.", file=sys.stderr)
        return 1
    # `npm ci` refuses whatever does not have the SHA-512 of the lock file.
    words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(BUILD)]
    subprocess.run(words, check=True)
    write()
    return 0


def write() -> None:
    """Replace `web/vendor/` by the files named above, a sprite of the icons, and the manifest."""
    if VENDOR.exists():
        shutil.rmtree(VENDOR)
    versions: dict[str, str] = {}
    for package, names in FILES.items():
        root = MODULES / package
        versions[package] = json.loads((root / "package.json").read_text(encoding="utf-8"))["version"]
        folder = FOLDERS.get(package, package)
        for source, target in {"LICENSE": f"{folder}/LICENSE", **names}.items():
            copied = VENDOR / target
            copied.parent.mkdir(parents=True, exist_ok=True)
            copied.write_bytes(_for_a_browser((root / source).read_bytes()))
    (VENDOR / "lucide" / "sprite.svg").write_text(sprite(), encoding="utf-8")
    manifest = {"packages": versions, "files": {name: _digest(VENDOR / name) for name in _names()}}
    (VENDOR / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def sprite() -> str:
    """The icons as symbols of one file; each keeps the name that lucide gave it."""
    symbols = []
    for name in ICONS:
        text = (MODULES / "lucide-static" / "icons" / f"{name}.svg").read_text(encoding="utf-8")
        inner = re.search(r"<svg[^>]*>(.*)</svg>", text, re.DOTALL)
        if inner is None:
            raise ValueError(name)
        shapes = re.sub(r"\s+", " ", inner[1]).strip()
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    comment = "<!-- Icons by lucide, ISC licence, see LICENSE -->"
    return "\n".join(['<svg xmlns="http://www.w3.org/2000/svg">', comment, *symbols, "</svg>", ""])


def differences() -> list[str]:
    """What is missing, changed or not ours; empty when all is as it was written."""
    manifest = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
    wanted: dict[str, str] = manifest["files"]
    there = set(_names())
    found = [f"{name}: missing" for name in wanted if name not in there]
    found += [f"{name}: not in the manifest" for name in there if name not in wanted]
    found += [f"{name}: changed" for name in there & wanted.keys() if _digest(VENDOR / name) != wanted[name]]
    locked = json.loads((BUILD / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for package, version in manifest["packages"].items():
        if locked[f"node_modules/{package}"]["version"] != version:
            found.append(f"{package}: the lock file names another version")
    return sorted(found)


def _names() -> list[str]:
    return sorted(
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    )


def _for_a_browser(data: bytes) -> bytes:
    # A map that is not shipped would be asked for by the developer tools; a browser has no `process`.
    data = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", data)
    data = data.replace(b"process.env.NODE_ENV", b'"production"')
    # WebKit calls the language of a session without locale "C", which Intl refuses; the page formats numbers itself.
    return data.replace(b"nav.language", b"'en-US'")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
