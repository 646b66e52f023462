"""One enterprise of the register: what is on file, and what a registrar changes there, each change with its reason."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from console.signing_in import re_authenticate
from console.web.asking import ADMINISTRATORS, REGISTRARS, Ask, BadInput, Done, Field, File, Route, View
from console.web.pages.registry import READ_REGISTRY
from domain.errors import UnknownThing
from gateway.specimens import image_from
from store.register_pages import (
    CodeOnFile,
    Counter,
    EnterpriseSheet,
    GoodsCount,
    Note,
    OperatorOnFile,
    Registrar,
    SealOnFile,
    SignatoryOnFile,
    Specimen,
    StateCount,
    certificate_counts,
    counters,
    customs_codes,
    enterprise_sheet,
    goods_counts,
    notes,
    operators,
    seals,
    signatories,
    specimen,
)
from validators.picture import MOST_BYTES, fault_of, measure

_MEDIA = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
_SHOWN = frozenset(_MEDIA.values())


@dataclass(frozen=True, slots=True)
class Enterprise:
    """All that is on file about one enterprise. counted: how many of its newest certificates `certificates` counts at most;
    may_change: a registrar looks at it; may_switch: an administrator does."""

    sheet: EnterpriseSheet
    codes: tuple[CodeOnFile, ...]
    operators: tuple[OperatorOnFile, ...]
    signatories: tuple[SignatoryOnFile, ...]
    seals: tuple[SealOnFile, ...]
    counters: tuple[Counter, ...]
    goods: tuple[GoodsCount, ...]
    certificates: tuple[StateCount, ...]
    notes: tuple[Note, ...]
    may_change: bool
    may_switch: bool


def enterprise(ask: Ask) -> View:
    """The enterprise by number or credit code."""
    sheet = _sheet(ask)
    database, no = ask.database, sheet.no
    return View("enterprise.html", Enterprise(
        sheet, tuple(customs_codes(database, no)), tuple(operators(database, no)), tuple(signatories(database, no)),
        tuple(seals(database, no)), tuple(counters(database, no)), tuple(goods_counts(database, no)),
        tuple(certificate_counts(database, no)), tuple(notes(database, no, ask.branch)), ask.may(REGISTRARS),
        ask.may(ADMINISTRATORS)))


def image(ask: Ask) -> File:
    """A specimen on file."""
    no, kind, code = _sheet(ask).no, ask.path["kind"].replace("\0", ""), ask.path["code"].replace("\0", "")
    found = specimen(ask.database, no, kind, code.removeprefix("-") if kind == "seal" else code, ask.branch)
    if found.media_type not in _SHOWN:
        raise UnknownThing(f"a specimen of the type {found.media_type} is not shown", zh="该格式的样本不能显示")
    return File(found.body, found.media_type, f"{found.kind}.{found.media_type.partition('/')[2]}", inline=True)


def decide_code(ask: Ask) -> Done:
    """Approve or refuse a pending customs code."""
    no, code, approved = _no(ask), ask.given["code"], ask.given["decision"] == "approve"
    _registrar(ask).decide_code(no, code, approved, ask.given["reason"])
    zh, en = ("批准", "approved") if approved else ("拒绝", "refused")
    return _back(no, f"海关编码{code}已{zh}", f"Customs code {code} is {en}")


def put_operator(ask: Ask) -> Done:
    """Add or change a person who draws up documents."""
    no, given = _no(ask), ask.given
    person = OperatorOnFile(given["code"], given["name_zh"], given.get("contact", ""), given["active"])
    _registrar(ask).put_operator(no, person, given["reason"])
    return _back(no, f"办证人员{person.code}已保存", f"Operator {person.code} is on file")


def put_signatory(ask: Ask) -> Done:
    """Add or change a signatory."""
    no, given = _no(ask), ask.given
    _registrar(ask).put_signatory(no, given["code"], given["name_zh"], given["active"], given["reason"])
    return _back(no, f"手签员{given['code']}已保存", f"Signatory {given['code']} is on file")


def put_specimen(ask: Ask) -> Done:
    """A seal, or a specimen signature, in place of the one on file."""
    no, given = _no(ask), ask.given
    code = given.get("code", "") if given["kind"] == "signature" else ""
    made = Specimen(given["kind"], code, _media_type(given["picture"]), given["picture"])
    _registrar(ask).put_specimen(no, made, given["reason"])
    return _back(no, "样本已更换", "The specimen is on file")


def set_particulars(ask: Ask) -> Done:
    """Names, address and contact."""
    no = _no(ask)
    named = {key: ask.given.get(key, "") for key in ("name_zh", "name_en", "address_en", "contact")}
    _registrar(ask).set_particulars(no, named, ask.given["reason"])
    return _back(no, "企业资料已保存", "The particulars are on file")


def switch_local_print(ask: Ask) -> Done:
    """Let it print by itself, or not any more."""
    no, on = _no(ask), ask.given["to"] == "on"
    _registrar(ask).switch(no, "local_print", on, ask.given["reason"])
    return _back(no, f"自主打印已{'开通' if on else '停止'}", f"Printing by itself is {'on' if on else 'off'}")


def switch(ask: Ask) -> Done:
    """Switch it off or on again: its messages are refused, or taken again."""
    no, on = _no(ask), ask.given["to"] == "on"
    if ask.given["repeat"].upper() != no:
        raise BadInput({"repeat": ("与企业注册号不符", "is not the number of this enterprise")})
    refused = re_authenticate(
        ask.database, ask.house.keys, ask.person, ask.given["password"], ask.given.get("code", ""), ask.address)
    if refused:
        wait = (f"，请等待{refused.wait}秒", f"; wait {refused.wait} s") if refused.wait else ("", "")
        raise BadInput({"password": (f"未能确认身份{wait[0]}", f"could not be confirmed{wait[1]}")})
    _registrar(ask).switch(no, "enterprise", on, ask.given["reason"])
    return _back(no, f"企业已{'启用' if on else '停用'}", f"The enterprise is switched {'on' if on else 'off'}")


def _media_type(body: bytes) -> str:
    """Told from the content alone; raises BadInput for what is no whole png, jpeg or gif of the sizes allowed."""
    fault = fault_of(base64.b64encode(body).decode())
    if fault:
        raise BadInput({"picture": (fault.zh, fault.en)})
    kind = getattr(measure(body), "kind", "")
    if kind != "gif" and image_from(body) is None:
        raise BadInput({"picture": ("内容不是完整的jpg、png或gif", "the content is no complete jpg, png or gif")})
    return _MEDIA[kind]


def _registrar(ask: Ask) -> Registrar:
    return Registrar(ask.database, ask.who, ask.branch)


def _no(ask: Ask) -> str:
    """The enterprise's number; raises UnknownThing for another branch's."""
    return _sheet(ask).no


def _sheet(ask: Ask) -> EnterpriseSheet:
    return enterprise_sheet(ask.database, ask.path["no"].replace("\0", "").upper(), ask.branch)


def _back(no: str, zh: str, en: str) -> Done:
    return Done(f"/registry/{no}", None, (zh, en))


_REASON = Field("reason", "lines", required=True, longest=500, zh="原因", en="reason")
_CODE = Field("code", required=True, longest=20, zh="代码", en="code")
_NAME = Field("name_zh", required=True, longest=200, zh="中文姓名或名称", en="name in Chinese")
_ON = Field("active", "flag", zh="有效", en="active")
_TO = Field("to", "choice", required=True, choices=("on", "off"), zh="开或关", en="on or off")


def _change(
    name: str, does: Callable[[Ask], Done], who: frozenset[str], zh: str, en: str, *fields: Field, longest: int = 64 * 1024
) -> Route:
    return Route("POST", f"/registry/{{no}}/{name}", f"registry-{name}", does, who, zh, en, (*fields, _REASON), longest=longest)


ROUTES: tuple[Route, ...] = (
    Route("GET", "/registry/{no}", "enterprise", enterprise, READ_REGISTRY, "企业资料", "An enterprise", gives=Enterprise),
    Route("GET", "/registry/{no}/images/{kind}/{code:path}", "enterprise-image", image, READ_REGISTRY | frozenset({"print-clerk"}),
          "印章、手签样本", "A specimen on file", api=False),
    _change("customs-code", decide_code, REGISTRARS, "批准或拒绝海关编码", "Approve or refuse a customs code", _CODE,
            Field("decision", "choice", required=True, choices=("approve", "refuse"), zh="结论", en="decision")),
    _change("operator", put_operator, REGISTRARS, "新增或变更办证人员", "Add or change an operator", _CODE, _NAME,
            Field("contact", longest=200, zh="联系方式", en="contact"), _ON),
    _change("signatory", put_signatory, REGISTRARS, "新增或变更手签员", "Add or change a signatory", _CODE, _NAME, _ON),
    _change("specimen", put_specimen, REGISTRARS, "更换印章或手签样本", "Put a specimen on file",
            Field("kind", "choice", required=True, choices=("seal", "signature"), zh="种类", en="kind"),
            Field("code", longest=20, zh="手签员代码", en="code of the signatory"),
            Field("picture", "file", required=True, longest=MOST_BYTES, zh="图片", en="picture"), longest=600_000),
    _change("particulars", set_particulars, REGISTRARS, "变更企业资料", "Change names, address and contact", _NAME,
            Field("name_en", required=True, longest=200, zh="英文名称", en="name in English"),
            Field("address_en", "lines", longest=500, zh="英文地址", en="address in English"),
            Field("contact", "lines", longest=500, zh="联系方式", en="contact")),
    _change("local-print", switch_local_print, REGISTRARS, "开通或停止自主打印", "Let an enterprise print by itself, or not", _TO),
    _change("switch", switch, ADMINISTRATORS, "停用或启用企业", "Switch an enterprise off or on", _TO,
            Field("repeat", required=True, longest=18, zh="重复企业注册号", en="its number, repeated"),
            Field("password", "secret", required=True, longest=256, zh="密码", en="password"),
            Field("code", "secret", longest=8, zh="动态口令", en="one-time code")),
)
