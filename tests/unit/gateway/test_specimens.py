"""Specimens of seals and signatures: what is an image is told from its bytes, and nothing else passes for one."""

import random
import struct
import zlib

import pytest
from lxml import etree

from gateway import specimens
from gateway.faults import Faults
from gateway.specimens import image_from, image_in
from messages.parsing import parse
from tests.filing_messages import base64_of, png, registration


def jpeg(width: int = 800, height: int = 600, dpi: int = 600, unit: int = 1) -> bytes:
    """The frame of a JPEG: what is looked at."""
    jfif = b"JFIF\0\x01\x02" + struct.pack(">BHHBB", unit, dpi, dpi, 0, 0)
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0"
    return (b"\xff\xd8\xff\xe0" + struct.pack(">H", len(jfif) + 2) + jfif + b"\xff\xc0" + struct.pack(">H", len(frame) + 2) + frame
            + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\x12\x34\xff\xd9")


def faults(text: str, limits: tuple[float, float] = specimens.SEAL) -> dict[str, str]:
    """code -> severity."""
    root = parse(registration("R-1"))
    assert isinstance(root, etree._Element)
    found = Faults(root[1])
    specimens.check(text, "Seal", limits, found)
    return {finding.code: finding.severity.value for finding in found.found}


def test_the_size_stands_in_the_file() -> None:
    for body, media_type in ((png(320, 200), "image/png"), (jpeg(320, 200), "image/jpeg")):
        image = image_from(body)
        assert image and (image.width, image.height, round(image.dpi or 0), image.media_type) == (320, 200, 600, media_type)
    metric = image_from(jpeg(dpi=236, unit=2))  # dots per centimetre
    assert metric and round(metric.dpi or 0) == 599
    unknown = image_from(png(dpi=0))
    assert unknown and unknown.dpi is None


@pytest.mark.parametrize(("text", "code"), [
    ("not base64!", "RG06"), ("QUJ", "RG06"), ("QUJDRA==QUJDRA==", "RG06"), ("QUJD", "RG14"),
    (base64_of(b"GIF89a" + bytes(20)), "RG14"),
    (base64_of(png()[:-20]), "RG14"), (base64_of(png() + b"<script>"), "RG14"),
    (base64_of(png()[:19] + b"\x7f" + png()[20:]), "RG14"),
    (base64_of(jpeg()[:-2]), "RG14"), (base64_of(b"\xff\xd8\xff\xe0\0\x10JFIF"), "RG14"),
    (base64_of(b"\xff\xd8" + b"\xff" * 99), "RG14"),
    (base64_of(png(60_000, 60_000)), "RG07"), (base64_of(png(0, 5)), "RG07"), (base64_of(jpeg(65_000, 65_000)), "RG07"),
    (base64_of(b"\x89PNG\r\n\x1a\n" + bytes(409_600)), "RG15"), (base64_of(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "RG14"),
], ids=range(16))
def test_what_is_no_image_is_refused(text: str, code: str) -> None:
    assert faults(text) == {code: "reject"}


def test_exactly_the_largest_file_passes() -> None:
    body = png()
    rest = specimens.MOST_BYTES - len(body)
    inside = struct.pack(">I", rest - 12) + b"tEXt" + bytes(rest - 12)
    padded = body[:33] + inside + struct.pack(">I", zlib.crc32(inside[4:])) + body[33:]
    assert len(padded) == specimens.MOST_BYTES and faults(base64_of(padded)) == {}


@pytest.mark.parametrize(("body", "limits", "expected"), [
    (png(1299, 1063), specimens.SEAL, {}), (png(1400, 1063), specimens.SEAL, {"RG08": "warn"}),
    (png(827, 709), specimens.SIGNATURE, {}), (png(827, 800), specimens.SIGNATURE, {"RG08": "warn"}),
    (png(300, 300, dpi=300), specimens.SEAL, {"RG12": "warn"}), (png(dpi=0), specimens.SEAL, {}),
    (png(dpi=1200), specimens.SEAL, {}),
], ids=range(7))
def test_size_and_resolution_are_warned_about(body: bytes, limits: tuple[float, float], expected: dict[str, str]) -> None:
    assert faults(base64_of(body), limits) == expected


def test_blanks_in_base64_do_not_matter() -> None:
    text = base64_of(png())
    assert image_in("\n".join(text[at:at + 76] for at in range(0, len(text), 76))) is not None


def test_damaged_files_never_raise() -> None:
    chance = random.Random(7)
    for whole in (png(40, 40), jpeg(40, 40)):
        for _ in range(2_000):
            body = bytearray(whole[: chance.randrange(len(whole) + 1)])
            for _ in range(chance.randrange(4)):
                if body:
                    body[chance.randrange(len(body))] = chance.randrange(256)
            found = image_from(bytes(body))
            assert found is None or found.body == bytes(body)  # a size of nothing is a finding, not a failure
