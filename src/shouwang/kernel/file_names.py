"""Names of files that came from older systems."""

import os
from pathlib import Path


def readable_name(path: Path) -> str:
    """A file's name as its sender wrote it: names from older systems are GB18030, which a UTF-8 system cannot show."""
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", "replace")
    return path.name
