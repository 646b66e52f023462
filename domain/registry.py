"""What CCPIT has on file about an enterprise (企业备案): the values that identity rules compare with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signatory:
    """A signatory 手签员: code chosen by the enterprise (01, 02 ...), filed Chinese name, still active."""

    code: str
    name_zh: str
    active: bool = True


@dataclass(frozen=True, slots=True)
class EnterpriseRecord:
    """One registered enterprise.

    no: 9-character registration number or 18-character credit code; branch: 6-character CCPIT code;
    name_zh, name_en: registered names; customs_code: ten digits, "" when none is approved;
    print_seal_ready: seal and signature images are on file; local_print: authorised to print by itself 自主打印.
    """

    no: str
    branch: str
    name_zh: str
    name_en: str
    active: bool = True
    customs_code: str = ""
    signatories: tuple[Signatory, ...] = ()
    print_seal_ready: bool = False
    local_print: bool = False
