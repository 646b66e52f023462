"""The schemas of documents (schemas/xsd/), compiled once per process.

Two tiers: libxml2 answers yes or no in microseconds; when it says no, `explainer` (the xmlschema package, a hundred
times slower and 24 MB of memory) says why in words. Neither follows schemaLocation hints: lxml never does, and the
explainer may read local files only, refuses any entity, and gets elements that were already parsed, never text.
"""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import etree

if TYPE_CHECKING:
    import xmlschema

_FILES = {"message": "message-1.xsd", "receipt": "receipt-1.xsd", "ubl": "ubl-2.1/maindoc/UBL-CertificateOfOrigin-2.1.xsd"}


@cache
def message_schema() -> etree.XMLSchema:
    """The schema of interchanges; `validate` also takes one CertificateApplication element alone.

    The object is shared by all threads of the process but keeps one `error_log`: validating in two threads mixes
    their errors. A thread that needs the log must hold a lock around `validate` and the reading of `error_log`.
    Line numbers in the log are those of the document, paths start at the validated element ("/*/*[5]").
    """
    return _compiled("message")


@cache
def receipt_schema() -> etree.XMLSchema:
    """The schema of receipts; what `message_schema` says about threads holds here too."""
    return _compiled("receipt")


@cache
def ubl_schema() -> etree.XMLSchema:
    """The schema of UBL 2.1 certificates of origin (OASIS); what `message_schema` says about threads holds here too."""
    return _compiled("ubl")


@cache
def explainer(name: str) -> "xmlschema.XMLSchema":
    """The schema `name` ("message" or "receipt"; else KeyError) as an xmlschema object, to explain a refusal.

    Give it parsed elements only: a string would be taken for an address, and opened. `iter_errors` itself raises
    XMLSchemaException for an xsi:type that does not exist (xmlschema 4.3): the caller falls back to libxml2's log.
    """
    import xmlschema  # noqa: PLC0415  150 ms and 24 MB: paid by the first refusal, not by every start

    return xmlschema.XMLSchema(str(_path(name)), defuse="always", allow="local")


def _compiled(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_path(name)))


def _path(name: str) -> Path:
    """The schema's own file; its xs:include lines name files beside it."""
    return Path(__file__).with_name("xsd") / _FILES[name]
