"""What is looked at in a registration 企业注册 before the branch sees it: all faults at once, from facts alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from domain.finding import Severity
from domain.likeness import comparable, difference
from domain.registry import Signatory
from gateway import specimens
from gateway.faults import Faults
from messages.registration import Registration

SUFFIXES = ("-1", "-2")
_CUSTOMS_CODE = re.compile(r"[0-9A-Z]{10}", re.ASCII)


@dataclass(frozen=True, slots=True)
class OnFile:
    """What is on file about an enterprise. registered: its registration was approved; suffix: "", "-1" or "-2"."""

    no: str
    branch: str
    name_zh: str
    name_en: str
    active: bool
    customs_code: str
    registered: bool
    suffix: str
    signatories: tuple[Signatory, ...] = ()


def check(value: Registration, held: OnFile, branch: str, faults: Faults) -> None:
    """Every fault of a registration (NEW) or change (CHANGE). branch: of the interchange's header."""
    if branch != held.branch:
        faults.add("A07", "RegistrationNo", f"{branch} {value.registration_no}")
    if value.suffix and value.suffix not in SUFFIXES:
        faults.add("RG10", "Suffix", value.suffix)
    if value.kind == "NEW":
        _new(value, held, faults)
    elif value.kind == "CHANGE":
        _change(value, held, faults)
    else:
        faults.add("RG11", "Kind", value.kind)
    for place, name in (("NameZh", value.name_zh), ("NameEn", value.name_en)):
        if not name:
            faults.add("RG04", place)
    _signatories(value, held, faults)
    _codes((one.code for one in value.operators), "Operators/Operator", faults)
    _customs_codes(value, faults)
    specimens.check(value.seal, "Seal", specimens.SEAL, faults)


def _new(value: Registration, held: OnFile, faults: Faults) -> None:
    """The first registration says what is on file already."""
    if held.registered and value.suffix in ("", held.suffix):
        faults.add("RG01", "RegistrationNo", value.registration_no)
    for code, place, filed, sent in (
        ("RG02", "NameZh", held.name_zh, value.name_zh), ("A10", "NameEn", held.name_en, value.name_en)):
        if sent and comparable(filed) != comparable(sent):
            zh, en = difference(filed, sent)
            faults.add(code, place, sent, zh=zh, en=en)


def _change(value: Registration, held: OnFile, faults: Faults) -> None:
    if not held.registered:
        faults.add("RG03", "Kind", value.kind)
    for place, filed, sent in (("NameZh", held.name_zh, value.name_zh), ("NameEn", held.name_en, value.name_en)):
        if sent and comparable(filed) != comparable(sent):
            zh, en = difference(filed, sent)
            faults.add("RG13", place, sent, zh=zh, en=en, severity=Severity.MANUAL)


def _signatories(value: Registration, held: OnFile, faults: Faults) -> None:
    """A code on file belongs to its person; a first registration names nobody who is not on file, when somebody is."""
    filed = {person.code: person.name_zh for person in held.signatories}
    _codes((one.code for one in value.signatories), "Signatories/Signatory", faults)
    for position, person in enumerate(value.signatories, 1):
        place, name = f"Signatories/Signatory[{position}]", filed.get(person.code)
        if name is not None and comparable(name) != comparable(person.name_zh):
            zh, en = difference(name, person.name_zh)
            faults.add("A12", f"{place}/NameZh", person.name_zh, zh=zh, en=en)
        elif name is None and (not person.name_zh or (value.kind == "NEW" and filed)):
            known = ", ".join(f"{code} {name}" for code, name in filed.items())
            faults.add("A12", f"{place}/Code", f"{person.code} {person.name_zh}", zh=f"备案为{known}", en=f"filed: {known}")
        specimens.check(person.signature, f"{place}/Signature", specimens.SIGNATURE, faults)


def _codes(codes: Iterable[str], place: str, faults: Faults) -> None:
    """A fault for each code that is empty or stands twice."""
    seen: set[str] = set()
    for position, code in enumerate(codes, 1):
        if not code or code in seen:
            faults.add("RG05", f"{place}[{position}]/Code", code)
        seen.add(code)


def _customs_codes(value: Registration, faults: Faults) -> None:
    seen: set[str] = set()
    for position, one in enumerate(value.customs_codes, 1):
        place = f"CustomsCodes/CustomsCode[{position}]"
        if not _CUSTOMS_CODE.fullmatch(one.code) or one.code in seen:
            faults.add("RG09", f"{place}/Code", one.code)
        seen.add(one.code)
        faults.add_date(one.issued_on, f"{place}/IssuedOn")
