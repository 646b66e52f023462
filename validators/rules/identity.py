"""A05-A15, A28-A31: who sends, for which branch, who signs, and for which certificate type."""

import re
from collections.abc import Iterable, Iterator

from domain.application import Application
from domain.finding import Severity
from domain.registry import Signatory
from validators.facts import Facts
from validators.reading import comparable, difference
from validators.rule import ALL, GENERAL, PREFERENTIAL, Hit, Rule

_NO = "Applicant/RegistrationNo"
_REGISTRATION = re.compile(r"[0-9A-Z]{9}", re.ASCII)
_USUAL_REGISTRATION = re.compile(r"\d{4}[A-Z]\d{4}", re.ASCII)
_BRANCH = re.compile(r"\d{4}[A-Z]\d", re.ASCII)
# GB 32100-2015: 31 characters (no I, O, S, V, Z), weights 3^i mod 31
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CREDIT = re.compile(f"[{_CREDIT_CHARACTERS}]{{18}}")


def credit_code_is_valid(code: str) -> bool:
    """Whether `code` is an 18-character unified social credit code with a right check character (GB 32100-2015)."""
    if not _CREDIT.fullmatch(code):
        return False
    total = sum(_CREDIT_CHARACTERS.index(character) * pow(3, at, 31) for at, character in enumerate(code[:17]))
    return _CREDIT_CHARACTERS[(31 - total % 31) % 31] == code[17]


def _form(application: Application, facts: Facts) -> Iterator[Hit]:
    no = application.applicant.registration_no
    if not _REGISTRATION.fullmatch(no) and not credit_code_is_valid(no):
        yield Hit(_NO, no)


def _unusual_form(application: Application, facts: Facts) -> Iterator[Hit]:
    no = application.applicant.registration_no
    if not _USUAL_REGISTRATION.fullmatch(no) and _REGISTRATION.fullmatch(no):
        yield Hit(_NO, no)


def _unregistered(application: Application, facts: Facts) -> Iterator[Hit]:
    no = application.applicant.registration_no
    if facts.enterprise is None:
        if _REGISTRATION.fullmatch(no) or credit_code_is_valid(no):
            yield Hit(_NO, no)
    elif not facts.enterprise.active:
        yield Hit(_NO, no, zh="该企业已停用", en="the enterprise is not active")


def _branch_is_known(application: Application, facts: Facts) -> bool:
    branch = application.applicant.branch
    return bool(_BRANCH.fullmatch(branch)) and (not facts.registry_known or branch in facts.branches)


def _unknown_branch(application: Application, facts: Facts) -> Iterator[Hit]:
    if not _branch_is_known(application, facts):
        yield Hit("Applicant/Branch", application.applicant.branch)


def _other_branch(application: Application, facts: Facts) -> Iterator[Hit]:
    enterprise, branch = facts.enterprise, application.applicant.branch
    if enterprise and enterprise.branch != branch and _branch_is_known(application, facts):
        yield Hit(
            "Applicant/Branch", branch,
            zh=f"该企业属于{enterprise.branch}", en=f"the enterprise belongs to {enterprise.branch}",
        )


def _other_names(application: Application, facts: Facts) -> Iterator[Hit]:
    if not (enterprise := facts.enterprise):
        return
    applicant = application.applicant
    if applicant.name_zh != enterprise.name_zh and comparable(applicant.name_zh) != comparable(enterprise.name_zh):
        zh, en = difference(enterprise.name_zh, applicant.name_zh)
        yield Hit("Applicant/NameZh", applicant.name_zh, zh=zh, en=en)
    sent = applicant.name_en
    if sent and sent != enterprise.name_en and comparable(sent) != comparable(enterprise.name_en):
        zh, en = difference(enterprise.name_en, sent)
        yield Hit("Applicant/NameEn", sent, zh=zh, en=en)


def _signatory(application: Application, facts: Facts) -> Signatory | None:
    """The filed and active signatory with the code sent."""
    code = application.applicant.signatory_code
    signatories = facts.enterprise.signatories if facts.enterprise else ()
    return next((person for person in signatories if person.code == code and person.active), None)


def _unknown_signatory(application: Application, facts: Facts) -> Iterator[Hit]:
    if facts.enterprise and not _signatory(application, facts):
        yield Hit("Applicant/SignatoryCode", application.applicant.signatory_code, field="declaration")


def _other_signatory(application: Application, facts: Facts) -> Iterator[Hit]:
    person, name = _signatory(application, facts), application.applicant.signatory_name
    if person and person.name_zh != name and comparable(person.name_zh) != comparable(name):
        filed = person.name_zh
        yield Hit("Applicant/SignatoryName", name, field="declaration", zh=f"备案为{filed}", en=f"filed: {filed}")


