"""The envelope: an interchange carries 1 to 500 messages, and each message is judged on its own.

Structure of the envelope is checked here, by hand, because the gateway must answer an envelope whose content it does
not understand; schemas/xsd/message-1.xsd says the same thing for the sender.
"""

import hashlib
import re
from copy import deepcopy
from dataclasses import dataclass
from itertools import islice

from lxml import etree

from domain.finding import Finding
from messages.gates import MAX_MESSAGES, refused
from messages.parsing import line_of, text_of

NAMESPACE = "urn:coedi:message:1"
_NS = f"{{{NAMESPACE}}}"
_ROOT, _HEADER, _MESSAGE_ID = f"{_NS}Interchange", f"{_NS}Header", f"{_NS}MessageId"
_REGISTRATION = f"{_NS}Applicant/{_NS}RegistrationNo"
_HEADER_FIELDS = ("InterchangeId", "Sender", "Branch", "Created", "Test")
_LONGEST_HEADER_VALUE = 64
_MOST_COPIED = 5000  # elements; to copy a larger message below thousands of namespaces takes a second

_CROWD = 100  # attributes of one element
_CROWDED = etree.XPath(f"boolean(descendant-or-self::*/@*[{_CROWD + 1}])")

_ID = re.compile(r"[!-~]{1,64}", re.ASCII)
_SENDER = re.compile(r"[0-9A-Za-z]{1,18}", re.ASCII)
_YES, _NO = frozenset({"true", "1"}), frozenset({"", "false", "0"})


@dataclass(frozen=True, slots=True)
class Message:
    """One message of an interchange.

    position: 1-based, among all messages of the interchange. kind: local name of its element; in a foreign namespace
    the whole "{namespace}name", so that it is no kind of ours. message_id: 1 to 64 printable ASCII characters without
    blanks, "" when the sender's is missing or anything else. digest: SHA-256 (hex) of the element's exclusive C14N, the
    same in every envelope. registration_no: what Applicant/RegistrationNo says (at most 64 characters), "" when absent.
    """

    position: int
    kind: str
    element: etree._Element
    message_id: str
    digest: str
    registration_no: str


@dataclass(frozen=True, slots=True)
class Interchange:
    """An envelope that could be read. `created` is text as sent; `test` is always False: tests are refused."""

    id: str
    sender: str
    branch: str
    created: str
    test: bool
    messages: tuple[Message, ...]


def read(root: etree._Element) -> Interchange | Finding:
    """The interchange under `root`, or the finding of the first gate that refuses the whole of it.

    Messages of unknown kind are kept with their kind: they are answered one by one (MESSAGE_KIND_UNKNOWN).
    """
    if root.tag != _ROOT:
        return refused("INTERCHANGE_UNKNOWN", found=str(root.tag), line=line_of(root))
    header = next((child for child in root if child.tag == _HEADER), None)
    if header is None:
        return refused("INTERCHANGE_HEADER", line=line_of(root), path="/Interchange/Header")
    values = _header_values(header)
    elements = [child for child in root if child is not header]
    refusal = _refused_header(values, line_of(header)) or _refused_count(len(elements), line_of(root))
    if refusal is not None:
        return refusal
    messages = tuple(_message(position, element) for position, element in enumerate(elements, 1))
    return Interchange(values["InterchangeId"], values["Sender"], values["Branch"], values["Created"], False, messages)


def digest_of(element: etree._Element) -> str:
    """SHA-256 (hex) of the exclusive C14N of `element`: a retry in a new envelope has the same digest."""
    if _CROWDED(element):  # as it stands: no schema of ours allows it, and libxml2 sorts 50,000 attributes for 6 seconds
        return hashlib.sha256(_plain(element)).hexdigest()
    try:
        canonical = etree.tostring(element, method="c14n", exclusive=True, with_comments=False)
    except etree.C14NError:  # a namespace with a relative name, anywhere in scope: libxml2 declines
        large = next(islice(element.iter(), _MOST_COPIED, None), None) is not None
        canonical = _plain(element) if large else _canonical_copy(element)
    return hashlib.sha256(canonical).hexdigest()


def _plain(element: etree._Element) -> bytes:
    """The element as it stands."""
    return etree.tostring(element, with_tail=False)


def texts_in(element: etree._Element | None) -> dict[str, str]:
    """Local name of a child of ours -> its text, for children that have none of their own; of a repeated one the first counts."""
    if element is None:
        return {}
    return {str(child.tag).removeprefix(_NS): text_of(child) for child in reversed(element) if not len(child)}


def _header_values(header: etree._Element) -> dict[str, str]:
    values = dict.fromkeys(_HEADER_FIELDS, "")
    for child in reversed(header):  # of repeated elements the first counts
        name = str(child.tag).removeprefix(_NS)
        if name in values:
            values[name] = text_of(child)
    return values


def _refused_header(values: dict[str, str], line: int | None) -> Finding | None:
    for name, value in values.items():
        if not _is_legal(name, value):
            return refused("INTERCHANGE_HEADER", found=value, line=line, path=f"/Interchange/Header/{name}")
    if values["Test"] in _YES:
        return refused("TEST_REFUSED", found=values["Test"], line=line, path="/Interchange/Header/Test")
    return None


def _is_legal(name: str, value: str) -> bool:
    if name == "InterchangeId":
        return _ID.fullmatch(value) is not None
    if name == "Sender":
        return _SENDER.fullmatch(value) is not None
    if name == "Test":  # a flag that cannot be read must not let a test through
        return value in _YES | _NO
    return len(value) <= _LONGEST_HEADER_VALUE


def _refused_count(count: int, line: int | None) -> Finding | None:
    if count == 0:
        return refused("INTERCHANGE_EMPTY", line=line, path="/Interchange")
    if count > MAX_MESSAGES:
        return refused("TOO_MANY_MESSAGES", found=str(count), line=line, path="/Interchange")
    return None


def _message(position: int, element: etree._Element) -> Message:
    message_id = element.find(_MESSAGE_ID)
    registration = element.find(_REGISTRATION)
    given_id = "" if message_id is None else text_of(message_id)
    return Message(
        position=position,
        kind=str(element.tag).removeprefix(_NS),
        element=element,
        message_id=given_id if _ID.fullmatch(given_id) else "",
        digest=digest_of(element),
        registration_no="" if registration is None else text_of(registration)[:_LONGEST_HEADER_VALUE],
    )


def _canonical_copy(element: etree._Element) -> bytes:
    copy = deepcopy(element)  # takes along only the namespaces it uses
    copy.tail = None
    return etree.canonicalize(etree.tostring(copy, encoding="unicode")).encode()
