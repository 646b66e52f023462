"""How coded values read on paper: dates, countries, units and modes of transport, in the English of certificates."""

import re
from datetime import date
from functools import cache

import pycountry

from domain.application import date_of, decimal_of

MONTHS = ("JAN.", "FEB.", "MAR.", "APR.", "MAY", "JUN.", "JUL.", "AUG.", "SEP.", "OCT.", "NOV.", "DEC.")

MODES = {
    "SEA": "BY SEA", "AIR": "BY AIR", "RAIL": "BY RAIL", "TRUCK": "BY TRUCK", "POST": "BY POST",
    "EXPRESS": "BY EXPRESS", "MULTI": "BY MULTIMODAL TRANSPORT",
}  # fmt: skip

# UN/ECE Recommendation 20 codes that clerks would not read as words; every other unit is printed as sent
UNITS = {
    "C62": "PCS", "H87": "PCS", "EA": "PCS", "PR": "PAIRS", "NPR": "PAIRS", "DZN": "DOZENS", "KGM": "KGS", "GRM": "G",
    "TNE": "MTS", "MTR": "M", "MTK": "SQM", "MTQ": "CBM", "LTR": "L", "SET": "SETS",
}  # fmt: skip

# where the ISO 3166 name is not what a certificate of China prints
COUNTRIES = {
    "HK": "HONG KONG, CHINA", "MO": "MACAO, CHINA", "TW": "TAIWAN, CHINA", "KR": "REPUBLIC OF KOREA",
    "KP": "D.P.R. KOREA", "CD": "D.R. CONGO", "FM": "MICRONESIA", "PS": "PALESTINE", "US": "UNITED STATES OF AMERICA",
    "VN": "VIET NAM",
}  # fmt: skip

# other ways in which an address may name its country already
ALIASES = {
    "US": ("USA", "U.S.A", "UNITED STATES"), "GB": ("UK", "U.K", "ENGLAND", "GREAT BRITAIN", "SCOTLAND", "WALES"),
    "AE": ("UAE", "U.A.E"), "KR": ("KOREA",), "VN": ("VIETNAM",), "CN": ("P.R.C", "PRC"), "RU": ("RUSSIA",),
    "HK": ("HONG KONG", "HONGKONG"), "MO": ("MACAO", "MACAU"), "TW": ("TAIWAN",), "NL": ("HOLLAND",),
    "TR": ("TURKEY", "TURKIYE"), "CZ": ("CZECH REPUBLIC",),
}  # fmt: skip


def printed_date(day: date) -> str:
    """ "NOV. 22, 2026"."""
    return f"{MONTHS[day.month - 1]} {day.day:02d}, {day.year}"


def printed_date_of(text: str) -> str:
    """The same for a date as sent; what is not a date is printed as it came."""
    day = date_of(text)
    return printed_date(day) if day else text


def printed_quantity(quantity: str, unit: str) -> str:
    """ "2400 PCS", "1 SET"; a unit that is not one of the codes above is printed as sent."""
    word = UNITS.get(unit, unit)
    if unit in UNITS and decimal_of(quantity) == 1:
        word = word.removesuffix("S")
    return " ".join(filter(None, (quantity, word)))


@cache
def country_name(code: str) -> str:
    """English name of an ISO 3166-1 alpha-2 country in capitals; anything else is returned as it is."""
    if code in COUNTRIES:
        return COUNTRIES[code]
    country = pycountry.countries.get(alpha_2=code) if len(code) == 2 and code.isupper() else None
    return getattr(country, "common_name", country.name).upper() if country else code


def names_country(text: str, code: str) -> bool:
    """Whether `text` already names the country with this code, so that it need not be printed once more."""
    return bool(_naming(code).search(text.upper()))


@cache
def _naming(code: str) -> re.Pattern[str]:
    names = (country_name(code), *ALIASES.get(code, ()))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
