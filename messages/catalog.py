"""The kinds of message that coedi reads: one row each."""

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from domain.application import Application
from messages import application
from messages.interchange import NAMESPACE


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    name: local name of its element, which is also a global element of `schema` ("message": schemas/xsd/message-1.xsd);
    extract: reads its element, never raises.
    """

    name: str
    namespace: str
    schema: str
    zh: str
    en: str
    extract: Callable[[etree._Element], Application]

    @property
    def tag(self) -> str:
        """The element's name as lxml writes it: {namespace}name."""
        return f"{{{self.namespace}}}{self.name}"


KINDS: tuple[Kind, ...] = (
    Kind(
        "CertificateApplication", NAMESPACE, "message", "原产地证申请", "Certificate application", application.extract,
    ),
)

_BY_NAME = {kind.name: kind for kind in KINDS}


def kind_of(name: str) -> Kind | None:
    """The row of the kind `name` (`Message.kind`), None when coedi does not read it (gate MESSAGE_KIND_UNKNOWN)."""
    return _BY_NAME.get(name)
