"""A review policy as sentences, in Chinese and English."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from review_worker.policy import Condition, Policy

_DAY = 8 * 60  # minutes in the office


@dataclass(frozen=True, slots=True)
class Sentence:
    """One thing that a policy says."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Section:
    """What belongs together. Without sentences it says `otherwise`."""

    zh: str
    en: str
    sentences: tuple[Sentence, ...]
    otherwise: Sentence


_SEVERITIES = {"manual": Sentence("有须人工审核的问题（manual）", "it has a finding for a person to look at (manual)"),
               "warn": Sentence("有提示性问题（warn）", "it has a warning (warn)")}
# code of a reason that auto review gives -> what it stands for
REASONS: dict[str, tuple[str, str]] = {
    "NEW_EXPORTER": ("新出口企业", "new exporter"), "DESTINATION": ("目的国（地区）", "destination"),
    "GOODS": ("商品", "goods"), "AMOUNT": ("金额", "amount"), "TYPE": ("证书种类", "certificate type"),
    "BRANCH": ("分会", "branch"),
    "SAMPLE": ("抽查", "sample"), "SMALL_ENTERPRISE": ("小微企业", "small enterprise"),
    "ORIGIN_CHANGED": ("改动原产地内容", "origin data changed"), "FOUR_EYES": ("须双人复核", "two persons approve"),
    "SENIOR": ("须复核员审核", "a senior reviewer decides"), "POLICY_CLEAN": ("无须人工审核", "nothing asks for a person"),
    "NUMBERS_EXHAUSTED": ("证书号用完", "numbers used up"),
}
# key of a condition -> what it says of an application, for those that say something
_SAYS: tuple[Callable[[Condition], Sentence | None], ...] = (
    lambda one: _listed("所属分会为{}", "its branch is {}", one.branches),
    lambda one: _listed("证书种类为{}", "its certificate type is {}", one.types),
    lambda one: _listed("目的国（地区）为{}", "it is bound for {}", one.destinations),
    lambda one: _listed("商品HS编码以{}开头", "it has goods whose HS code begins with {}", one.hs_prefixes),
    lambda one: Sentence(f"发票金额合计超过{one.invoice_amount_above:,}（原币种）",
                         f"its invoices come to more than {one.invoice_amount_above:,} in their own currency")
    if one.invoice_amount_above else None,
    lambda one: Sentence(f"是企业最初的{one.new_exporter_first}份证书之一",
                         f"it is among the first {one.new_exporter_first} certificates of its enterprise")
    if one.new_exporter_first else None,
    lambda one: Sentence("由小微企业申请", "a small enterprise applies") if one.small_enterprises else None,
    lambda one: Sentence("改证涉及原产地标准、HS编码、原产国、生产商或商品项数",
                         "it is an amendment that changes criterion, HS code, origin country, producer or the goods lines")
    if one.origin_amendments else None,
)


def sentences(condition: Condition) -> tuple[Sentence, ...]:
    """What a condition says; any one of these is enough."""
    return tuple(said for say in _SAYS if (said := say(condition)))


def sections(policy: Policy) -> tuple[Section, ...]:
    """The whole policy, in the order in which a certificate meets it."""
    drawn = Sentence(f"无问题的申请每{policy.sample_one_in}份抽查1份", f"one in {policy.sample_one_in} clean applications is drawn")
    sample = (drawn,) if policy.sample_one_in else ()
    none = Sentence("没有", "Nothing asks for it")
    return (
        Section("有下列任一情形的，由人工审核", "A person looks at an application when any of these holds",
                (*(_SEVERITIES[one] for one in policy.refer_severities), *sentences(policy.refer), *sample),
                Sentence("没有：全部自动审核", "Nothing: all are approved without a person")),
        Section("有下列任一情形的，须双人复核", "Two persons have to approve when any of these holds",
                sentences(policy.four_eyes), none),
        Section("有下列任一情形的，由复核员审核", "A senior reviewer decides when any of these holds",
                sentences(policy.senior), none),
        Section("审核期限（工作时间，按分会日历）", "By when a person has decided (office time, by the branch's calendar)",
                _deadlines(policy), none),
        Section("作废", "Voiding", (Sentence(f"须{policy.void_eyes}人同意", _persons(policy.void_eyes)),), none),
        Section("仅因下列原因待审的，可批量审核", "Many may be approved at once when they wait for these reasons alone",
                tuple(map(_reason, policy.batch_codes)), Sentence("没有：逐份审核", "Nothing: each by itself")),
    )


def office_time(minutes: int) -> Sentence:
    """Minutes of office time in words; a day in the office has eight hours."""
    days, rest = divmod(minutes, _DAY)
    hours, left = divmod(rest, 60)
    parts = ((days, "个工作日", "working day"), (hours, "小时", "hour"), (left, "分钟", "minute"))
    said = [(f"{count}{zh}", f"{count} {en}{'s' if count > 1 else ''}") for count, zh, en in parts if count]
    return Sentence("".join(zh for zh, _ in said) or "立即", " ".join(en for _, en in said) or "at once")


def _reason(code: str) -> Sentence:
    zh, en = REASONS.get(code, ("", ""))
    return Sentence(f"{zh}（{code}）" if zh else code, f"{en} ({code})" if en else code)


def _deadlines(policy: Policy) -> tuple[Sentence, ...]:
    usual = office_time(policy.deadline_minutes)
    by_type = ((code, office_time(minutes)) for code, minutes in policy.deadlines)
    shorter = ((office_time(one.minutes), sentences(one.when)) for one in policy.shorter)
    return (
        Sentence(f"通常：{usual.zh}", f"usually: {usual.en}"),
        *(Sentence(f"{code}：{time.zh}", f"{code}: {time.en}") for code, time in by_type),
        *(Sentence(f"不超过{time.zh}：{'；或'.join(one.zh for one in said)}",
                   f"at most {time.en} when {'; or '.join(one.en for one in said)}") for time, said in shorter if said))


def _persons(count: int) -> str:
    return "one person decides" if count == 1 else f"{count} persons have to agree"


def _listed(zh: str, en: str, words: Sequence[str]) -> Sentence | None:
    if not words:
        return None
    last = f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else words[0]
    return Sentence(zh.format("、".join(words)), en.format(last))
