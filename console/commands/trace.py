"""`coedi trace`: the whole life of a certificate, filing or message on one screen."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from console import settings as configuration
from console import wiring
from console.terminal import echo_json, table, when
from domain.errors import UnknownThing

if TYPE_CHECKING:
    from store.lookup import Match


@click.command("trace")
@click.argument("what", metavar="INVOICE|CERTIFICATE|FILING|MESSAGE")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def trace(what: str, as_json: bool) -> None:
    """The whole life of a certificate, filing, message or delivery.

    Found by invoice number (any case, any blanks), certificate or filing number, our id, the sender's message id or interchange
    id, or the SHA-256 of the delivery (its first 8 digits or more). A name that means several things lists them.
    """
    from store.life import certificate_life, filing_life, interchange_life
    from store.lookup import matches

    settings = configuration.load()
    database = wiring.database(settings, name="coedi trace")
    found = matches(database, what)
    if not found:
        raise UnknownThing(f"nothing is known of {what}")
    certificate = interchange = filing = None
    if len(found) == 1 and found[0].kind == "interchange":
        interchange = interchange_life(database, found[0].id)
    if len(found) == 1 and found[0].kind == "filing":
        filing = filing_life(database, found[0].id)
    ids = [found[0].id] if len(found) == 1 and found[0].kind == "certificate" else _certificates(interchange)
    if len(ids) == 1:
        certificate = with_paths(certificate_life(database, ids[0]), settings.documents)
    database.close()
    if as_json:
        echo_json({"query": what, "matches": [_match_data(match) for match in found],
                   "certificate": certificate, "filing": filing, "interchange": interchange})
        return
    if len(found) > 1:
        title = f"{what} names {len(found)} things; trace one of them by its id:"
        table(title, ("what", "id", "enterprise", "name", "by", "state"), [
            (match.kind, match.id, match.enterprise, match.name_zh, match.by, match.state) for match in found])
    if interchange:
        _show_interchange(interchange, certificate is None)
    if certificate:
        _show_certificate(certificate)
    if filing:
        _show_filing(filing)


COMMANDS: dict[str, click.Command] = {"trace": trace}


def with_paths(life: dict[str, Any], documents: Path) -> dict[str, Any]:
    """The life with the place of each document's file."""
    return life | {"documents": [each | {"path": str(documents / each["name"])} for each in life["documents"]]}


def _certificates(interchange: dict[str, Any] | None) -> list[Any]:
    messages = interchange["messages"] if interchange else []
    return sorted({message["certificate"] for message in messages if message["certificate"]})


def _match_data(match: "Match") -> dict[str, Any]:
    names = ("kind", "id", "enterprise", "name_zh", "by", "state")
    return {name: getattr(match, name) for name in names}


def _show_interchange(life: dict[str, Any], in_full: bool) -> None:
    answered = ", ".join(f"{life[name]} {name}" for name in ("accepted", "refused", "repeated", "open"))
    table("", ("delivery", str(life["id"])), [
        ("interchange", life["interchange_id"]),
        ("enterprise", f"{life['enterprise'] or 'unknown'} on {life['exchange']}"),
        ("received", f"{when(life['received_at'])}, {life['size']} bytes"), ("SHA-256", life["sha256"]),
        ("refused whole", life["refusal"]), ("messages", f"{life['total']}: {answered}")])
    if in_full:
        _show_messages(life["messages"])
        _show_receipts(life["receipts"])
        _show_parked(life["parked"])


