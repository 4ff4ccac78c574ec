"""The page's own checks: types by TypeScript, pure JavaScript under Node, vendored libraries unchanged.

The tools are pinned in package-lock.json and live in build/node_modules; nothing of them is needed to run Plume.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys

from environment import CHECKOUT, HERE, SetupFailed

OLDEST_NODE = (18, 19)  # older ones cannot be told that the files are modules
_NODE_DETECTS_MODULES = (20, 19)
_MODULES = HERE / "node_modules"
_STAMP = _MODULES / "plume.stamp"


def prepare_page() -> None:
    """Install the pinned tools, once for each lock file. Raises SetupFailed."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if _STAMP.is_file() and _STAMP.read_text(encoding="ascii") == wanted:
        return
    print("Setting up build/node_modules (once) ...", file=sys.stderr, flush=True)
    npm = shutil.which("npm")
    if npm is None:
        raise SetupFailed("npm is needed for the page's checks.")
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run(command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if done.returncode != 0:
        raise SetupFailed("npm could not install the page's tools (see above). Repair the cause, then try again.")
    _STAMP.write_text(wanted, encoding="ascii")


def page_checks() -> dict[str, list[str]]:
    """The name of each check and its command, to be run in the checkout."""
    files = sorted(str(path.relative_to(CHECKOUT)) for path in (CHECKOUT / "tests" / "web").glob("*.test.js"))
    return {
        "tsc": ["node", str(_MODULES / "typescript" / "bin" / "tsc"), "-p", "build/tsconfig.json"],
        "vendored libraries": [sys.executable, str(HERE / "vendor.py"), "--check"],
        "node --test": ["node", *_module_flag(), "--test", *files],
    }


def _module_flag() -> list[str]:
    """What tells Node that `.js` files are modules, where it does not see that for itself."""
    version = node_version()
    if version < OLDEST_NODE:
        raise SetupFailed(f"Node {'.'.join(map(str, OLDEST_NODE))} or newer is needed for the page's checks.")
    return [] if version >= _NODE_DETECTS_MODULES else ["--experimental-default-type=module"]


def node_version() -> tuple[int, int]:
    """Major and minor version of the Node on PATH. Raises SetupFailed when there is none."""
    node = shutil.which("node")
    if node is None:
        raise SetupFailed("Node is needed for the page's checks.")
    told = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", told)
    if found is None:
        raise SetupFailed(f"Node does not tell its version: {told!r}")
    return int(found[1]), int(found[2])
