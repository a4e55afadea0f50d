"""The policy pack that this installation works by."""

import os
from pathlib import Path

import shouwang

DEFAULT_PACK = "chongqing"


def policy_folder() -> Path:
    """The folder of the pack: `SHOUWANG_POLICY`, else the one that comes with the program."""
    if named := os.environ.get("SHOUWANG_POLICY"):
        return Path(named)
    package = Path(shouwang.__file__).parent
    beside = [package / "policies" / DEFAULT_PACK, package.parents[1] / "policies" / DEFAULT_PACK]
    return next((folder for folder in beside if folder.exists()), beside[-1])
