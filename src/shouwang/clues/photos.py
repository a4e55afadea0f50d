"""Photos of visits: drawn anew, so that nothing of the camera's notes remains, bounded, and sealed in the home."""

import io
import secrets
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from shouwang.clues.models import Photo, Visit
from shouwang.kernel.errors import Failure, InputError
from shouwang.kernel.home import replace_file

LARGEST_FILE = 12 << 20  # bytes, as they come from a phone
LARGEST_PICTURE = 50_000_000  # pixels; more would fill the memory when drawn
LONGEST_SIDE = 1600  # pixels that are kept
AT_MOST = 9  # photos of one visit
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP")


@dataclass(frozen=True)
class Drawn:
    """A photo as it is kept: JPEG bytes without metadata."""

    content: bytes
    width: int
    height: int


def redraw(content: bytes) -> Drawn:
    """The picture turned upright, at most `LONGEST_SIDE` long, as a JPEG that holds pixels and nothing else.

    Raises:
        InputError: it is too large, or no picture of a known kind.
    """
    if len(content) > LARGEST_FILE:
        raise InputError(
            _("照片超过 {largest_file} MB").format(largest_file=LARGEST_FILE >> 20),
            _("用手机较低的清晰度重新拍摄或压缩后再传"),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > LARGEST_PICTURE:
                    raise InputError(_("照片的像素过多"), _("用手机较低的清晰度重新拍摄"))
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
                pixels = Image.new("RGB", upright.size, "white")
                pixels.paste(upright.convert("RGB"))
    except InputError:
        raise
    except Exception:  # a picture can be broken in any of the decoder's ways
        raise InputError(
            _("有一张照片无法读取"), _("请用 JPEG、PNG 或 WebP 格式的照片，HEIC 照片先转成 JPEG")
        ) from None
    stream = io.BytesIO()
    pixels.save(stream, "JPEG", quality=QUALITY)
    return Drawn(stream.getvalue(), *pixels.size)


def keep(visit: Visit, drawn: Drawn) -> Photo:
    """Seals a photo in the home and notes it; without the note a file is nobody's."""
    name = seal_photo(drawn)
    return Photo.objects.create(visit=visit, name=name, width=drawn.width, height=drawn.height, size=len(drawn.content))


def seal_photo(drawn: Drawn) -> str:
    """Seals a photo in the home under a name drawn for it, which is returned."""
    name = secrets.token_hex(16)
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, settings.HOME.sealer().seal_bytes(drawn.content, name))
    return name


class Kept(Protocol):
    """What notes a sealed photo."""

    name: str


def content_of(photo: Kept) -> bytes:
    """The JPEG. Raises Failure where the file is missing, was changed, or is sealed with another key."""
    try:
        return settings.HOME.sealer().unseal_bytes(_path(photo.name).read_bytes(), photo.name)
    except (OSError, Failure):
        raise Failure(_("照片无法打开：文件缺失、被改动或密钥不符"), _("请系统管理员核对数据目录和密钥")) from None


def photo_files() -> list[Path]:
    """Every sealed photo; the name of the file is what its seal is bound to."""
    return sorted(_folder().glob("*/*.sealed"))


def _folder() -> Path:
    folder: Path = settings.HOME.path / "photos"
    return folder


def _path(name: str) -> Path:
    return _folder() / name[:2] / f"{name}.sealed"
