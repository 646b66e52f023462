"""B14, H01-H07: decided by the print stage and at the print desk; their texts have their one home here.

Whether a text can be laid out is known only to the layout: words longer than a line are broken and long boxes go on to
continuation pages, so what is left (a character that no font has, a box without a continuation) shows when the page is composed.
"""

from domain.finding import Severity
from schemas.certificate_types import CertificateType
from validators.rule import ALL, Rule, Scope


def _on_stock(kind: CertificateType) -> bool:
    return kind.paper == "pco"


def _in_full(kind: CertificateType) -> bool:
    return kind.paper == "eco"


PRE_PRINTED = Scope("types on pre-printed stock", _on_stock)
ECO = Scope("types that are printed in full", _in_full)

RULES = (
    Rule(
        "B14", Severity.MANUAL, ALL, None, "enterprise manual 2017, FAQ 7",
        "内容超出版面", "Text does not fit the form",
        "由审核员核对；请缩短所指内容 / A reviewer will look at it; shorten the text named here",
        decided_by="print",
    ),
    Rule(
        "H01", Severity.REJECT, PRE_PRINTED, None, "enterprise manual 2017, FAQ 12",
        "请录入印刷号", "Enter the printed-form number",
        "请在打印后录入所用空白证书的印刷号 / Enter the number printed on the form that was used",
        decided_by="print",
    ),
    Rule(
        "H02", Severity.REJECT, PRE_PRINTED, None, "own",
        "印刷号重复", "Printed-form number already used",
        "请核对印刷号；已用的号不能再用 / Check the number; a used one cannot be used again",
        decided_by="print",
    ),
    Rule(
        "H03", Severity.REJECT, ECO, None, "enterprise manual 2017, FAQ 15, 20, 21",
        "打印机不匹配", "Printer does not match",
        "请选择目录内的打印机，其名称须与型号一致 / Choose an approved printer whose name is that of its model",
        decided_by="print",
    ),
    Rule(
        "H04", Severity.REJECT, ALL, None, "enterprise manual 2017",
        "打印中任务不能取消", "A task that is printing cannot be cancelled",
        "请等待打印结束 / Wait until printing has ended",
        decided_by="print",
    ),
    Rule(
        "H05", Severity.REJECT, ALL, None, "enterprise manual 2017",
        "证书未审核通过", "Certificate is not approved",
        "请等待审核通过 / Wait for the approval",
        decided_by="print",
    ),
    Rule(
        "H06", Severity.REJECT, ALL, None, "enterprise manual 2017",
        "副本数超过设定值", "More copies than allowed",
        "请减少副本数 / Ask for fewer copies",
        decided_by="print",
    ),
    Rule(
        "H07", Severity.REJECT, PRE_PRINTED, None, "own: blank stock is a ledger",
        "印刷号不在库存中", "The form serial is not in stock",
        "请核对印刷号，或先登记入库 / Check the number, or enter the stock first",
        decided_by="print",
    ),
)  # fmt: skip
