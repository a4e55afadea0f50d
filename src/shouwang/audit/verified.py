"""What the last verification found, kept beside the anchors with a MAC, for the desk and the doctor to show."""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shouwang.audit.anchors import AnchorFiles
from shouwang.audit.verification import Report
from shouwang.kernel.home import replace_file


@dataclass(frozen=True)
class Verified:
    """`up_to` is the last entry that was found sound; `words` say what was wrong, and are empty where nothing was."""

    at: datetime
    up_to: int
    words: str

    @property
    def sound(self) -> bool:
        return not self.words


def note_verified(files: AnchorFiles, report: Report) -> None:
    """Keeps the result of a verification in place of the one before."""
    words = report.fault.words if report.fault else ""
    content = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "up_to": report.verified, "words": words}
    files.folder.mkdir(mode=0o700, exist_ok=True)
    replace_file(_path(files), json.dumps(content | {"mac": _mac(files, content)}, ensure_ascii=False).encode())


def last_verified(files: AnchorFiles) -> Verified | None:
    """The result of the last verification; None where there was none, or where somebody else wrote it."""
    try:
        content = json.loads(_path(files).read_bytes())
        mac = content.pop("mac")
        if not hmac.compare_digest(mac, _mac(files, content)):
            return None
        return Verified(datetime.fromisoformat(content["at"]), content["up_to"], content["words"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _path(files: AnchorFiles) -> Path:
    return files.folder / "verified.json"


def _mac(files: AnchorFiles, content: dict[str, Any]) -> str:
    text = "verified " + json.dumps(content, sort_keys=True)
    return hmac.digest(files.key, text.encode(), "sha256").hex()
