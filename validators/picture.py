"""What a picture of marks 图片唛头 is, from its bytes: kind, size in pixels and number of frames, without decoding the image.

Only headers are read and lengths followed, in one pass over at most 409,600 bytes: nothing here can be made to unpack
anything. That the image can be drawn is found out at printing, in a process of its own.
"""

import base64
import re
from functools import lru_cache
from typing import NamedTuple

MOST_BYTES = 409_600
MOST_PIXELS = 16_000_000
_MOST_BASE64 = (MOST_BYTES + 2) // 3 * 4

_BLANKS = re.compile(r"[ \t\r\n]+")
_PNG = b"\x89PNG\r\n\x1a\n"
# start-of-frame markers; C4, C8 and CC are tables
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


class Measure(NamedTuple):
    """A picture as its headers have it: kind "jpg", "png" or "gif", width and height in pixels, frames."""

    kind: str
    width: int
    height: int
    frames: int


class Fault(NamedTuple):
    """Why a file is not taken. size: it is too large (B11), else it is no such picture (B10); in Chinese and English."""

    size: bool
    zh: str
    en: str


@lru_cache(maxsize=8)
def fault_of(content: str) -> Fault | None:
    """What is wrong with a picture as sent, base64 text; None for a picture that can be taken."""
    if not content:
        return Fault(False, "没有图片内容", "there is no picture")
    text = _BLANKS.sub("", content) if len(content) <= 4 * _MOST_BASE64 else content
    if len(text) > _MOST_BASE64:
        return Fault(True, "超过409,600字节", "more than 409,600 bytes")
    try:
        body = base64.b64decode(text, validate=True)
    except ValueError:
        return Fault(False, "不是base64编码", "not base64")
    if len(body) > MOST_BYTES:
        return Fault(True, f"{len(body):,}字节", f"{len(body):,} bytes")
    return _fault_of_body(body)


def _fault_of_body(body: bytes) -> Fault | None:
    measured = measure(body)
    if measured is None:
        return Fault(False, "内容不是完整的jpg、png或gif", "the content is no complete jpg, png or gif")
    _, width, height, frames = measured
    if frames > 1:
        return Fault(False, f"含{frames}帧", f"it has {frames} frames")
    if width * height > MOST_PIXELS:
        return Fault(True, f"{width} x {height}像素", f"{width} x {height} pixels")
    return None


def measure(body: bytes) -> Measure | None:
    """Kind, size and frames of a picture; None when it is none of the three kinds, or is cut off before they are known."""
    readers = {b"\xff\xd8\xff": _jpg, _PNG: _png, b"GIF87a": _gif, b"GIF89a": _gif}
    reader = next((read for magic, read in readers.items() if body.startswith(magic)), None)
    try:
        measured = reader(body) if reader else None
    except IndexError:
        return None
    return measured if measured and measured.width and measured.height and measured.frames else None


def _number(body: bytes, at: int, size: int, order: str = "big") -> int:
    """The number of `size` bytes at `at`; raises IndexError when they are not all there."""
    piece = body[at : at + size]
    if len(piece) < size:
        raise IndexError(at)
    return int.from_bytes(piece, "little" if order == "little" else "big")


def _jpg(body: bytes) -> Measure | None:
    """From the first start-of-frame segment; ISO/IEC 10918-1, annex B."""
    at = 2
    while body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
        elif marker in _FRAMES:
            return Measure("jpg", _number(body, at + 7, 2), _number(body, at + 5, 2), 1)
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + max(_number(body, at + 2, 2), 2)
    return None


def _png(body: bytes) -> Measure | None:
    """From IHDR, and acTL where it is animated; ISO/IEC 15948 and its third edition."""
    if body[12:16] != b"IHDR":
        return None
    width, height, at, frames = _number(body, 16, 4), _number(body, 20, 4), 8, 1
    while (name := body[at + 4 : at + 8]) != b"IDAT":
        length = _number(body, at, 4)
        if name == b"acTL":
            frames = _number(body, at + 8, 4)
        at += 12 + length
    return Measure("png", width, height, frames)


def _gif(body: bytes) -> Measure | None:
    """The largest of the screen and its images, and how many images there are; the GIF89a specification."""
    width, height = _number(body, 6, 2, "little"), _number(body, 8, 2, "little")
    at = 13 + _colours(body[10])
    frames = 0
    while (block := body[at]) != 0x3B:
        if block == 0x2C:
            frames += 1
            width = max(width, _number(body, at + 5, 2, "little"))
            height = max(height, _number(body, at + 7, 2, "little"))
            at = _after_blocks(body, at + 11 + _colours(body[at + 9]))
        elif block == 0x21:
            at = _after_blocks(body, at + 2)
        else:
            return None
    return Measure("gif", width, height, frames)


def _colours(flags: int) -> int:
    """Bytes of the colour table that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(body: bytes, at: int) -> int:
    """Where the data blocks that begin at `at` end."""
    while length := body[at]:
        at += length + 1
    return at + 1
