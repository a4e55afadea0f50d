"""What the journeys know of the installation that they walk through."""

from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "a-long-password-of-tests"


@dataclass(frozen=True)
class Site:
    """Where the site answers, a folder for files to upload, and the officer's recovery codes once they were shown."""

    address: str
    files: Path
    recovery_codes: list[str] = field(default_factory=list)
