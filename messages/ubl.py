"""What export and import of UBL (OASIS Universal Business Language 2) certificates of origin share: names and codes.

All minor versions, 2.0 to 2.4, use these namespaces.
"""

from types import MappingProxyType

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
ROOT = f"{{{UBL}CertificateOfOrigin-2}}CertificateOfOrigin"
NAMESPACES = MappingProxyType({
    "cac": f"{UBL}CommonAggregateComponents-2",
    "cbc": f"{UBL}CommonBasicComponents-2",
    "ext": f"{UBL}CommonExtensionComponents-2",
})

# paths of the parts that are asked for often, from the root
APPLICATION = "cac:CertificateOfOriginApplication"
SHIPMENT = f"{APPLICATION}/cac:Shipment"
CONSIGNMENT = f"{SHIPMENT}/cac:Consignment"
ITEM = f"{SHIPMENT}/cac:GoodsItem"

# mode of transport -> its code of UN/ECE Recommendation 19, which has no express parcels
MODES = MappingProxyType({"SEA": "1", "RAIL": "2", "TRUCK": "3", "AIR": "4", "POST": "5", "EXPRESS": "5", "MULTI": "6"})
# mode -> where UBL keeps the vehicle below TransportMeans; the other modes have only JourneyID
VEHICLES = MappingProxyType({
    "SEA": "cac:MaritimeTransport/cbc:VesselName", "AIR": "cac:AirTransport/cbc:AircraftID",
    "RAIL": "cac:RailTransport/cbc:TrainID", "TRUCK": "cac:RoadTransport/cbc:LicensePlateID",
})
# document types of UN/EDIFACT data element 1001
INVOICE, EXPORT_DECLARATION = "380", "830"
PICTURE = "Shipping mark"  # DocumentType of a mark that is a picture
DECLARATION = "DECLARATION"  # ID of the signature that stands for the exporter's declaration
# names of Item/AdditionalItemProperty -> fields of a goods line that UBL has no element for
PROPERTIES = MappingProxyType({
    "Unit": "unit", "PackageKind": "package_kind", "Packing": "packing", "ValueContent": "value_content",
    "PSRBasis": "psr_basis", "FilingNo": "filing_no", "FOBValue": "fob_value", "Producer": "producer",
})
# the element of our namespace inside UBLExtensions, and what it says: fields that UBL has no element for, or one that may hold
# anything else too, so that a foreign document's must not be read as ours (Note, the issuer's Remarks)
PARTICULARS = "Particulars"
PARTICULAR_FIELDS = frozenset({
    "amendment", "producer", "operator", "official_use", "endorsement", "retrospective", "non_party_invoice", "exhibition",
    "movement_certificate", "back_to_back",
})


def name_of(prefixed: str) -> str:
    """"cbc:ID" as lxml writes it: {namespace}ID."""
    prefix, _, local = prefixed.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"
