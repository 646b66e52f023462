"""The gates before the rules: why a delivery is refused before anybody looks at its content.

One table, `GATES`, holds every gate code with its Chinese and English sentence and its remedy;
docs/reference/messages.md shows the same table and a test compares the two. A refusal is a value, `refused(code)`,
never an exception.
"""

from domain.finding import Finding, Severity

MAX_BYTES = 2_097_152
MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
MAX_MESSAGES = 500
MAX_FOUND = 200

GATES: dict[str, tuple[str, str, str]] = {
    "EMPTY_BODY": (
        "报文为空", "The delivery has no content",
        "请发送XML报文 / Send an XML interchange",
    ),
    "TOO_LARGE": (
        "报文超过2,097,152字节", "The delivery is larger than 2,097,152 bytes",
        "请拆分为多个报文 / Split it into several interchanges",
    ),
    "CONTENT_ENCODING_UNSUPPORTED": (
        "报文是压缩文件", "The delivery is a compressed file",
        "请发送未压缩的XML / Send plain XML, not compressed",
    ),
    "ENCODING_UNSUPPORTED": (
        "报文编码不受支持", "The character encoding is not accepted",
        "请使用UTF-8；GB18030须事先开通 / Use UTF-8; GB18030 has to be agreed beforehand",
    ),
    "XML_VERSION_UNSUPPORTED": (
        "仅支持XML 1.0", "Only XML 1.0 is accepted",
        "请在XML声明中写version=\"1.0\" / Declare version=\"1.0\"",
    ),
    "DTD_FORBIDDEN": (
        "报文不得含DOCTYPE", "A DOCTYPE is not allowed",
        "请删除DOCTYPE声明 / Remove the DOCTYPE declaration",
    ),
    "XML_MALFORMED": (
        "报文格式错误，不是良构的XML", "The delivery is not well-formed XML",
        "请按所示行号和原因更正 / Correct the place named by line and reason",
    ),
    "PI_FORBIDDEN": (
        "报文不得含处理指令", "A processing instruction is not allowed",
        "请删除<?...?>指令，仅保留XML声明 / Remove every <?...?> except the XML declaration",
    ),
    "TOO_DEEP": (
        "元素嵌套超过32层", "Elements are nested deeper than 32 levels",
        "请按报文规范组织元素 / Follow the structure of the message schema",
    ),
    "TOO_MANY_ELEMENTS": (
        "元素超过20,000个", "There are more than 20,000 elements",
        "请拆分为多个报文 / Split it into several interchanges",
    ),
    "INTERCHANGE_UNKNOWN": (
        "根元素不是urn:coedi:message:1的Interchange", "The root is not Interchange of urn:coedi:message:1",
        "请核对根元素名称和命名空间 / Check the name and the namespace of the root element",
    ),
    "INTERCHANGE_HEADER": (
        "信封缺少交换编号或发送方，或其值不合规",
        "The header lacks the interchange id or the sender, or a value is not legal",
        "请按规范填写Header / Fill in Header as the message schema says",
    ),
    "TEST_REFUSED": (
        "不接收测试报文：测试不得占用正式证书号", "Test interchanges are refused: a test never gets a real number",
        "正式申请请去掉Test标志 / For a real application leave Test out",
    ),
    "INTERCHANGE_EMPTY": (
        "信封内没有报文", "The interchange has no message",
        "请至少放入一份申请 / Put at least one application into it",
    ),
    "TOO_MANY_MESSAGES": (
        "一个信封内的报文超过500份", "There are more than 500 messages in the interchange",
        "请拆分为多个信封 / Split it into several interchanges",
    ),
    "MESSAGE_KIND_UNKNOWN": (
        "报文种类未知", "The kind of message is not known",
        "请核对报文元素名称和命名空间 / Check the name and the namespace of the message element",
    ),
}

# what is no refusal: of a list of findings, and of a file that `coedi check` was to read
NOTICES: dict[str, tuple[str, str, str]] = {
    "FINDINGS_CUT": (
        "每份报文最多列出300条结果，其余未列出", "One message gets 300 findings at most; there are more",
        "请先更正所列问题，再重新检查 / Correct what is listed, then check again",
    ),
    "FILE_UNREADABLE": (
        "无法读取文件", "The file cannot be read",
        "请核对路径和读取权限 / Check the path and the permission to read it",
    ),
}


def refused(code: str, *, found: str | None = None, line: int | None = None, path: str | None = None) -> Finding:
    """The finding of gate `code` (KeyError for a code outside the table); `found` is cut at 200 characters."""
    zh, en, remedy = GATES[code]
    seen = None if found is None else found[:MAX_FOUND]
    return Finding(code, Severity.REJECT, zh, en, remedy, path=path, line=line, found=seen)
