"""D01, D02, D07, D08, D10, D12: route and destination of every form; what agreements ask of them stands in `routes`."""

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.application import Application
from domain.finding import Severity
from schemas.certificate_types import type_of
from schemas.codelists import CodeLists
from validators.facts import Facts
from validators.rule import ALL, GENERAL, Hit, Rule

# a whole route written into one field: only its beginning is where the goods are loaded
_ONWARD = re.compile(r"\s(?:VIA|TO|BY|THEN)\s")


def _incomplete_route(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.transport.origin:
        yield Hit("Transport/Origin")
    if not application.transport.destination:
        yield Hit("Transport/Destination")


def _loaded_abroad(application: Application, facts: Facts) -> Iterator[Hit]:
    origin = application.transport.origin
    if not origin and (kind := type_of(application.certificate_type)) and kind.preferential:
        yield Hit("Transport/Origin", zh="未填写", en="none is given")  # elsewhere D01
    country = _loaded_in(origin, facts.codes)
    if country and country != "CN":  # of a place that nobody knows nothing is said
        name, chinese = facts.codes.countries[country], facts.codes.country_zh.get(country, country)
        yield Hit("Transport/Origin", origin, zh=chinese, en=name)


@lru_cache(maxsize=4096)
def _loaded_in(origin: str, codes: CodeLists) -> str | None:
    return codes.country_in_place(_ONWARD.split(origin.upper(), maxsplit=1)[0])


def _no_destination(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.destination or facts.codes.country_of(application.destination) == "CN":
        yield Hit("Destination", application.destination)


def _other_destination(application: Application, facts: Facts) -> Iterator[Hit]:
    codes, consignee = facts.codes, application.consignee
    destination = codes.country_of(application.destination)
    if destination == "CN" or not application.destination:
        return  # D07
    if destination is None:
        zh, en = "不是已知的国家或地区名称", "no known name of a country or region"
        yield Hit("Destination", application.destination, zh=zh, en=en)
        return
    receiver = codes.country_of(consignee.country) or codes.country_in_place(consignee.address)
    if receiver == destination:
        return
    port = codes.country_in_place(application.transport.destination)
    if port != destination and (receiver or port):
        seen = f"{receiver or '-'} / {port or '-'}"
        zh, en = f"收货人/到达港国家：{seen}", f"consignee / final port: {seen}"
        yield Hit("Destination", application.destination, zh=zh, en=en)


def _unknown_mode(application: Application, facts: Facts) -> Iterator[Hit]:
    mode = application.transport.mode
    if mode not in facts.codes.parameters.transport_modes:
        yield Hit("Transport/Mode", mode)


def _attention(application: Application, facts: Facts) -> Iterator[Hit]:
    if facts.codes.country_of(application.destination) in facts.codes.parameters.attention_destinations:
        yield Hit("Destination", application.destination)


RULES = (
    Rule(
        "D01", Severity.REJECT, GENERAL, "transport", "filling guides of the general certificate",
        "运输路线应含起运地和目的地", "Route needs origin and destination",
        "请填写起运地和目的地 / Give where the goods leave from and where they go",
        _incomplete_route,
    ),
    Rule(
        "D02", Severity.REJECT, ALL, "transport", "filling guides",
        "起运港应为中国境内港口", "Port of loading must be in mainland China",
        "请填写货物离开中国内地的港口或城市，中转地填在Via / "
        "Give the port or town in mainland China; a place of transhipment belongs into Via",
        _loaded_abroad,
    ),
    Rule(
        "D07", Severity.REJECT, GENERAL, "destination", "filling guides of the general certificate",
        "目的国不得为空或中国", "Destination required and not China",
        "请填写货物最终运抵的国家或地区 / Give the country or region where the goods finally arrive",
        _no_destination,
    ),
    Rule(
        "D08", Severity.MANUAL, GENERAL, "destination", "filling guides of the general certificate",
        "目的国与收货人国家不一致", "Destination differs from consignee",
        "由审核员核对；如系笔误请更正重发 / A reviewer will look at it; if it is a slip, correct it and send again",
        _other_destination,
    ),
    Rule(
        "D10", Severity.WARN, ALL, "transport", "enterprise manual 2017, FAQ 6",
        "运输方式不规范", "Unknown mode of transport",
        "请使用SEA、AIR、RAIL、TRUCK、POST、EXPRESS、MULTI / Use SEA, AIR, RAIL, TRUCK, POST, EXPRESS or MULTI",
        _unknown_mode,
    ),
    Rule(
        "D12", Severity.MANUAL, ALL, "destination", "own; places under UN Security Council sanctions",
        "目的国需人工审核", "Destination needs manual review",
        "由审核员核对，无需重发 / A reviewer will look at it; no need to send again",
        _attention,
    ),
)  # fmt: skip
