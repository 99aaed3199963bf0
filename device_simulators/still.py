"""Still: believable JPEGs of a gate as its camera sees it, by day and by night."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from device_simulators.calendar import hour_of_day, local_clock, stream

FRAME = (1280, 720)
"""Width and height in which boxes are given, as the camera detects."""
_SIZE = (960, 540)
_SCALE = _SIZE[0] / FRAME[0]
_HORIZON = 200
_DAWN_H, _DUSK_H = 6.2, 18.4
_QUALITY = 78

Box = tuple[int, int, int, int]
Colour = tuple[int, int, int]

PAINTS: tuple[Colour, ...] = (
    (226, 228, 230),
    (38, 40, 44),
    (150, 154, 158),
    (128, 28, 30),
    (34, 62, 112),
    (232, 214, 176),
)
_PLATE = (28, 72, 168)


@dataclass(frozen=True, slots=True)
class Car:
    """One car in the picture.

    Attributes:
        box: Left, top, right, bottom in `FRAME`.
        paint: Its colour.
        plate: Shown masked: only the first letters can be read.
        score: What the camera writes on its box; without one it is somebody else's picture and gets no box.
    """

    box: Box
    paint: Colour
    plate: str
    score: float | None = None


class StillPainter:
    """Paints stills of one scene; the scene's background is drawn once by day and once by night.

    Args:
        seed: Of the sensor's noise.
        camera: Name in the overlay.
    """

    def __init__(self, seed: int, camera: str) -> None:
        self._camera = camera
        self._seed = seed
        self._font = ImageFont.load_default(19)
        self._backgrounds: dict[bool, Image.Image] = {}
        # Drawn once and shifted from picture to picture: fresh noise would take longer than all else together.
        coarse = stream(seed, "grain").normal(0.0, 1.0, (_SIZE[1] // 2, _SIZE[0] // 2)).astype(np.float32)
        self._grain = coarse.repeat(2, axis=0).repeat(2, axis=1)

    def paint(self, at_us: int, cars: Sequence[Car]) -> bytes:
        """One JPEG of 960 x 540, some 60 to 110 KB.

        Args:
            at_us: The time in the overlay, and whether it is night.
            cars: Far ones first.

        Returns:
            The JPEG.
        """
        night = not _DAWN_H <= hour_of_day(at_us) < _DUSK_H
        picture = self._background(night).copy()
        for car in cars:
            _car(picture, car, night=night)
        picture = self._grained(picture, at_us, 7.0 if night else 3.0)
        draw = ImageDraw.Draw(picture)
        for car in cars:
            if car.score is None:
                continue
            box = [round(edge * _SCALE) for edge in car.box]
            draw.rectangle(box, outline=(90, 220, 90), width=2)
            draw.text((box[0] + 2, box[1] - 22), f"car {car.score:.0%}", fill=(90, 220, 90), font=self._font)
        for place, text in (((14, 10), local_clock(at_us)), ((14, _SIZE[1] - 34), self._camera)):
            draw.text(place, text, fill=(255, 255, 255), font=self._font, stroke_width=2, stroke_fill=(0, 0, 0))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
        return out.getvalue()

    def _grained(self, picture: Image.Image, at_us: int, spread: float) -> Image.Image:
        shift = tuple(stream(self._seed, "shift", at_us).integers(0, _SIZE[1], 2).tolist())
        noise = (np.roll(self._grain, shift, (0, 1)) * spread).astype(np.int16)
        pixels = np.asarray(picture, dtype=np.int16) + noise[:, :, None]
        return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))

    def _background(self, night: bool) -> Image.Image:  # noqa: FBT001 -- the two halves of the day
        if night not in self._backgrounds:
            self._backgrounds[night] = _scene(stream(self._seed, "scene"), night=night)
        return self._backgrounds[night]


def _scene(dice: np.random.Generator, *, night: bool) -> Image.Image:
    width, height = _SIZE
    top, bottom = ((14, 18, 30), (34, 38, 52)) if night else ((150, 182, 214), (214, 222, 228))
    shade = np.linspace(0.0, 1.0, _HORIZON)[:, None]
    sky = np.array(top) * (1 - shade) + np.array(bottom) * shade
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[:_HORIZON] = sky[:, None, :]
    asphalt = np.linspace(46, 66, height - _HORIZON) * (0.62 if night else 1.55)
    canvas[_HORIZON:] = asphalt[:, None, None] + dice.normal(0, 4, (height - _HORIZON, width, 1))
    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    _buildings(draw, dice, night=night)
    _street(draw, night=night)
    _gate(draw, night=night)
    if night:
        glow = Image.new("L", _SIZE, 0)
        ImageDraw.Draw(glow).ellipse((360, 120, 760, 520), fill=70)
        warm = Image.new("RGB", _SIZE, (255, 214, 150))
        picture.paste(warm, (0, 0), glow.filter(ImageFilter.GaussianBlur(70)))
    return picture.filter(ImageFilter.GaussianBlur(0.7))


def _buildings(draw: ImageDraw.ImageDraw, dice: np.random.Generator, *, night: bool) -> None:
    for index, left in enumerate(range(-20, _SIZE[0], 150)):
        top = 14 + int(dice.integers(0, 50))
        wall = (30, 32, 40) if night else (188 - 8 * (index % 3), 178, 166)
        draw.rectangle((left, top, left + 132, _HORIZON + 6), fill=wall)
        for y in range(top + 10, _HORIZON - 8, 17):
            for x in range(left + 9, left + 122, 19):
                lit = night and dice.random() < 0.4  # noqa: PLR2004 -- share of lit windows
                dark = (52, 58, 70) if night else (116, 132, 146)
                draw.rectangle((x, y, x + 11, y + 9), fill=(238, 206, 132) if lit else dark)
    hedge = (20, 30, 22) if night else (74, 104, 66)
    draw.rectangle((0, _HORIZON - 16, _SIZE[0], _HORIZON + 10), fill=hedge)


def _street(draw: ImageDraw.ImageDraw, *, night: bool) -> None:
    """The road to the gate, the hatched no-parking zone on the left and the red fire lane on the right."""
    dim = 0.5 if night else 1.0
    white, yellow, red = (_dimmed(c, dim) for c in ((226, 226, 220), (232, 196, 40), (200, 44, 38)))
    for left in (430, 520):
        draw.line((left, _HORIZON + 12, 350 + (left - 430) * 4, _SIZE[1]), fill=white, width=4)
    draw.polygon(((70, 290), (320, 270), (300, 440), (20, 470)), outline=yellow, width=5)
    for step in range(6):
        draw.line((70 + 42 * step, 288 - 4 * step, 24 + 46 * step, 466 - 5 * step), fill=yellow, width=3)
    draw.polygon(((640, 268), (900, 290), (945, 470), (660, 436)), outline=red, width=6)
    draw.text((716, 476), "FIRE LANE", fill=red, font=ImageFont.load_default(34))


def _gate(draw: ImageDraw.ImageDraw, *, night: bool) -> None:
    dim = 0.55 if night else 1.0
    draw.rectangle((352, 128, 420, 250), fill=_dimmed((214, 210, 200), dim))
    draw.rectangle((362, 146, 410, 186), fill=(236, 214, 150) if night else (96, 118, 134))
    draw.rectangle((344, 120, 428, 130), fill=_dimmed((120, 60, 50), dim))
    draw.rectangle((424, 196, 434, 252), fill=_dimmed((230, 170, 40), dim))
    for index in range(9):
        paint = (214, 50, 44) if index % 2 else (236, 236, 232)
        draw.rectangle((434 + 21 * index, 204, 455 + 21 * index, 211), fill=_dimmed(paint, dim))


def _car(picture: Image.Image, car: Car, *, night: bool) -> None:
    left, top, right, bottom = (edge * _SCALE for edge in car.box)
    wide, high = right - left, bottom - top
    layer = Image.new("RGBA", (round(wide) + 8, round(high) + 14), (0, 0, 0, 0))
    draw = ImageDraw.Draw(layer)

    def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
        return [(4 + x * wide, 2 + y * high) for x, y in points]

    dim = 0.5 if night else 1.0
    paint = _dimmed(car.paint, dim)
    draw.ellipse([*at((0.0, 0.86), (1.0, 1.05))], fill=(0, 0, 0, 120))
    for x in (0.06, 0.78):
        draw.rounded_rectangle([*at((x, 0.70), (x + 0.16, 1.0))], radius=6, fill=(18, 18, 20))
    draw.polygon(at((0.20, 0.06), (0.80, 0.06), (0.93, 0.42), (0.07, 0.42)), fill=paint)
    draw.polygon(at((0.24, 0.11), (0.76, 0.11), (0.86, 0.40), (0.14, 0.40)), fill=_dimmed((70, 84, 96), dim))
    draw.rounded_rectangle([*at((0.01, 0.39), (0.99, 0.87))], radius=high * 0.10, fill=paint)
    draw.line(at((0.03, 0.60), (0.97, 0.60)), fill=_dimmed(car.paint, dim * 0.8), width=2)
    lamp = (255, 250, 226) if night else (226, 232, 236)
    for x in (0.05, 0.80):
        draw.rounded_rectangle([*at((x, 0.48), (x + 0.15, 0.58))], radius=3, fill=lamp)
    draw.rectangle([*at((0.33, 0.48), (0.67, 0.58))], fill=(28, 30, 34))
    _plate(draw, car.plate, at((0.36, 0.68), (0.64, 0.80)), dim)
    layer = layer.filter(ImageFilter.GaussianBlur(0.8))
    picture.paste(layer, (round(left) - 4, round(top) - 2), layer)


def _plate(draw: ImageDraw.ImageDraw, plate: str, box: Sequence[tuple[float, float]], dim: float) -> None:
    """A blue plate of which only the first letters can be read; the rest is blocks, as a masking camera writes it."""
    (left, top), (right, bottom) = box
    draw.rectangle((left, top, right, bottom), fill=_dimmed(_PLATE, dim), outline=(220, 220, 220))
    size = max(8, round((bottom - top) * 0.8))
    draw.text((left + 4, top), plate[1:3], fill=(240, 240, 240), font=ImageFont.load_default(size))
    cell = (right - left) / 12
    for index in range(6):
        tone = 90 + (zigzag := (ord(plate[-1]) * (index + 3)) % 5) * 24
        x = left + (5.4 + index) * cell
        draw.rectangle((x, top + 3 + zigzag % 2, x + cell, bottom - 3), fill=(tone, tone + 8, min(255, tone + 40)))


def _dimmed(colour: Colour, factor: float) -> Colour:
    red, green, blue = (round(part * factor) for part in colour)
    return red, green, blue
