"""Where the real recordings and the specification's fixtures stand, and the reason when they do not."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("SHOUWANG_SHARED") or Path(__file__).parents[2].parent / "shared")


def shared_file(name: str) -> Path:
    """Return a shared file's path, or skip the test and say why."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"the shared folder is not beside the project: {name} is absent")
    return path
