"""The lives of filings 备案: goods that are filed before a certificate names them, and registrations of enterprises."""

from domain.lifecycle import Lifecycle, Move, State

GOODS_FILING = Lifecycle(
    "goods filing",
    states=(
        State("RECEIVED", "已接收", "received", "The filing is archived and names its enterprise and goods",
              moved_by="the same transaction"),
        State("PENDING_REVIEW", "待审", "pending review", "No fault was found; the branch decides 商品备案待审",
              moved_by="reviewer", desk="review", patience_minutes=3 * 24 * 60),
        State("APPROVED", "已审核", "approved", "It has its number; certificates may name these goods until valid_to",
              moved_by="the change that replaces it, or the enterprise"),
        State("RETURNED", "退回", "returned", "Back at the enterprise with all findings; sent again it is the next revision",
              moved_by="enterprise", holds_invoice=False),
        State("REPLACED", "已变更", "replaced", "A change of it was approved in its place", moved_by="nobody", holds_invoice=False),
        State("WITHDRAWN", "已撤销", "withdrawn", "Taken back by the enterprise; no new certificate may name it",
              moved_by="enterprise", holds_invoice=False),
    ),
    moves=(
        Move(None, "receive", "RECEIVED"),
        Move("RECEIVED", "refer", "PENDING_REVIEW", answers="accepted"),
        Move("RECEIVED", "return", "RETURNED", answers="refused"),
        Move("PENDING_REVIEW", "approve", "APPROVED"),
        Move("PENDING_REVIEW", "return", "RETURNED"),
        Move("PENDING_REVIEW", "withdraw", "WITHDRAWN"),
        Move("APPROVED", "replace", "REPLACED"),
        Move("APPROVED", "withdraw", "WITHDRAWN"),
        Move("RETURNED", "resubmit", "RECEIVED"),
        Move("WITHDRAWN", "resubmit", "RECEIVED"),
    ),
)

REGISTRATION = Lifecycle(
    "registration",
    states=(
        State("RECEIVED", "已接收", "received", "The registration, or a change of it, is archived",
              moved_by="the same transaction"),
        State("PENDING_REVIEW", "待审", "pending review", "It agrees with what the branch has on file; the branch decides",
              moved_by="registrar", desk="review", patience_minutes=2 * 24 * 60),
        State("REGISTERED", "已激活", "registered", "What it says stands in the register; the enterprise is active",
              moved_by="the change that follows it", holds_invoice=False),
        State("RETURNED", "退回", "returned", "Back at the enterprise with the reasons; sent again it is the next revision",
              moved_by="enterprise", holds_invoice=False),
        State("WITHDRAWN", "已撤销", "withdrawn", "Taken back by the enterprise before the decision", moved_by="enterprise",
              holds_invoice=False),
    ),
    moves=(
        Move(None, "receive", "RECEIVED"),
        Move("RECEIVED", "refer", "PENDING_REVIEW", answers="accepted"),
        Move("RECEIVED", "return", "RETURNED", answers="refused"),
        Move("PENDING_REVIEW", "approve", "REGISTERED"),
        Move("PENDING_REVIEW", "return", "RETURNED"),
        Move("PENDING_REVIEW", "withdraw", "WITHDRAWN"),
        Move("RETURNED", "resubmit", "RECEIVED"),
        Move("WITHDRAWN", "resubmit", "RECEIVED"),
    ),
)

# kind of a filing, as the database names it -> its life
LIVES = {"goods": GOODS_FILING, "registration": REGISTRATION}
