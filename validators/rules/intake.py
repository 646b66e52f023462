"""A01-A04, A16-A18: decided by the gateway while it takes a message in; their texts have their one home here."""

from domain.finding import Severity
from validators.rule import ALL, Rule

RULES = (
    Rule(
        "A01", Severity.REJECT, ALL, None, "own; GACC 2022-1",
        "报文格式错误", "Message is not well-formed XML",
        "请发送UTF-8编码、无DOCTYPE和处理指令的XML / Send UTF-8 XML without DOCTYPE and instructions",
        decided_by="gateway",
    ),
    Rule(
        "A02", Severity.REJECT, ALL, None, "GACC 2022-1; SB/T 11006",
        "报文不符合规范", "Message does not match the schema",
        "请按XSD更正所指元素后重发 / Correct the element named here after the XSD and send again",
        decided_by="gateway",
    ),
    Rule(
        "A03", Severity.REJECT, ALL, None, "own",
        "报文编号重复", "Message id re-used with other content",
        "请为新内容使用新的报文编号 / Use a new message id for new content",
        decided_by="gateway",
    ),
    Rule(
        "A04", Severity.WARN, ALL, None, "own",
        "重复报文，返回原回执", "Duplicate message, original receipt returned",
        "无需处理 / Nothing to do",
        decided_by="gateway",
    ),
    Rule(
        "A16", Severity.REJECT, ALL, "invoices", "enterprise manual 2017, FAQ 8",
        "发票号重复", "Invoice number already used",
        "请使用未用过的发票号，或对原证办理改证重发 / Use a new invoice number, or amend the certificate that has it",
        decided_by="gateway",
    ),
    Rule(
        "A17", Severity.REJECT, ALL, "invoices", "enterprise manual 2017, FAQ 13",
        "该发票号的证书已作废，不可恢复，请使用新发票号",
        "The certificate with this invoice number is void for good; use a new invoice number",
        "请使用新的发票号 / Use a new invoice number",
        decided_by="gateway",
    ),
    Rule(
        "A18", Severity.REJECT, ALL, None, "front-end manual of CCPIT-EDI",
        "当前状态不允许修改", "State does not allow changes",
        "请等待审核结果；退回后方可修改重发 / Wait for the decision; it can be changed and sent again once returned",
        decided_by="gateway",
    ),
)
