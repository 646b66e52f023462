"""What may be wrong with filings 备案, as findings: the one table of their texts, and where a fault shows in the message.

Codes of the rule catalogue (A.., B.., E.., F..) mean what they mean there; GF.. are of goods filings, RG.. of registrations.
"""

from dataclasses import dataclass, field
from threading import Lock

from lxml import etree

from domain.application import date_of
from domain.finding import Finding, Severity
from messages.application import absolute, locate
from messages.interchange import NAMESPACE
from messages.parsing import line_of
from schemas.documents import message_schema

MOST_STRUCTURE_FAULTS = 20
_LOG_LOCK = Lock()  # the shared schema keeps one error log for all threads
_BRACES = f"{{{NAMESPACE}}}"

# code -> zh, en, remedy
FAULTS: dict[str, tuple[str, str, str]] = {
    "A02": ("报文不符合规范", "Message does not match the schema", "请按报文规范更正 / Follow the message schema"),
    "A07": ("企业未在贸促会备案", "Enterprise is not registered with CCPIT",
            "请核对贸促会编码和注册号 / Check the code of the branch and the registration number"),
    "A09": ("贸促会编码与企业注册号不一致", "Branch does not match the enterprise",
            "请填写企业所属分会的编码 / Give the code of the enterprise's own branch"),
    "A10": ("企业注册信息与备案不一致", "Enterprise name differs from the register",
            "请按分会提供的备案信息填写 / Copy what the branch has on file"),
    "A12": ("手签员与贸促会注册不一致", "Signatory name differs from the register",
            "请按分会提供的备案信息填写手签员 / Give the signatory as the branch has it on file"),
    "A15": ("证书类型不可用", "Certificate type not available",
            "请选择可用的证书类型 / Choose an available certificate type"),
    "A29": ("海关编码未通过审核，不能发送商品备案申请", "Customs code not approved, so goods cannot be filed",
            "请先登记海关编码并等待分会审核 / Register the customs code; goods can be filed once the branch has approved it"),
    "B03": ("日期格式错误，应为YYYY-MM-DD", "Date must be YYYY-MM-DD", "请更正日期 / Correct the date"),
    "E16": ("HS编码不得为空", "HS code required", "请填写HS编码 / Give the HS code"),
    "E17": ("HS编码不足6位", "HS code needs 6 digits", "请填写至少6位 / Give six digits or more"),
    "E18": ("HS编码格式错误", "Bad HS code", "请填写6、8或10位数字 / Give 6, 8 or 10 digits"),
    "E19": ("HS编码不存在", "HS code does not exist", "请核对HS编码 / Check the HS code"),
    "E20": ("HS版本不一致", "HS edition differs", "请按协定所用HS版本归类 / Classify by the edition of the agreement"),
    "F01": ("原产地标准不得为空", "Origin criterion required", "请填写原产地标准 / Give the origin criterion"),
    "F02": ("原产地标准代码不适用", "Criterion not valid for this type",
            "请从该类证书的标准中选择 / Choose one of the type's criteria"),
    "F10": ("PSR须选择具体标准", "Choose the PSR basis", "请填写PSRBasis / Give PSRBasis"),
    "GF01": ("一般原产地证无须商品备案", "A general certificate needs no goods filing",
             "请直接申请证书 / Apply for the certificate without a filing"),
    "GF02": ("商品中英文名称不得为空", "The goods need a Chinese and an English name", "请填写名称 / Give the name"),
    "GF03": ("成分百分比缺失或格式错误", "The percentage is missing or no number",
             "请填写百分比数字 / Give the percentage in digits"),
    "GF04": ("成分百分比不符合原产地标准的限值", "The percentage is outside the limits of the criterion",
             "请核算成分或更换标准 / Calculate it again or choose another criterion"),
    "GF05": ("有效期已过", "Valid-to is in the past", "请填写今天或以后的日期 / Give today or a later day"),
    "GF06": ("生产商名称不得为空", "The producer's name is required", "请填写生产商 / Name the producer"),
    "GF07": ("原材料明细有误", "A raw material is not right",
             "请核对名称、HS编码、原产国和占比 / Check name, HS code, country of origin and share"),
    "GF08": ("原材料占比合计超过100%", "The shares of the raw materials exceed 100 percent", "请核对占比 / Check the shares"),
    "RG01": ("该注册号已存在", "This registration number exists already",
             "如已注册，请以CHANGE发送变更；如原系统中注册号重复，请填写Suffix -1或-2 / When registered send CHANGE; for a "
             "number that stood twice in the old system give Suffix -1 or -2"),
    "RG02": ("企业注册名称与贸促会不一致", "The registered name differs from CCPIT's",
             "请按分会提供的备案信息填写名称 / Copy the name that the branch has on file"),
    "RG03": ("企业尚未注册，不能变更", "The enterprise is not registered yet", "请先以NEW发送注册 / Send NEW first"),
    "RG04": ("企业名称不得为空", "The enterprise's names are required", "请填写中英文名称 / Give both names"),
    "RG05": ("代码为空或重复", "A code is empty or stands twice", "请为每人填写不同的代码 / Give each person a code of their own"),
    "RG06": ("图片不是有效的base64", "The image is not valid base64", "请重新编码图片 / Encode the image again"),
    "RG07": ("图片像素过大或为零", "The image has too many pixels, or none", "请按600 dpi重新扫描 / Scan it again at 600 dpi"),
    "RG08": ("图片尺寸超过印模规定", "The image is larger than a specimen may be",
             "请裁去空白：印章不超过5.5×4.5厘米，手签不超过3.5×3厘米 / Cut the margins: seal 5.5 x 4.5 cm, signature 3.5 x 3 cm"),
    "RG09": ("海关编码格式错误", "Bad customs code",
             "请填写10位海关编码，不重复 / Give the ten characters of each customs code once"),
    "RG10": ("注册号后缀无效", "The suffix is not known", "后缀只能是-1或-2 / The suffix is -1 or -2"),
    "RG11": ("注册种类无效", "The kind of registration is not known", "请填写NEW、CHANGE或WITHDRAW / Give NEW, CHANGE or WITHDRAW"),
    "RG12": ("图片分辨率低于600 dpi", "The image has less than 600 dpi", "请按600 dpi重新扫描 / Scan it again at 600 dpi"),
    "RG13": ("企业名称变更，请分会核对", "The name changes; the branch has to check it",
             "请向分会提交更名文件 / Hand in the papers of the new name"),
    "RG14": ("图片格式仅限jpg、png", "Image must be jpg or png", "请另存为jpg或png / Save it as jpg or png"),
    "RG15": ("图片不得超过409,600字节", "Image over 409,600 bytes", "请压缩图片 / Make the image smaller"),
}  # fmt: skip


