"""Photos: what people upload, checked and cleaned before it is kept."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from enum import StrEnum

from PIL import Image, ImageOps, UnidentifiedImageError

from alerts.errors import PhotoRefusedError

MAX_BYTES = 10 * 1024 * 1024
"""A phone's photo is 3 to 6 MB (chosen by)."""
_MAX_PIXELS = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_LONGEST_SIDE = 2560
_JPEG_QUALITY = 85


class PhotoKind(StrEnum):
    """What a photo shows."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Picture:
    """An image ready to be kept: its bytes, media type, and the hex sha256 of the bytes."""

    data: bytes
    media_type: str
    sha256: str


def clean(upload: bytes) -> Picture:
    """The photo as it is kept: upright, at most 2560 pixels a side, JPEG, without where and by what it was taken.

    Args:
        upload: As it came in: JPEG, PNG or WebP, at most `MAX_BYTES`.

    Returns:
        A JPEG that carries no EXIF: its orientation is applied, GPS and device are dropped.

    Raises:
        PhotoRefusedError: Not an image of these formats, broken, or too large.
    """
    if len(upload) > MAX_BYTES:
        raise PhotoRefusedError(f"{len(upload):,} bytes, at most {MAX_BYTES:,} are taken")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=_FORMATS) as image:
                return _as_jpeg(image)
    except UnidentifiedImageError as error:
        raise PhotoRefusedError("not a JPEG, PNG or WebP image") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefusedError("the image is broken or too large") from error


def _as_jpeg(image: Image.Image) -> Picture:
    if image.width * image.height > _MAX_PIXELS:
        raise PhotoRefusedError(f"{image.width} x {image.height} pixels, at most {_MAX_PIXELS:,} are taken")
    upright = ImageOps.exif_transpose(image).convert("RGB")
    upright.thumbnail((_LONGEST_SIDE, _LONGEST_SIDE))
    out = io.BytesIO()
    upright.save(out, "JPEG", quality=_JPEG_QUALITY, optimize=True)
    data = out.getvalue()
    return Picture(data, "image/jpeg", hashlib.sha256(data).hexdigest())
