"""Looking values up in a foreign UBL document, and remembering which were taken so that the rest can be named."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from domain.application import Party
from messages.gates import MAX_FOUND
from messages.parsing import line_of, text_of
from messages.ubl import NAMESPACES
from schemas.codelists import CodeLists

_NO_PLACE = ("申请中没有对应的栏目", "An application has no place for it")
_UNREADABLE = ("无法识别，未导入", "It cannot be read as such and was left out")
_STREET = (
    "cbc:Postbox", "cbc:Floor", "cbc:Room", "cbc:BuildingName", "cbc:BuildingNumber", "cbc:StreetName",
    "cbc:AdditionalStreetName", "cbc:District", "cbc:CityName", "cbc:PostalZone", "cbc:CountrySubentity",
)

_Part = etree._Element | None


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Something of the document that is not in the draft. value: at most 200 characters; line: of the file, None beyond 65,534."""

    path: str
    value: str
    line: int | None
    zh: str
    en: str


class Reader:
    """One document. Paths are relative, with the prefixes of `messages.ubl.NAMESPACES`; nothing is found below None."""

    def __init__(self, root: etree._Element, codes: CodeLists) -> None:
        self.root, self.codes = root, codes
        self._taken: set[etree._Element] = set()
        self._unreadable: set[etree._Element] = set()

    def all(self, below: _Part, path: str) -> list[etree._Element]:
        """Every element at `path`, in document order."""
        return [] if below is None else below.findall(path, dict(NAMESPACES))

    def first(self, below: _Part, *paths: str) -> _Part:
        """The first element that one of the paths leads to, the paths in their order."""
        return next((found[0] for path in paths if (found := self.all(below, path))), None)

    def text(self, below: _Part, *paths: str) -> str:
        """The text of the first path that leads to some; elements that repeat are joined as lines.

        Elements at the other paths that say the same count as taken too.
        """
        said = ""
        for path in paths:
            found = [element for element in self.all(below, path) if text_of(element)]
            here = "\n".join(map(text_of, found))
            if here and here == (said or here):
                said = here
                self._taken.update(found)
        return said

    def take(self, element: _Part) -> None:
        """`element` and all below it count as taken."""
        if element is not None:
            self._taken.update(element.iter())

    def give_back(self, element: _Part) -> None:
        """`element` says something that could not be understood."""
        if element is not None:
            self._unreadable.add(element)

    def not_taken(self) -> tuple[NotTaken, ...]:
        """What is not in the draft, in document order."""
        left = []
        for element, path in _with_paths(self.root):
            unreadable = element in self._unreadable
            lost = not len(element) and element not in self._taken
            if (unreadable or lost) and (value := text_of(element)):
                zh, en = _UNREADABLE if unreadable else _NO_PLACE
                left.append(NotTaken(path, value[:MAX_FOUND], line_of(element), zh, en))
        return tuple(left)

    def party(self, element: _Part) -> Party:
        """Name, address and country; an address without lines is put together from its parts."""
        address = self.first(element, "cac:PostalAddress", "cac:PhysicalLocation/cac:Address")
        return Party(
            self.party_name(element),
            self.text(address, "cac:AddressLine/cbc:Line") or self._joined(address, _STREET),
            self.country(self.first(address, "cac:Country")))

    def party_name(self, element: _Part) -> str:
        """The name alone."""
        return self.text(element, "cac:PartyName/cbc:Name", "cac:PartyLegalEntity/cbc:RegistrationName")

    def country(self, element: _Part) -> str:
        """The code of a country, else its name."""
        code, name = self.text(element, "cbc:IdentificationCode"), self.text(element, "cbc:Name")
        return code or name

    def printed_country(self, element: _Part) -> str:
        """The name of a country, else the printed name of its code."""
        code, name = self.text(element, "cbc:IdentificationCode"), self.text(element, "cbc:Name")
        return name or self.codes.countries.get(code, code)

    def place(self, element: _Part) -> str:
        """A port or town: its name, else its address, else its UN/LOCODE."""
        named = self.text(element, "cbc:Name", "cbc:Description")
        if named:
            return named
        address = self.first(element, "cac:Address")
        town, country = self._joined(address, ("cbc:CityName",)), self.printed_country(self.first(address, "cac:Country"))
        return ", ".join(filter(None, (town, country))) or self.text(element, "cbc:ID")

    def _joined(self, below: _Part, paths: tuple[str, ...]) -> str:
        return ", ".join(filter(None, (self.text(below, path) for path in paths)))


def _with_paths(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Every element in document order with its path: local names, with positions where a name repeats."""
    ahead = [(root, f"/{etree.QName(root).localname}")]
    while ahead:
        element, path = ahead.pop()
        yield element, path
        children = list(element.iterchildren(etree.Element))
        repeated, seen, below = Counter(str(child.tag) for child in children), Counter[str](), []
        for child in children:
            tag = str(child.tag)
            seen[tag] += 1
            position = f"[{seen[tag]}]" if repeated[tag] > 1 else ""
            below.append((child, f"{path}/{etree.QName(child).localname}{position}"))
        ahead += reversed(below)
