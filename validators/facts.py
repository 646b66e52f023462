"""What rules may know besides the application: values fetched beforehand, for a whole batch at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from domain.certificate import Original
from domain.filing import GoodsFiling
from domain.registry import EnterpriseRecord
from schemas.codelists import CodeLists


@dataclass(frozen=True, slots=True)
class Facts:
    """The world of one application.

    today: business date, Asia/Shanghai; codes: the code lists; enterprise: what CCPIT has on file about the applicant,
    None when it has nothing; branches: all CCPIT branch codes; types: codes of the certificate types that are enabled
    today; registry_known: False when there is no register to ask (an offline check), and then `enterprise` and
    `branches` say nothing; filings: the enterprise's goods filings 商品备案 of this certificate type by six-digit HS code,
    newest first, in whatever state; original: the certificate that an amendment names, with its content, None without one.
    """

    today: date
    codes: CodeLists
    enterprise: EnterpriseRecord | None = None
    branches: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    registry_known: bool = False
    filings: Mapping[str, tuple[GoodsFiling, ...]] = field(default_factory=dict)
    original: Original | None = None