@dataclass(slots=True)
class Faults:
    """The findings of one message, as they are found. element: of the message."""

    element: etree._Element
    found: list[Finding] = field(default_factory=list)

    def add(self, code: str, place: str, found: str = "", *, zh: str = "", en: str = "",
            severity: Severity = Severity.REJECT) -> None:
        """A fault at `place` below the message ("Materials/Material[2]/Share"); zh, en: what is special about it."""
        own_zh, own_en, remedy = FAULTS[code]
        self.found.append(Finding(
            code, severity, f"{own_zh}：{zh}" if zh else own_zh, f"{own_en}: {en}" if en else own_en, remedy,
            path=absolute(self.element, place), line=locate(self.element, place), found=found[:200] or None))

    def add_date(self, text: str, place: str) -> None:
        """A fault when `text` is there and no date."""
        if text and date_of(text) is None:
            self.add("B03", place, text)

    def add_structure(self) -> None:
        """Where the message does not fit the schema, in the words of the parser."""
        with _LOG_LOCK:
            schema = message_schema()
            if schema.validate(self.element):
                return
            log = [(entry.path or "/*", entry.message) for entry in schema.error_log][:MOST_STRUCTURE_FAULTS]
        zh, en, remedy = FAULTS["A02"]
        for path, text in log:
            place = _place(self.element, path)
            words = text.replace(_BRACES, "")[:300]
            self.found.append(Finding(
                "A02", Severity.REJECT, f"{zh}：{words}", f"{en}: {words}", remedy,
                path=absolute(self.element, _relative(self.element, place)), line=line_of(place)))

    @property
    def refused(self) -> bool:
        """Whether one of them returns the message."""
        return any(finding.severity is Severity.REJECT for finding in self.found)


def form_faults(element: etree._Element) -> tuple[Finding, ...]:
    """What the schema finds in a message of a kind that no stage looks at; () when nothing."""
    faults = Faults(element)
    faults.add_structure()
    return tuple(faults.found)


def _place(element: etree._Element, path: str) -> etree._Element:
    """What a line of the log names, /*/*[9]/*[2] from the message on."""
    found = element.xpath("." + path.removeprefix("/*"))
    return found[0] if isinstance(found, list) and found and isinstance(found[0], etree._Element) else element


def _relative(message: etree._Element, place: etree._Element) -> str:
    steps: list[str] = []
    while place is not message and (parent := place.getparent()) is not None:
        position = 1 + sum(1 for _ in place.itersiblings(str(place.tag), preceding=True))
        name = etree.QName(place).localname
        steps.append(f"{name}[{position}]" if position > 1 or len(parent.findall(str(place.tag))) > 1 else name)
        place = parent
    return "/".join(reversed(steps))
