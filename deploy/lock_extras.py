"""Write the locks of the optional extras: what each adds to requirements.lock, pinned with hashes.

    .venv/bin/python deploy/lock_extras.py              # keeps the pins that still fit
    .venv/bin/python deploy/lock_extras.py --upgrade    # looks for newer ones

requirements.lock constrains them and is not touched. The extras are locked one after another, each under those before
it, so that all of them fit into one environment. requirements-build.lock is what makes a wheel of pyspark, which is
published as source alone.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

from packaging.markers import Marker

CHECKOUT = Path(__file__).parents[1]
BASE = CHECKOUT / "requirements.lock"
EXTRAS = ("spark", "dask")
BUILD = ("setuptools", "wheel")
PYTHONS = ("3.11.0", "3.11.9", "3.12.9", "3.13.9")
SYSTEMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}
"""Systems that requirements.lock serves, with the names that markers know them by."""


def environments() -> list[dict[str, str]]:
    """Return the values of markers in every environment that the locks serve."""
    cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
    return [
        cpython
        | {"python_full_version": python, "python_version": python.rpartition(".")[0], "sys_platform": system}
        | {"os_name": SYSTEMS[system][0], "platform_system": SYSTEMS[system][1]}
        for python, system in product(PYTHONS, SYSTEMS)
    ]


def entries(text: str) -> list[str]:
    """Split a lock into its packages, each with its hashes."""
    return re.findall(r"^\S.*(?:\n[ \t]+.*)*\n", text, flags=re.MULTILINE)


def served(entry: str) -> set[tuple[str, int]]:
    """Return the pin of an entry together with each environment that its marker lets it into."""
    pin, _, marker = entry.splitlines()[0].rstrip(" \\").partition(";")
    every = environments()
    return {(pin.strip(), i) for i, e in enumerate(every) if not marker or Marker(marker.strip()).evaluate(e)}


def on_top(text: str, base: str) -> str:
    """Leave out of a lock what `base` installs already, in every environment that wants it."""
    there = set().union(*map(served, entries(base)))
    return "".join(entry for entry in entries(text) if served(entry) - there)


def compile_lock(lock: Path, source: list[str], constraints: list[Path], upgrade: bool) -> str:
    """Let uv pin and hash requirements for all environments, near to what the lock holds already."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / lock.name
        if lock.exists() and not upgrade:
            shutil.copy(lock, made)
        call = [str(Path(sys.executable).with_name("uv")), "pip", "compile", *source, "--quiet"]
        call += ["--output-file", str(made), "--universal", "--python-version", "3.11", "--generate-hashes"]
        call += ["--no-annotate", "--no-header", "--no-emit-index-url"]
        call += [part for constraint in constraints for part in ("--constraint", str(constraint))]
        subprocess.run(call, cwd=CHECKOUT, check=True)
        return made.read_text(encoding="utf-8")


def main() -> None:
    """Write every lock of an extra, and the one of what builds them."""
    upgrade = "--upgrade" in sys.argv[1:]
    under = [BASE]
    for extra in EXTRAS:
        lock = CHECKOUT / f"requirements-{extra}.lock"
        whole = compile_lock(lock, ["pyproject.toml", "--extra", extra], under, upgrade)
        lock.write_text(on_top(whole, BASE.read_text(encoding="utf-8")), encoding="utf-8")
        under.append(lock)
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "build.in"
        wanted.write_text("\n".join(BUILD) + "\n", encoding="utf-8")
        lock = CHECKOUT / "requirements-build.lock"
        lock.write_text(compile_lock(lock, [str(wanted)], [], upgrade), encoding="utf-8")


if __name__ == "__main__":
    main()
