"""The menu: what stands at the top of every page, for whom. The words are the manuals'."""

from dataclasses import dataclass

from console.web.asking import ADMINISTRATORS, OPERATORS, READERS, REGISTRARS, REVIEWERS


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: where it leads, its words, who sees it; count: key of /counts that stands beside it."""

    to: str
    zh: str
    en: str
    who: frozenset[str]
    count: str = ""


MENU: tuple[Entry, ...] = (
    Entry("/", "今日信息", "Today", READERS),
    Entry("/queues/edi", "EDI", "EDI", READERS, "edi"),
    Entry("/queues/review", "待审", "To review", READERS, "review"),
    Entry("/queues/print", "待打印", "To print", READERS, "print"),
    Entry("/filings", "商品备案待审", "Goods filings", READERS, "goods"),
    Entry("/queues/approved", "已审核", "Approved", READERS),
    Entry("/queues/void", "作废", "Void", READERS),
    Entry("/search", "查询", "Search", READERS),
    Entry("/registry", "企业注册管理", "Registry", REVIEWERS | REGISTRARS | frozenset({"auditor"}), "registration"),
    Entry("/policy", "审核策略", "Policy", READERS),
    Entry("/operations", "运行", "Operations", OPERATORS | frozenset({"auditor"}), "parked"),
    Entry("/users", "用户", "Users", ADMINISTRATORS),
)


def navigation(roles: frozenset[str]) -> list[Entry]:
    """The entries that somebody with these roles sees."""
    return [entry for entry in MENU if entry.who & roles]
