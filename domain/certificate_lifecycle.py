"""The life of a certificate: the table that decides, from which the drawing in the docs is made."""

from domain.lifecycle import Lifecycle, Move, State

CERTIFICATE = Lifecycle(
    "certificate",
    states=(
        State("NEW", "新证", "draft", "Saved by the exporter's clerk, not sent", moved_by="enterprise", holds_invoice=False),
        State(
            "RECEIVED", "已接收", "received", "The message is archived and names its enterprise and invoice",
            moved_by="schema-check", waits_for="schema-check", patience_minutes=5,
            after_crash="its work order is sent again by the relay",
        ),
        State(
            "SCHEMA_CHECKED", "已核格式", "schema checked", "Schema findings are recorded; they do not hide rules",
            moved_by="rule-check", waits_for="rule-check", patience_minutes=5,
            after_crash="its work order is sent again by the relay",
        ),
        State(
            "RULES_CHECKED", "已核规则", "rules checked", "No finding refuses it",
            moved_by="auto-review", waits_for="auto-review", patience_minutes=5,
            after_crash="its work order is sent again by the relay",
        ),
        State(
            "PENDING_REVIEW", "待审", "pending review", "A person has to decide; the reasons are stored",
            moved_by="reviewer", desk="review", patience_minutes=24 * 60,
            after_crash="the review row stays in the queue",
        ),
        State(
            "APPROVED", "已审核", "approved", "It may be issued; it has its certificate number",
            moved_by="print", waits_for="print", numbered=True, patience_minutes=15,
            after_crash="the number stays; its withheld work order is sent by the relay and it is composed again",
        ),
        State(
            "AWAIT_PRINT", "待打印", "awaiting print", "Composed; a clerk has to put it on paper",
            moved_by="print clerk", patience_minutes=3 * 24 * 60,
            after_crash="the composed document stays; nothing was printed",
        ),
        State("ISSUED", "已发证", "issued", "The certificate is out: document, hash and number are final",
              moved_by="the amendment that replaces it (改证重发), or CCPIT (作废)"),
        State(
            "RETURNED", "退回", "returned", "Back at the exporter with all findings; the next application with this "
            "invoice is its next revision", moved_by="enterprise", holds_invoice=False,
        ),
        State(
            "WITHDRAWN", "已撤回", "withdrawn", "Taken back by the exporter before approval; the next application with this "
            "invoice is its next revision", moved_by="enterprise", holds_invoice=False,
        ),
        State("VOID", "作废", "void", "Void for good; its invoice number stays blocked (manual FAQ 13)", moved_by="nobody"),
        State("SUPERSEDED", "已更换", "superseded", "Replaced by the certificate issued in its place",
              moved_by="nobody", holds_invoice=False),
    ),
    moves=(
        Move(None, "receive", "RECEIVED"),
        Move("NEW", "send", "RECEIVED"),
        Move("RECEIVED", "check-schema", "SCHEMA_CHECKED"),
        Move("SCHEMA_CHECKED", "pass-rules", "RULES_CHECKED", answers="accepted"),
        Move("SCHEMA_CHECKED", "return", "RETURNED", answers="refused"),
        Move("RULES_CHECKED", "approve", "APPROVED"),
        Move("RULES_CHECKED", "refer", "PENDING_REVIEW"),
        Move("RULES_CHECKED", "return", "RETURNED"),
        Move("PENDING_REVIEW", "approve", "APPROVED"),
        Move("PENDING_REVIEW", "return", "RETURNED"),
        Move("APPROVED", "issue", "ISSUED"),
        Move("APPROVED", "print-on-paper", "AWAIT_PRINT"),
        Move("APPROVED", "recall", "PENDING_REVIEW"),
        Move("AWAIT_PRINT", "printed", "ISSUED"),
        Move("AWAIT_PRINT", "recall", "PENDING_REVIEW"),
        Move("RETURNED", "resubmit", "RECEIVED"),
        Move("RECEIVED", "withdraw", "WITHDRAWN", answers="refused"),
        Move("SCHEMA_CHECKED", "withdraw", "WITHDRAWN", answers="refused"),
        Move("RULES_CHECKED", "withdraw", "WITHDRAWN"),
        Move("PENDING_REVIEW", "withdraw", "WITHDRAWN"),
        Move("WITHDRAWN", "resubmit", "RECEIVED"),
        Move("ISSUED", "supersede", "SUPERSEDED"),
        Move("ISSUED", "void", "VOID"),
    ),
)
