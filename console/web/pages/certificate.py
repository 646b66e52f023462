"""The certificate's page: what it is, its life, and what may be done to it: void 作废, form serial 印刷号, recall from print."""

from uuid import UUID

from console.signing_in import re_authenticate
from console.web.asking import PRINT_CLERKS, READERS, SENIORS, Ask, BadInput, Done, Field, File, Route, View
from console.web.certificate_view import CertificatePage, Face, face_of, page_of
from console.web.pages.queues import built_in, policy
from domain.calendar import DeskTerms
from domain.errors import Refusal, UnknownThing
from print_worker import print_desk
from print_worker.folder import Folder
from review_worker import manual_review
from review_worker.policies import policies_of
from review_worker.reasons import reasons_for


def certificate(ask: Ask) -> View:
    """All of it."""
    face = _face(ask)
    said = tuple((one.code, one.zh, one.en) for one in reasons_for("void"))
    return View("certificate.html", page_of(ask, face, policy(ask, face.branch).void_eyes, said))


def document(ask: Ask) -> File:
    """The newest finished document, its hash compared with the one on record."""
    face = _face(ask)
    rows = ask.database.query("newest_document", id=face.id, medium="pdf")
    if not rows:
        raise UnknownThing(f"certificate {face.id} has no document; it is {face.state}", zh="尚无证书文件")
    name, sha256, *_ = rows[0]
    body = Folder(ask.house.settings.documents).read(name, sha256)
    return File(body, "application/pdf", f"{(face.number or str(face.id)).replace('/', '-')}.pdf", inline=True)


def void(ask: Ask) -> Done:
    """Void for good; where policy asks for two, the first person's wish is kept until a second one agrees."""
    face = _face(ask)
    if face.state != "ISSUED":
        raise Refusal(f"only an issued certificate can be made void; it is {face.state}", zh="只有已发证的证书才能作废")
    _sure(ask, face)
    decided = manual_review.void(
        ask.store, face.id, ask.who, ask.given["version"], ask.given["reason"], ask.given.get("text", ""),
        policy(ask, face.branch).void_eyes)
    said = ("证书已作废", "The certificate is void") if decided.done else (
        "已记录，须另一人确认后作废", "On record; it becomes void when a second person agrees")
    return Done(f"/certificates/{face.id}", page_data(ask), said)


def enter_serial(ask: Ask) -> Done:
    """It was printed: the form's serial, and the certificate is issued."""
    face = _face(ask)
    print_desk.enter(ask.store, face.id, ask.who, ask.given["version"], ask.given.get("serial", ""), ask.given.get("copies", 1))
    said = "已录入印刷号，证书已发证", "The form serial is on record; the certificate is issued"
    return Done(f"/certificates/{face.id}", page_data(ask), said)


def correct_serial(ask: Ask) -> Done:
    """Another form was used than was entered: the old serial is spoiled, with the reason."""
    face = _face(ask)
    _sure(ask, face)
    print_desk.correct(ask.store, face.id, ask.who, ask.given["old"], ask.given["serial"], ask.given["why"])
    said = "印刷号已更正，原号作废", "The form serial is corrected; the old one is spoiled"
    return Done(f"/certificates/{face.id}", page_data(ask), said)


def recall(ask: Ask) -> Done:
    """Back from the printer to a reviewer."""
    face = _face(ask)
    print_desk.recall(ask.store, face.id, ask.who, ask.given["version"], ask.given["why"], _terms(ask, face))
    return Done(f"/certificates/{face.id}", page_data(ask), ("已撤回到待审", "It is back in the queue to review"))


def page_data(ask: Ask) -> CertificatePage:
    """The page as it stands after what was done."""
    face = _face(ask)
    return page_of(ask, face, policy(ask, face.branch).void_eyes, ())


def _face(ask: Ask) -> Face:
    identity: UUID = ask.path["certificate"]
    return face_of(ask.database, ask.branch, identity)


def _sure(ask: Ask, face: Face) -> None:
    """The certificate's number was typed, and it is still this person; raises BadInput."""
    if ask.given["number"].strip().upper() != (face.number or ""):
        raise BadInput({"number": ("与证书编号不符", "is not the number of this certificate")})
    given = ask.given.get("password", ""), ask.given.get("code", "")
    refused = re_authenticate(ask.database, ask.house.keys, ask.person, *given, ask.address)
    if refused is not None:
        wait = getattr(refused, "wait", 0)
        more = (f"；请{wait}秒后再试", f"; try again in {wait} s") if wait else ("", "")
        raise BadInput({"password": (f"密码或动态口令不正确{more[0]}", f"password or one-time code is wrong{more[1]}")})


def _terms(ask: Ask, face: Face) -> DeskTerms:
    """On what terms it is reviewed again: those of its type; as many persons have to as before."""
    all_policies = policies_of(ask.database, built_in(ask.house.settings.policy))
    minutes = all_policies.policy_for(face.branch).minutes_for(face.type)
    return DeskTerms(minutes, calendar=all_policies.calendar_for(face.branch))


_VERSION = Field("version", "integer", required=True, least=1, zh="所看版本", en="version seen")
_SURE = (
    Field("number", required=True, longest=40, zh="证书编号", en="certificate number"),
    Field("password", "secret", required=True, longest=256, zh="密码", en="password"),
    Field("code", longest=8, zh="动态口令", en="one-time code"))
_SERIAL = Field("serial", longest=40, zh="印刷号", en="form serial")
_WHY = Field("why", required=True, longest=500, zh="原因", en="reason")
_AT = "/certificates/{certificate:uuid}"
ROUTES: tuple[Route, ...] = (
    Route("GET", _AT, "certificate", certificate, READERS, "证书", "A certificate", gives=CertificatePage),
    Route("GET", f"{_AT}/document", "certificate-document", document, READERS, "证书文件", "The finished document",
          gives_file="application/pdf"),
    Route("POST", f"{_AT}/void", "void", void, SENIORS, "作废证书", "Make a certificate void", gives=CertificatePage, fields=(
        _VERSION, *_SURE, Field("reason", "choice", required=True, choices=tuple(one.code for one in reasons_for("void")),
                                zh="作废原因", en="reason"), Field("text", "lines", longest=1000, zh="说明", en="text"))),
    Route("POST", f"{_AT}/serial", "enter-serial", enter_serial, PRINT_CLERKS, "录入印刷号", "Enter a form serial",
          gives=CertificatePage, fields=(
              _VERSION, _SERIAL, Field("copies", "integer", least=1, most=99, zh="份数", en="copies"))),
    Route("POST", f"{_AT}/serial/correct", "correct-serial", correct_serial, PRINT_CLERKS, "修改印刷号", "Correct a form serial",
          gives=CertificatePage, fields=(
              *_SURE, Field("old", required=True, longest=40, zh="原印刷号", en="old serial"),
              Field("serial", required=True, longest=40, zh="印刷号", en="form serial"), _WHY)),
    Route("POST", f"{_AT}/recall", "recall", recall, PRINT_CLERKS, "从待打印撤回", "Recall from print", gives=CertificatePage,
          fields=(_VERSION, _WHY)),
)
