"""The review desk, to look at: the certificate as its form with everything that helps to decide, its XML, pictures and preview."""

import base64
from dataclasses import dataclass, replace
from uuid import UUID

from console.web import contents
from console.web.asking import PUBLIC, READERS, Ask, Field, File, Route, View
from console.web.desk_view import Desk, desk_of, sheet_of
from console.web.form_view import stylesheet
from domain.errors import MissingGlyph, UnknownThing
from print_worker.render import render
from store.desk import OnDesk, on_desk
from validators.picture import measure

PREVIEW = "PREVIEW"
_MEDIA = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}


@dataclass(frozen=True, slots=True)
class SourcePage:
    """The XML of a content. form: "pretty" (the message alone, indented) or "sent" (the delivery); cut: there is more."""

    certificate: UUID
    invoice: str
    revision: int
    form: str
    text: str
    cut: bool


@dataclass(frozen=True, slots=True)
class NoPreview:
    """Why there is no preview: a character that cannot be drawn, and the box it stands in."""

    certificate: UUID
    invoice: str
    box: str
    character: str
    code: str


def desk(ask: Ask) -> View:
    """The desk of one certificate."""
    return View("desk.html", desk_of(ask, ask.path["certificate"]))


def source(ask: Ask) -> View:
    """Its original XML on a page."""
    one, form = _one(ask), ask.given.get("form", "pretty")
    read = contents.pretty if form == "pretty" else contents.as_sent
    found = read(ask.database, one.message)
    return View("desk_source.html", SourcePage(one.id, one.invoice, one.revision, form, found.text, found.cut))


def source_file(ask: Ask) -> File:
    """The delivery, byte for byte as it came."""
    one = _one(ask)
    return File(contents.body_of(ask.database, one.message), "application/xml", f"{one.id}-r{one.revision}.xml")


def preview(ask: Ask) -> File | View:
    """What would be printed, without number and seal."""
    one = _one(ask)
    sheet = replace(sheet_of(one, contents.applications(ask.database, [one.message])[one.message]), number=PREVIEW)
    try:
        # not inline: browsers show no PDF under the sandbox that every file of ours carries
        return File(render(sheet).body, "application/pdf", f"preview-{one.id}.pdf", inline=True)
    except MissingGlyph as missing:
        code = f"U+{ord(missing.character):04X}"
        return View("desk_no_preview.html", NoPreview(one.id, one.invoice, missing.box, missing.character, code), status=409)


def picture(ask: Ask) -> File:
    """A mark as a picture: what its bytes say it is, whatever its sender says."""
    one = _one(ask)
    pictures = contents.applications(ask.database, [one.message])[one.message].pictures
    n = ask.path["n"]
    body = _decoded(pictures[n - 1].content) if 0 < n <= len(pictures) else b""
    measured = measure(body)
    if measured is None:
        raise UnknownThing(f"certificate {one.id} has no picture {n} that can be shown", zh="没有可显示的图片")
    return File(body, _MEDIA[measured.kind], f"{one.id}-{n}.{measured.kind}", inline=True)


def form_stylesheet(ask: Ask) -> File:
    """Where the boxes of a type stand; its address carries its hash, so that it may be kept."""
    return File(stylesheet(ask.path["type"]).encode(), "text/css; charset=utf-8", inline=True, keep=True)


def _one(ask: Ask) -> OnDesk:
    return on_desk(ask.database, ask.branch, ask.path["certificate"])


def _decoded(text: str) -> bytes:
    """The bytes of base64 text; b"" for what is none."""
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return b""


_AT = "/desk/{certificate:uuid}"
_FORM = Field("form", "choice", choices=("pretty", "sent"), zh="形式", en="form")

ROUTES: tuple[Route, ...] = (
    Route("GET", _AT, "desk", desk, READERS, "审核一份证书", "A certificate on the review desk", gives=Desk),
    Route("GET", f"{_AT}/source", "desk.source", source, READERS, "原始报文", "The original XML", (_FORM,), SourcePage),
    Route("GET", f"{_AT}/source.xml", "desk.source_file", source_file, READERS, "下载原始报文", "The original XML as a file",
          gives_file="application/xml"),
    Route("GET", f"{_AT}/preview.pdf", "desk.preview", preview, READERS, "打印预览", "What would be printed, as PDF",
          gives_file="application/pdf", also=((409, NoPreview),)),
    Route("GET", f"{_AT}/pictures/{{n:int}}", "desk.picture", picture, READERS, "图片唛头", "A mark as a picture",
          gives_file="image/*"),
    Route("GET", "/forms/{type}.css", "desk.stylesheet", form_stylesheet, PUBLIC, "证书格式样式", "Where the boxes of a form stand",
          api=False),
)
