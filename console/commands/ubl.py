"""`coedi export` and `coedi import`: certificates as UBL documents, and UBL documents as drafts of applications."""

import sys
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.terminal import SHANGHAI, echo_json, one_line
from domain.branch import Branch
from domain.finding import Finding

if TYPE_CHECKING:
    from domain.certificate import Certificate
    from messages.ubl_import import Draft
    from store.database import Database


@click.group("export")
def export() -> None:
    """Certificates in the formats of others."""


@export.command("ubl")
@click.argument("name", metavar="CERTIFICATE")
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: standard output.")
def export_ubl(name: str, out: Path | None) -> None:
    """Write CERTIFICATE (number, id or invoice number) as a UBL 2.1 CertificateOfOrigin.

    Only what was issued is exported: ISSUED, SUPERSEDED and VOID; the document says which, and standard error, too.
    """
    from store.lookup import certificate, no_longer_in_force

    database = wiring.database(configuration.load(), name="coedi export")
    body = _document(database, name)
    standing = no_longer_in_force(database, certificate(database, name))
    database.close()
    _write(body, out)
    if standing:
        click.echo(standing, err=True)


@click.group("import")
def importing() -> None:
    """Drafts of applications from the formats of others."""


@importing.command("ubl")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: standard output.")
@click.option("--type", "certificate_type", metavar="CODE", default="", help="Certificate type, whatever the document says.")
@click.option("--as", "enterprise", metavar="ENTERPRISE", default="", help="Registration number of the applicant.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def import_ubl(file: Path, out: Path | None, certificate_type: str, enterprise: str, as_json: bool) -> None:
    """Make an interchange of the UBL certificate of origin in FILE, for `coedi check` and `coedi send`.

    What the document does not say stays empty, and what an application has no place for is listed. Exit 1 when nothing could
    be read. No service is needed.
    """
    from messages.ubl_import import draft_from

    if certificate_type:
        _known(certificate_type)
    draft = draft_from(_read(file), certificate_type, enterprise)
    if isinstance(draft, Finding):
        _refused(file, draft, as_json)
        sys.exit(1)
    made = draft.interchange(datetime.now(SHANGHAI))
    if out or not as_json:
        _write(made, out)
    if as_json:
        echo_json(_report(file, draft) | {"out": out, "interchange": None if out else made.decode()})
    else:
        _tell(file, draft)


COMMANDS: dict[str, click.Command] = {"export": export, "import": importing}


def _document(database: "Database", name: str) -> bytes:
    """The certificate that `name` means, with its content and the certificates that it stands for."""
    from messages.ubl_export import certificate_of_origin
    from pipeline.orders import WorkOrder, load_cases
    from store.lookup import certificate

    found = certificate(database, name)
    case = load_cases(database, [WorkOrder(found.id, found.version, "")])[0]
    branch = Branch(*database.query("branches", codes=[case.certificate.branch])[0])
    return certificate_of_origin(case.certificate, case.application, branch, _replaced(database, case.certificate))


def _replaced(database: "Database", newest: "Certificate") -> tuple[str, ...]:
    """Numbers of the certificates that this one stands for, the newest first."""
    from pipeline.orders import WorkOrder, load_cases
    from store.lookup import certificate

    numbers: list[str] = []
    before = newest.replaces
    while before is not None:
        found = certificate(database, str(before))
        numbers.append(found.number or "")
        before = load_cases(database, [WorkOrder(found.id, found.version, "")])[0].certificate.replaces
    return tuple(filter(None, numbers))


def _known(code: str) -> None:
    from schemas.certificate_types import all_types, type_of

    if type_of(code) is None:
        known = ", ".join(sorted(kind.code for kind in all_types()))
        raise click.BadParameter(f"there is no certificate type {code}; there are {known}", param_hint="--type")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"cannot read {file}: {error.strerror}") from error


def _write(body: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(body)
    except OSError as error:
        raise click.UsageError(f"cannot write {out}: {error.strerror}") from error


def _report(file: Path, draft: "Draft") -> dict[str, Any]:
    application = draft.application
    return {
        "file": str(file), "interchange_id": draft.id, "message_id": application.message_id,
        "certificate_type": application.certificate_type, "findings": [],
        "not_taken": [asdict(one) for one in draft.not_taken],
    }


def _refused(file: Path, finding: Finding, as_json: bool) -> None:
    shown = {name: getattr(finding, name) for name in ("code", "severity", "path", "line", "found", "zh", "en", "remedy")}
    if as_json:
        echo_json({"file": str(file), "interchange_id": None, "message_id": None, "certificate_type": None,
                   "findings": [shown], "not_taken": [], "out": None, "interchange": None})
        return
    place = f" line {finding.line}" if finding.line else ""
    click.echo(f"{file}: refused\n  {finding.code}{place}\n    {finding.zh}\n    {finding.en}", err=True)
    if finding.found:
        click.echo(f"    found: {one_line(finding.found)}", err=True)
    click.echo(f"    {finding.remedy}", err=True)


def _tell(file: Path, draft: "Draft") -> None:
    """What was not taken over, on standard error: standard output may be the interchange."""
    click.echo(f"{file}: draft {draft.application.message_id}, {len(draft.not_taken)} values not taken over", err=True)
    for one in draft.not_taken:
        line = f" line {one.line}" if one.line else ""
        click.echo(f"  {one.path}{line}: {one_line(one.value)}\n    {one.zh} / {one.en}", err=True)