def _no_seal(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.print_seal and facts.enterprise and not facts.enterprise.print_seal_ready:
        yield Hit("PrintSeal", "true", field="declaration")


def _no_local_print(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.local_print and facts.enterprise and not facts.enterprise.local_print:
        yield Hit("LocalPrint", "true")


def _unavailable_type(application: Application, facts: Facts) -> Iterator[Hit]:
    if application.certificate_type not in facts.types:
        available = ", ".join(sorted(facts.types))
        yield Hit(
            "CertificateType", application.certificate_type, zh=f"可用类型：{available}", en=f"available: {available}"
        )


def _no_customs_code(application: Application, facts: Facts) -> Iterator[Hit]:
    if not application.applicant.customs_code:
        yield Hit("Applicant/CustomsCode")


def _linked(application: Application, facts: Facts) -> Iterable[Hit]:
    return (Hit("LinkedDocument", application.linked_document),) if application.linked_document else ()


RULES = (
    Rule(
        "A05", Severity.REJECT, ALL, None, "manuals of the replaced system; credit code: GB 32100-2015",
        "企业注册号应为9位或18位统一社会信用代码",
        "Registration number must have 9 characters, or be an 18-character credit code",
        "请填写9位注册号或18位统一社会信用代码 / Give the 9-character number or the 18-character credit code",
        _form,
    ),
    Rule(
        "A06", Severity.WARN, ALL, None, "examples in the enterprise manual 2017",
        "企业注册号格式可疑", "Unusual registration number form",
        "请核对注册号，通常如1100A0017 / Check the number; the usual form is like 1100A0017",
        _unusual_form,
    ),
    Rule(
        "A07", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 2",
        "企业未在贸促会备案", "Enterprise is not registered with CCPIT",
        "请先办理企业注册，或核对注册号 / Register first, or check the registration number",
        _unregistered, needs_registry=True,
    ),
    Rule(
        "A08", Severity.REJECT, ALL, None, "manuals of the replaced system",
        "贸促会编码错误", "Unknown CCPIT code",
        "请填写签证机构的6位贸促会编码，如1100B0 / Give the 6-character code of the issuing branch, for example 1100B0",
        _unknown_branch,
    ),
    Rule(
        "A09", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 2",
        "贸促会编码与企业注册号不一致", "Branch does not match the enterprise",
        "请填写企业所属签证机构的编码 / Give the code of the branch where the enterprise is registered",
        _other_branch, needs_registry=True,
    ),
    Rule(
        "A10", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 3",
        "企业注册信息与备案不一致", "Enterprise name differs from the register",
        "请按备案名称填写，或先办理变更 / Use the registered name, or change the registration first",
        _other_names, needs_registry=True,
    ),
    Rule(
        "A11", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 3, 10",
        "手签员不存在或已停用", "Unknown or inactive signatory",
        "请填写在用手签员的代码 / Give the code of an active signatory",
        _unknown_signatory, needs_registry=True,
    ),
    Rule(
        "A12", Severity.REJECT, ALL, None, "manuals of the replaced system",
        "手签员与贸促会注册不一致", "Signatory name differs from the register",
        "请按备案填写手签员中文姓名 / Give the signatory's Chinese name as filed",
        _other_signatory, needs_registry=True,
    ),
    Rule(
        "A13", Severity.REJECT, ALL, None, "enterprise manual 2017, FAQ 11",
        "未上传企业印章或手签员签名", "No seal or signature image on file",
        "请先上传印章和签名，或不选打印印章签名 / Upload seal and signature first, or do not ask for them",
        _no_seal, needs_registry=True,
    ),
    Rule(
        "A14", Severity.REJECT, ALL, None, "self-printing rule in force 2018-06-01",
        "企业未获自主打印授权", "Enterprise may not print locally",
        "请先申请自主打印，或不选本地打印 / Apply for self-printing first, or do not ask for local printing",
        _no_local_print, needs_registry=True,
    ),
    Rule(
        "A15", Severity.REJECT, ALL, None, "enterprise manual 2017",
        "证书类型不可用", "Certificate type not available",
        "请改用可用的证书类型（coedi types 可列出） / Use an available type (coedi types lists them)",
        _unavailable_type,
    ),
    Rule(
        "A28", Severity.REJECT, PREFERENTIAL, None, "enterprise manual 2017, FAQ 5",
        "缺少企业海关编码", "Enterprise customs code is missing",
        "请填写企业10位海关编码，并先在贸促会备案 / Give the enterprise's ten-digit customs code, filed with CCPIT before",
        _no_customs_code,
    ),
    Rule(
        "A29", Severity.REJECT, PREFERENTIAL, None, "enterprise manual 2017, FAQ 5",
        "海关编码未通过审核，不能发送商品备案申请", "Customs code not approved, so goods cannot be filed",
        "请先备案企业海关编码 / Have the enterprise's customs code approved first",
        decided_by="gateway",
    ),
    Rule(
        "A30", Severity.MANUAL, ALL, None, "enterprise manual 2017, FAQ 9",
        "关联单据功能未启用", "Linked documents are not supported",
        "请勿填写LinkedDocument；由审核员核对 / Leave LinkedDocument out; a reviewer will look at it",
        _linked,
    ),
    Rule(
        "A31", Severity.WARN, GENERAL, None, "enterprise manual 2017, FAQ 5",
        "缺少企业海关编码", "Enterprise customs code is missing",
        "请填写企业10位海关编码 / Give the enterprise's ten-digit customs code",
        _no_customs_code,
    ),
)  # fmt: skip
