"""Specimens of seals and signatures 印章、手签: what may be in the image files, told from their bytes alone.

Only the frame of a file is read (chunks of a PNG, segments of a JPEG); pixels are never decoded here.
"""

import base64
import binascii
import struct
import zlib
from dataclasses import dataclass

from domain.finding import Severity
from gateway.faults import Faults

MOST_BYTES = 409_600
MOST_PIXELS = 16_000_000
DPI = 600
# centimetres, width and height; a seal may be oval, 5.5 x 4.5 (the widest of its kinds)
SEAL, SIGNATURE = (5.5, 4.5), (3.5, 3.0)

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # JPEG markers without a length
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # those that tell the size
_INCH = 2.54


@dataclass(frozen=True, slots=True)
class Image:
    """An image file. media_type: image/png or image/jpeg; width, height: pixels; dpi: None when the file does not say."""

    body: bytes
    media_type: str
    width: int
    height: int
    dpi: float | None = None

    def centimetres(self) -> tuple[float, float]:
        """Width and height at the file's resolution, or at 600 dpi."""
        dpi = self.dpi or DPI
        return self.width / dpi * _INCH, self.height / dpi * _INCH


def image_in(text: str) -> Image | None:
    """The image in strict base64, whatever its blanks; None when it is none."""
    try:
        body = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return image_from(body)


def image_from(body: bytes) -> Image | None:
    """The image in these bytes; None unless they are one whole PNG or JPEG."""
    try:
        if body.startswith(_PNG):
            return _png(body)
        return _jpeg(body) if body.startswith(_JPEG) else None
    except (struct.error, IndexError):
        return None


def check(text: str, place: str, limits: tuple[float, float], faults: Faults) -> None:
    """Every fault of a specimen; limits: SEAL or SIGNATURE."""
    if not text:
        return
    try:
        body = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        faults.add("RG06", place)
        return
    if len(body) > MOST_BYTES:
        faults.add("RG15", place, f"{len(body)} bytes")
        return
    image = image_from(body)
    if image is None:
        faults.add("RG14", place, f"first bytes {body[:8].hex(' ')}")
    elif not 0 < image.width * image.height <= MOST_PIXELS:
        faults.add("RG07", place, f"{image.width} x {image.height}")
    else:
        _size(image, place, limits, faults)


def _size(image: Image, place: str, limits: tuple[float, float], faults: Faults) -> None:
    width, height = image.centimetres()
    if image.dpi and round(image.dpi) < DPI:
        faults.add("RG12", place, f"{image.dpi:.0f} dpi", severity=Severity.WARN)
    if width > limits[0] + 0.05 or height > limits[1] + 0.05:
        faults.add("RG08", place, f"{width:.1f} x {height:.1f} cm", severity=Severity.WARN)


def _png(body: bytes) -> Image | None:
    """A PNG whose chunks follow each other to the end, each with its checksum."""
    at, width, height, dpi, first = len(_PNG), 0, 0, None, True
    while True:
        length, name = struct.unpack_from(">I4s", body, at)
        data, end = body[at + 8 : at + 8 + length], at + 12 + length
        if end > len(body) or struct.unpack_from(">I", body, end - 4)[0] != zlib.crc32(body[at + 4 : end - 4]):
            return None
        if first != (name == b"IHDR"):
            return None
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", data)
        elif name == b"pHYs":
            across, _, unit = struct.unpack_from(">IIB", data)
            dpi = across * _INCH / 100 if unit == 1 and across else None
        elif name == b"IEND":
            return Image(body, "image/png", width, height, dpi) if end == len(body) else None
        at, first = end, False


def _jpeg(body: bytes) -> Image | None:
    """A JPEG with a frame header and its end; what stands between is not looked at."""
    at, dpi = 2, None
    while body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF or marker in _STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", body, at + 2)
        data = body[at + 4 : at + 2 + length]
        if length < 2:
            return None
        if marker == 0xE0 and data.startswith(b"JFIF\0"):
            unit, across = struct.unpack_from(">BH", data, 7)
            dpi = across * {1: 1.0, 2: _INCH}.get(unit, 0.0) or None
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, 1)
            return Image(body, "image/jpeg", width, height, dpi) if body.rstrip(b"\0").endswith(b"\xff\xd9") else None
        elif marker == 0xDA:
            return None
        at += 2 + length
    return None