def _show_certificate(life: dict[str, Any]) -> None:
    waits = life["waits_for"]
    aside = ", its work order is set aside: coedi parked list" if waits["set_aside"] else ""
    until = f", deadline {when(waits['deadline'])}" if "deadline" in waits else ""
    table("", ("certificate", str(life["id"])), [
        ("number", life["number"]), ("state", life["state"]), ("", f"{life['zh']} / {life['en']}"),
        ("waits for", f"{waits['for']} since {when(waits['since'])}{until}{aside}"),
        ("enterprise", f"{life['enterprise']} {life['name_zh']} / {life['name_en']}"),
        ("branch, type", f"{life['branch']} {life['type']}"), ("invoice", life["invoice"]),
        ("exporter", life["exporter"]), ("consignee", life["consignee"]), ("destination", life["destination"]),
        ("version, revision", f"{life['version']}, {life['revision']}"),
        *([("replaces", f"{life['replaces']} ({life['replacing']})")] if life["replaces"] else []),
        *([("amendments", ", ".join(life["replaced_by"]))] if life["replaced_by"] else [])])
    _show_messages(life["messages"])
    _show_history(life["transitions"])
    _show_receipts(life["receipts"])
    if life["documents"]:
        table("\ndocuments", ("medium", "revision", "pages", "bytes", "SHA-256", "file"), [
            (d["medium"], d["revision"], d["pages"], d["size"], d["sha256"], d["path"]) for d in life["documents"]])
    _show_parked(life["parked"])


def _show_filing(life: dict[str, Any]) -> None:
    what = "goods filing 商品备案" if life["kind"] == "goods" else "registration 企业注册"
    table("", (what, str(life["id"])), [
        ("number", life["number"]), ("state", life["state"]), ("", f"{life['zh']} / {life['en']}"),
        ("waits for", f"{life['waits_for']['for']} since {when(life['waits_for']['since'])}"),
        ("enterprise", f"{life['enterprise']} {life['name_zh'] or ''}"), ("branch", life["branch"]),
        *([("type, HS", f"{life['certificate_type']} {life['hs6']}")] if life["hs6"] else []), ("valid to", life["valid_to"]),
        ("version, revision", f"{life['version']}, {life['revision']}"),
        *([("replaces", life["replaces"])] if life["replaces"] else []),
        *([("changes", ", ".join(life["replaced_by"]))] if life["replaced_by"] else []),
        *life["content"].items()])
    _show_messages(life["messages"])
    _show_history(life["transitions"])
    _show_receipts(life["receipts"])
    _show_parked(life["parked"])


def _show_history(transitions: list[dict[str, Any]]) -> None:
    table("\nhistory", ("version", "time", "event", "state", "", "by", "why"), [
        (t["version"], when(t["at"]), t["event"], t["state"], f"{t['zh']} {t['en']}", t["actor"], "\n".join(_why(t)))
        for t in transitions])


def _why(transition: dict[str, Any]) -> list[str]:
    findings = [
        f"{f['code']} {f['severity']}{' box ' + f['box'] if f['box'] else ''}: {f['zh']} / {f['en']}"
        for f in transition["findings"]]
    return [*transition["reasons"], *findings]


def _show_messages(messages: list[dict[str, Any]]) -> None:
    if not messages:
        return
    table("\nmessages", ("message id", "kind", "became", "about", "interchange", "received", "SHA-256 of the delivery"), [
        (m["message_id"], m["kind"], m["disposition"], _about(m["answered"]), f"{m['interchange_id'] or '-'} #{m['position']}",
         when(m["received_at"]), m["sha256"][:16]) for m in messages])


def _about(answered: dict[str, Any] | None) -> str:
    """What an answered message was about: the certificate, the invoice or the filing, and what it was answered."""
    if answered is None:
        return ""
    names = ("certificate_no", "invoice", "filing_no", "filing", "certificate")
    return " ".join(filter(None, (answered["code"], next((answered[name] for name in names if answered[name]), None))))


def _show_receipts(receipts: list[dict[str, Any]]) -> None:
    table("\nreceipts", ("feed_no", "sequence", "time", "code", "stream", "not sent yet to"), [
        (r["feed_no"], r["sequence"], when(r["at"]), r["code"], r["stream"].split(":")[0], _unsent(r))
        for r in receipts])


def _unsent(receipt: dict[str, Any]) -> str:
    refused = f" (refused {receipt['refusals']} times by a full queue)" if receipt["refusals"] else ""
    return ", ".join(receipt["unsent"]) + refused


def _show_parked(parked: list[dict[str, Any]]) -> None:
    if parked:
        table("\nset aside", ("id", "time", "what", "tries", "error", "decided"), [
            (p["id"], when(p["at"]), p["stage"] or p["source"], p["tries"], p["error"],
             f"{p['disposition']} by {p['disposed_by']}" if p["disposition"] else "open") for p in parked])
