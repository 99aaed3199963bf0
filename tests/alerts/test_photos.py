"""Photos: what is kept of an upload, and what is not taken."""

import hashlib
import io

import pytest
from PIL import Image

from alerts.errors import PhotoRefusedError
from alerts.photos import MAX_BYTES, clean


def picture(size: tuple[int, int], image_format: str = "JPEG", *, orientation: int = 1) -> bytes:
    """An image with GPS and an orientation in its EXIF; red left half, blue right half."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x8825] = {1: "N", 2: (31.0, 14.0, 0.0)}
    out = io.BytesIO()
    image.save(out, image_format, exif=exif)
    return out.getvalue()


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_nothing_is_kept_of_where_it_was_taken(image_format: str) -> None:
    """Whatever came in, a JPEG without any EXIF is kept, under the hash of its bytes."""
    kept = clean(picture((40, 20), image_format))
    image = Image.open(io.BytesIO(kept.data))

    assert (image.format, kept.media_type) == ("JPEG", "image/jpeg")
    assert dict(image.getexif()) == {}
    assert kept.sha256 == hashlib.sha256(kept.data).hexdigest()


def test_it_is_turned_upright() -> None:
    """Orientation 6 means: turn a quarter clockwise; left becomes top."""
    image = Image.open(io.BytesIO(clean(picture((80, 40), orientation=6)).data))
    top = image.getpixel((20, 10))

    assert image.size == (40, 80)
    assert isinstance(top, tuple)
    assert top[0] > 200
    assert top[2] < 50


def test_large_photos_are_made_smaller() -> None:
    """The longest side is at most 2560 pixels, the shape stays."""
    kept = clean(picture((5120, 2560)))

    assert Image.open(io.BytesIO(kept.data)).size == (2560, 1280)


@pytest.mark.parametrize(
    ("upload", "reason"),
    [
        (b"", "not a JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a JPEG"),
        (b"GIF89a" + b"\0" * 50, "not a JPEG"),
        (picture((64, 64))[:400], "broken"),
        (b"\0" * (MAX_BYTES + 1), "at most 10,485,760"),
    ],
    ids=["empty", "svg", "gif", "cut", "large"],
)
def test_what_is_no_photo_is_refused(upload: bytes, reason: str) -> None:
    """The refusal says why."""
    with pytest.raises(PhotoRefusedError, match=reason):
        clean(upload)


def test_an_image_of_too_many_pixels_is_refused() -> None:
    """A few bytes that would fill the memory are not unpacked."""
    out = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(out, "PNG")

    with pytest.raises(PhotoRefusedError, match="too large"):
        clean(out.getvalue())
