"""Messages about filings for tests: goods, registrations, decisions, each in an interchange of its own."""

import base64
import struct
import zlib
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import count

from domain.certificate_lifecycle import CERTIFICATE
from schemas.certificate_types import CertificateType, Criterion, certificate_type
from store.chain import verify_chains
from store.database import Database
from store.invariants import CHECKS, parameters, run

FIRM, BRANCH = "1100A0017", "1100B0"  # of tests/samples/registry.toml
OTHER_FIRM, OTHER_BRANCH = "4403C0102", "4403C1"
NAME_ZH, NAME_EN = "北京华岭机械进出口有限公司", "BEIJING HUALING MACHINERY IMPORT AND EXPORT CO., LTD."
_numbers = count(1)
_OF_BROKER = {"outbox_drained"}  # nobody sends here

GOODS: Mapping[str, str] = {
    "CertificateType": "FORME2", "HSCode": "841370", "NameZh": "离心泵", "NameEn": "CENTRIFUGAL PUMPS", "Criterion": "RVC",
    "ValueContent": "55", "Producer": "<Name>BEIJING HUALING MACHINERY WORKS</Name><Address>BEIJING, CHINA</Address>",
    "Materials": "<Material><Name>CAST IRON</Name><HSCode>720110</HSCode><OriginCountry>CN</OriginCountry><Share>40</Share>"
                 "</Material>",
    "Processing": "<Step>casting</Step><Step>machining</Step>"}


def form_e() -> CertificateType:
    """A preferential type with two criteria, enabled whatever the definition files say."""
    criteria = (
        Criterion("RVC", "区域价值成分", "regional value content", percent="required", minimum=Decimal(40)),
        Criterion("WO", "完全获得", "wholly obtained"),
        Criterion("PSR", "产品特定原产地规则", "product-specific rule", percent="optional", basis=("RVC", "CTC", "PROCESS")),
        Criterion("OLD", "未证实", "not confirmed", percent="required", minimum=Decimal(60), verified=False))
    return replace(certificate_type("CO"), code="FORME2", preferential=True, enabled=True, criteria=criteria)


def interchange(body: str, sender: str = FIRM, branch: str = BRANCH) -> bytes:
    """The message in an interchange of its own."""
    return (
        f'<Interchange xmlns="urn:coedi:message:1"><Header><InterchangeId>I-{next(_numbers)}</InterchangeId>'
        f"<Sender>{sender}</Sender><Branch>{branch}</Branch><Created>2026-11-16T09:00:00+08:00</Created></Header>{body}</Interchange>").encode()


def goods(message_id: str, sender: str = FIRM, branch: str = BRANCH, **parts: str) -> bytes:
    """A goods filing; parts: elements in place of those of GOODS ("" leaves one out), or Changes, Withdraws, ValidTo."""
    order = ("Withdraws", "Reason", "Changes", "CertificateType", "HSCode", "HSEdition", "NameZh", "NameEn", "Criterion",
             "ValueContent", "PSRBasis", "Producer", "Materials", "Processing", "ValidTo")
    filled = parts if "Withdraws" in parts else {**GOODS, **parts}
    elements = "".join(f"<{name}>{filled[name]}</{name}>" for name in order if filled.get(name))
    return interchange(f"<GoodsFiling><MessageId>{message_id}</MessageId>{elements}</GoodsFiling>", sender, branch)


def registration(message_id: str, sender: str = FIRM, *, kind: str = "NEW", no: str = FIRM, branch: str = BRANCH,
                 more: str = "", zh: str = NAME_ZH, en: str = NAME_EN, suffix: str = "") -> bytes:
    """A registration; more: signatories, operators, customs codes and the seal as XML."""
    added = f"<Suffix>{suffix}</Suffix>" if suffix else ""
    return interchange(
        f"<Registration><MessageId>{message_id}</MessageId><Kind>{kind}</Kind><RegistrationNo>{no}</RegistrationNo>{added}"
        f"<NameZh>{zh}</NameZh><NameEn>{en}</NameEn>{more}</Registration>", sender, branch)


def decision(message_id: str, filing: object, version: object, what: str = "APPROVE", *, kind: str = "GoodsFilingDecision",
             branch: str = BRANCH, reason: str = "", more: str = "") -> bytes:
    """A decision of a branch; more: ValidTo or CustomsCodes as XML."""
    said = f"<Reason>{reason}</Reason>" if reason else ""
    return interchange(
        f"<{kind}><MessageId>{message_id}</MessageId><Filing>{filing}</Filing><Version>{version}</Version>"
        f"<Decision>{what}</Decision>{said}{more}</{kind}>", branch, branch)


def png(width: int = 1000, height: int = 700, dpi: int = 600) -> bytes:
    """A grey PNG of this size; its pixels are there."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = zlib.compress((b"\0" + bytes(width)) * height) if width * height < 10_000_000 else b""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    resolution = struct.pack(">IIB", round(dpi / 0.0254), round(dpi / 0.0254), 1)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + (chunk(b"pHYs", resolution) if dpi else b"") + chunk(b"IDAT", rows)
            + chunk(b"IEND", b""))


def broken_promises(database: Database) -> set[str]:
    """Names of the doctor's promises about messages, receipts and filings that do not hold."""
    given = parameters(CERTIFICATE)
    found = {check.name for check in CHECKS if check.name not in _OF_BROKER and run(database, check, given).count}
    with database.transaction():
        return found | ({"chains"} if list(verify_chains(database, lambda lines: None)) else set())


def base64_of(body: bytes) -> str:
    """As it stands in a message."""
    return base64.b64encode(body).decode()
