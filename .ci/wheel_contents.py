"""Compares a wheel with the package's folder: every module and data file is in it, and nothing else."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(wheel: str) -> int:
    """0 if the wheel holds exactly the files of ``evote/``, else 1 with the differences."""
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    there = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "evote").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for name in sorted(there - packed):
        print(f"not in the wheel: {name}")
    for name in sorted(packed - there):
        print(f"only in the wheel: {name}")
    print(f"{Path(wheel).name}: {len(packed)} files")
    return int(packed != there)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
