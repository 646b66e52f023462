"""D03-D06, D09, D11 (and D13, the exception inside D03): route and destination under a trade agreement."""

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import CertificateType, certificate_type
from schemas.codelists import CodeLists
from validators.doubt import doubted
from validators.facts import Facts
from validators.reading import day
from validators.rule import PREFERENTIAL, Hit, Rule, Scope

_VIA = re.compile(r"\s(?:VIA|BY WAY OF)\s")
# several places of transhipment in one field; a comma stands between a place and its country
_SEVERAL = re.compile(r"\s(?:AND|THEN)\s|[/;&+\n]")

AGREED = Scope("PREF with known members", lambda kind: kind.preferential and bool(kind.members))


def _port_elsewhere(application: Application, facts: Facts) -> Iterator[Hit]:
    kind, codes = certificate_type(application.certificate_type), facts.codes
    port = application.transport.destination
    country = _discharged_in(port, codes)
    if country in kind.members or (port and country is None):
        return  # of a place that nobody knows nothing is said, as for the port of loading
    # D13: a member without a coast is reached through the port of another country
    if port and codes.country_of(application.destination) in kind.landlocked:
        return
    zh, en = _named(country, codes) if country else ("未填写", "none is given")
    yield Hit("Transport/Destination", port, zh=zh, en=en, severity=doubted(kind, "members", "landlocked"))


@lru_cache(maxsize=4096)
def _discharged_in(place: str, codes: CodeLists) -> str | None:
    return codes.country_in_place(_VIA.split(place.upper(), maxsplit=1)[0])


def _named(country: str, codes: CodeLists) -> tuple[str, str]:
    return codes.country_zh.get(country, country), codes.countries[country]


def _no_vehicle_after_shipment(application: Application, facts: Facts) -> Iterator[Hit]:
    if _shipped(application) and (_vehicle_is_open(application, facts) or _no_vehicle_word(application, facts)):
        yield Hit("Transport/Vehicle", application.transport.vehicle)


def _no_vehicle(application: Application, facts: Facts) -> Iterator[Hit]:
    if not _shipped(application) and _no_vehicle_word(application, facts):
        yield Hit("Transport/Vehicle", application.transport.vehicle)


def _shipped(application: Application) -> bool:
    departure, applied = day(application.transport.departure_date), day(application.application_date)
    return bool(departure and applied and departure < applied)


def _vehicle_is_open(application: Application, facts: Facts) -> bool:
    """Whether the vehicle stands as the guides want it while it is unknown: ***, BY SEA."""
    return _plain(application.transport.vehicle) in facts.codes.parameters.open_vehicles


def _no_vehicle_word(application: Application, facts: Facts) -> bool:
    """Whether nothing is said of the vehicle: blank, TBA and the like."""
    return _plain(application.transport.vehicle) in facts.codes.parameters.no_vehicle_words


def _plain(text: str) -> str:
    return " ".join(text.upper().replace(".", "").split())


def _transhipment(application: Application, facts: Facts) -> Iterator[Hit]:
    kind, codes = certificate_type(application.certificate_type), facts.codes
    for path, text in _transhipped_at(application, kind, codes):
        for place in _SEVERAL.split(text.upper()):
            country = codes.country_in_place(place)
            if country and country != "CN" and country not in kind.members:
                zh, en = _named(country, codes)
                yield Hit(path, text, zh=zh, en=en)
                return


def _transhipped_at(application: Application, kind: CertificateType, codes: CodeLists) -> Iterator[tuple[str, str]]:
    """The places named as transhipment: those in Via, and what follows VIA in a whole route."""
    transport = application.transport
    if transport.via:
        yield "Transport/Via", transport.via
    for path, text in (("Transport/Origin", transport.origin), ("Transport/Destination", transport.destination)):
        _, *via = _VIA.split(text.upper(), maxsplit=1)
        # SWITZERLAND VIA ROTTERDAM: the port of a member without a coast (D13)
        if via and not (path == "Transport/Destination" and codes.country_of(application.destination) in kind.landlocked):
            yield path, via[0]


def _destination_elsewhere(application: Application, facts: Facts) -> Iterator[Hit]:
    kind, codes = certificate_type(application.certificate_type), facts.codes
    destination = application.destination
    country = codes.country_of(destination)
    if country in kind.members:
        return
    if destination and country is None:
        zh, en = "不是已知的国家或地区名称", "no known name of a country or region"
        yield Hit("Destination", destination, zh=zh, en=en, severity=Severity.MANUAL)
        return
    printed = ", ".join(codes.countries[member] for member in kind.members)
    zh, en = f"成员方：{printed}", f"members are {printed}"
    yield Hit("Destination", destination, zh=zh, en=en, severity=doubted(kind, "members"))


def _no_departure(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.transport.departure_date:
        yield Hit("Transport/DepartureDate")


RULES = (
    Rule(
        "D03", Severity.REJECT, AGREED, "transport", "filling guides of the New Zealand, Iceland and Switzerland forms",
        "卸货港应为协定成员方港口", "Port of discharge must be in a member country",
        "请填写成员方的卸货港，中转地填在Via / Give the port in the member country; a place of transhipment belongs into Via",
        _port_elsewhere,
    ),
    Rule(
        "D04", Severity.WARN, PREFERENTIAL, "transport", "filling guides of the Korea and Switzerland forms",
        "出运后申报须填写运输工具名称", "Vehicle name required after shipment",
        "请填写船名航次、航班号等 / Give vessel and voyage, flight or the like",
        _no_vehicle_after_shipment,
    ),
    Rule(
        "D05", Severity.WARN, PREFERENTIAL, "transport", "filling guides of the New Zealand and RCEP forms",
        "运输工具未知请填***或BY SEA/BY AIR", "Use *** or BY SEA/BY AIR",
        "请填写***、BY SEA或BY AIR / Write ***, BY SEA or BY AIR",
        _no_vehicle,
    ),
    Rule(
        "D06", Severity.MANUAL, AGREED, "transport", "rules of the Asia-Pacific and Chile agreements on direct consignment",
        "经第三方转运，注意直接运输规则", "Transhipment: check direct consignment",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _transhipment,
    ),
    Rule(
        "D09", Severity.REJECT, AGREED, "destination", "enterprise manual 2017; the agreements",
        "目的国不适用该证书", "Destination not covered by this type",
        "请改用适用该目的国的证书类型，或更正目的国 / Use a type for this destination, or correct the destination",
        _destination_elsewhere,
    ),
    Rule(
        "D11", Severity.WARN, PREFERENTIAL, "transport", "filling guide of the New Zealand form",
        "请填写离港日期", "Give the departure date",
        "请填写DepartureDate / Give DepartureDate",
        _no_departure,
    ),
)  # fmt: skip
