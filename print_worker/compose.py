"""Compose: the approved certificate as a file. An effect, but one that can be repeated: the same bytes under the same name."""

from zoneinfo import ZoneInfo

from domain.branch import Branch
from domain.certificate import Decision
from domain.errors import MissingGlyph
from domain.finding import Finding, Severity
from pipeline.stage import Case, Facts, Stage
from print_worker.folder import Folder
from print_worker.render import render
from print_worker.sheet import BranchImprint, Sheet
from schemas.certificate_types import FIELDS, certificate_type

_SHANGHAI = ZoneInfo("Asia/Shanghai")
OUTSIDE = ("证书编号", "the certificate number")  # what stands outside the boxes


def stage(folder: Folder) -> Stage:
    """The print stage, writing into `folder`."""

    def decide(case: Case, facts: Facts) -> Decision:
        return compose(case, facts, folder)

    return Stage("print", needs=("branches",), decide=decide, effect=True)


def compose(case: Case, facts: Facts, folder: Folder) -> Decision:
    """Issued with its document, or recalled to a reviewer when a character cannot be drawn (合成失败)."""
    try:
        rendered = render(sheet_of(case, (facts.branches or {})[case.certificate.branch]))
    except MissingGlyph as missing:
        return Decision("recall", findings=(no_glyph(missing),), reasons=(f"COMPOSE_FAILED: {missing}",))
    document = folder.keep(document_name(case), rendered.body, "pdf", rendered.pages)
    return Decision("print-on-paper" if certificate_type(case.certificate.type).paper == "pco" else "issue", document=document)


def sheet_of(case: Case, branch: Branch) -> Sheet:
    """What is printed; box 12 carries the business date of the approval."""
    certificate = case.certificate
    if certificate.number is None or certificate.approved_at is None:
        raise ValueError(f"certificate {certificate.id} has no number yet")
    return Sheet(
        case.application, certificate.number, certificate.revision, certificate.approved_at.astimezone(_SHANGHAI).date(),
        BranchImprint(branch.code, branch.name_en, branch.place, branch.contact))


def document_name(case: Case) -> str:
    """Relative name: year, enterprise, then the certificate's id, which does not repeat, and its revision."""
    certificate = case.certificate
    year = certificate.approved_at.astimezone(_SHANGHAI).year if certificate.approved_at else 0
    return f"{year}/{certificate.enterprise}/{certificate.id}-r{certificate.revision}.pdf"


def no_glyph(missing: MissingGlyph) -> Finding:
    """What is said of a character that cannot be drawn: its box by number, or by name where the form prints none."""
    numbered = missing.box[:1].isdigit()
    zh, en = (f"第{missing.box}栏", f"box {missing.box}") if numbered else FIELDS.get(missing.box, OUTSIDE)
    return Finding(
        "COMPOSE_FAILED", Severity.MANUAL, f"合成失败：{zh}的字符无法打印",
        f"The certificate could not be composed: a character of {en} cannot be drawn", "请更换该字符 / Replace the character",
        box=missing.box if numbered else None, found=f"U+{ord(missing.character):04X} {missing.character}")
