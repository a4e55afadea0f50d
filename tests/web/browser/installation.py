"""What the journeys know of the installation that they walk through."""

from dataclasses import dataclass
from pathlib import Path

PASSWORD = "a-long-password-of-tests"


@dataclass(frozen=True)
class Site:
    """Where the site answers, and a folder for files to upload."""

    address: str
    files: Path
