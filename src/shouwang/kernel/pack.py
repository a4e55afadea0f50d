"""Where the policy pack lies: `SHOUWANG_POLICY`, else beside the program."""

import os
from pathlib import Path

from shouwang.kernel.errors import InputError

DEFAULT = "chongqing"
PACKAGE = Path(__file__).resolve().parents[1]
BESIDE = (PACKAGE.parents[1] / "policies" / DEFAULT, PACKAGE / "policies" / DEFAULT)


def pack_folder() -> Path:
    """The folder of the policy pack in use.

    Raises:
        InputError: `SHOUWANG_POLICY` names no folder.
    """
    named = os.environ.get("SHOUWANG_POLICY")
    places = (Path(named),) if named else BESIDE
    for place in places:
        if place.is_dir():
            return place
    raise InputError(f"找不到政策包 {places[0]}", "用 SHOUWANG_POLICY 指明政策包所在目录")


def divisions_folder() -> Path:
    return pack_folder() / "divisions"
