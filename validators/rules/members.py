"""C03, C04, C06, C09-C11: whom a preferential form may name: an exporter in China, a consignee in a member country."""

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import CertificateType, certificate_type
from schemas.codelists import CodeLists
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import comparable
from validators.rule import PREFERENTIAL, Hit, Rule, Scope, only
from validators.rules.parties import after_intermediary, country_of_consignee, is_to_order

_PARTS = re.compile(r"[,;\n()]")

LIMITED = Scope(
    "PREF whose consignee must be in certain countries",
    lambda kind: kind.preferential and "*" not in kind.consignees and bool(kind.consignees or kind.members))
NAMED = Scope("types without TO ORDER", lambda kind: kind.preferential and kind.to_order == "manual")


def _exporter_abroad(application: Application, facts: Facts) -> Iterator[Hit]:
    exporter, codes = application.exporter, facts.codes
    if exporter.country and codes.country_of(exporter.country) != "CN":
        yield Hit("Exporter/Country", exporter.country)
    elif (country := _printed_in(exporter.address, codes)) and country != "CN":
        name, chinese = codes.countries[country], codes.country_zh.get(country, country)
        yield Hit("Exporter/Address", exporter.address, zh=chinese, en=name)


@lru_cache(maxsize=4096)
def _printed_in(address: str, codes: CodeLists) -> str | None:
    return codes.country_in_place(address)


def _second_company(application: Application, facts: Facts) -> Iterator[Hit]:
    exporter, codes = application.exporter, facts.codes
    for path, text in (("Exporter/Name", exporter.name), ("Exporter/Address", exporter.address)):
        second = after_intermediary(text, codes.parameters.intermediary_words)
        if second is None:
            continue
        allowed = application.certificate_type in codes.parameters.second_company_types
        # where the guide allows a firm of the mainland only a firm known to be elsewhere is refused
        elsewhere = _printed_in(second, codes) not in (None, "CN") or _names_middleman(second, codes)
        severity = Severity.MANUAL if allowed and not elsewhere else None
        yield Hit(path, text, zh=second, en=second, severity=severity)
        return


def _middleman_place(application: Application, facts: Facts) -> Iterator[Hit]:
    exporter, consignee, codes = application.exporter, application.consignee, facts.codes
    abroad = any(_exporter_abroad(application, facts))  # C03
    texts = (
        ("Exporter/Name", "exporter", "" if abroad else exporter.name),
        ("Exporter/Address", "exporter", "" if abroad else exporter.address),
        ("Consignee/Name", "consignee", consignee.name), ("Consignee/Address", "consignee", consignee.address),
    )
    for path, shown, text in texts:
        if found := _names_middleman(text, codes):
            yield Hit(path, text, shown, zh=found, en=found)
            return
    if codes.country_of(consignee.country) in codes.parameters.middleman_places:
        yield Hit("Consignee/Country", consignee.country)


@lru_cache(maxsize=4096)
def _names_middleman(text: str, codes: CodeLists) -> str:
    """The part of a name or address that is such a place as a country; "" when there is none: a street may be called so."""
    for part in map(str.strip, _PARTS.split(text.upper())):
        if len(part) > 3 and codes.country_words.get(part.strip(".")) in codes.parameters.middleman_places:
            return part
    return ""


def _consignee_elsewhere(application: Application, facts: Facts) -> Iterator[Hit]:
    consignee, codes = application.consignee, facts.codes
    kind = certificate_type(application.certificate_type)
    if not consignee.name:
        return  # C07
    country = country_of_consignee(consignee, codes) or _code_at_end(consignee.address, application.destination, codes)
    if country in accepted_consignees(kind) or (country is None and not consignee.country and is_to_order(consignee, codes)):
        return
    printed = ", ".join(codes.countries[one] for one in accepted_consignees(kind))
    yield Hit(
        "Consignee/Country", consignee.country or consignee.address, zh=f"可为：{printed}", en=f"one of {printed}",
        severity=doubted(kind, "members", "consignees"))


def _code_at_end(address: str, destination: str, codes: CodeLists) -> str | None:
    """The country of the destination where the address ends in its two letters: AUCKLAND 1010, NZ."""
    last = address.upper().rstrip(" .").replace(",", " ").split()[-1:]
    country = codes.country_of(destination)
    return country if country and last == [country] else None


def accepted_consignees(kind: CertificateType) -> tuple[str, ...]:
    """Alpha-2 codes of the countries where the consignee may be."""
    return kind.consignees or kind.members


def _no_real_consignee(application: Application, facts: Facts) -> Iterator[Hit]:
    if is_to_order(application.consignee, facts.codes):
        yield Hit("Consignee/Name", application.consignee.name)


def _same_parties(application: Application, facts: Facts) -> Iterator[Hit]:
    consignee = application.consignee.name
    if consignee and comparable(consignee) == comparable(application.exporter.name):
        yield Hit("Consignee/Name", consignee)


RULES = (
    Rule(
        "C03", Severity.REJECT, PREFERENTIAL, "exporter", "filling guides of the New Zealand and Switzerland forms",
        "出口商应在中国境内", "Exporter must be in mainland China",
        "请填写中国内地的出口商及其地址 / Name an exporter in mainland China and its address there",
        _exporter_abroad,
    ),
    Rule(
        "C04", Severity.REJECT, PREFERENTIAL, "exporter", "filling guides of the Switzerland, Peru and RCEP forms",
        "不得填写两个或以上公司名称", "Only one company name allowed",
        "请只填写出口商，删去所列公司 / Name the exporter alone, without the company shown",
        _second_company,
    ),
    Rule(
        "C06", Severity.REJECT, only("FORME", "FORME2"), "consignee", "filling guide of form E",
        "不得出现中间商名称", "No middleman in this box",
        "请删去所列地区的中间商，填写成员国的收货人 / Leave the middleman out and name the consignee in the member country",
        _middleman_place,
    ),
    Rule(
        "C09", Severity.REJECT, LIMITED, "consignee", "filling guides of the types",
        "收货人应为协定成员方", "Consignee must be in a member country",
        "请填写成员方的收货人及其国家 / Name a consignee in a member country, and the country",
        _consignee_elsewhere,
    ),
    Rule(
        "C10", Severity.MANUAL, NAMED, "consignee", "filling guides of the Korea and Switzerland forms; inferred",
        "该类证书须填写实际收货人", "Real consignee required",
        "由审核员核对；请尽量填写实际收货人 / A reviewer will look at it; name the real consignee where you can",
        _no_real_consignee,
    ),
    Rule(
        "C11", Severity.MANUAL, PREFERENTIAL, "consignee", "own",
        "收货人与出口商相同", "Consignee equals exporter",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _same_parties,
    ),
)  # fmt: skip
