"""Dated rule packs: chosen by the document's date, never changed once shipped, and the same verdict every time."""

import shutil
from dataclasses import fields, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from domain.errors import Refusal, RulesUnusable, UnknownThing
from domain.finding import Severity
from schemas.codelists import RuleParameters, parameter_data, rule_parameters
from store.rule_packs import Reference
from tests.unit.validators.rule_cases import CLEAN, FACTS
from tests.unit.validators.test_rule_samples import facts_of_the_samples
from validators import shipping
from validators.check import check_bytes
from validators.pack import all_rules, current_pack, document_day, pack, pack_for, shipped
from validators.pack_diff import difference
from validators.pack_file import FAULTS, BadPack, read
from validators.rule_check import hits
from validators.rulebook import rulebook

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "application").glob("*/*.xml"))
TOMORROW = """version = "2030.1"
rules = [
  "B06", "C07", "E19", "G04", "G05",
]

[severities]
G05 = "warn"
E19 = "reject"

[parameters]
back_dating_days = 30

[texts.C07]
zh = "收货人必填"
"""


def candidate(text: str = TOMORROW):
    return read(text, all_rules(), "candidate.toml")


def codes(application, pack):
    return [(rule.id, hit.severity or rule.severity) for rule, hit in hits(application, FACTS, pack)]


def test_shipped_packs_follow_each_other_without_gap_or_overlap() -> None:
    packs = shipped()
    for earlier, later in pairwise(packs):
        assert earlier.valid_to and later.valid_from == earlier.valid_to + timedelta(days=1)
        assert later.replaces == earlier.version
    assert packs[-1].valid_to is None
    assert packs[0].replaces is None
    assert len({pack.version for pack in packs}) == len(packs)


@pytest.mark.parametrize(("day", "version"), [
    (date(1990, 1, 1), "2026.1"), (date(2012, 1, 1), "2026.1"), (date(2026, 10, 31), "2026.1"), (date(2026, 11, 1), "2026.2"),
    (date(2099, 1, 1), "2026.2"),
])
def test_the_documents_date_chooses_the_pack(day: date, version: str) -> None:
    assert pack_for(day).version == version
    assert rulebook().pack_for(day).version == version


def test_a_document_without_a_readable_date_is_decided_by_todays_pack() -> None:
    assert document_day(CLEAN, date(2020, 1, 1)) == date.fromisoformat(CLEAN.application_date)
    assert document_day(replace(CLEAN, application_date="31 JUNE"), date(2020, 1, 1)) == date(2020, 1, 1)


def test_an_unknown_version_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(UnknownThing, match=r"no rule pack 1999\.9; shipped: 2026\.1, 2026\.2"):
        pack("1999.9")


def test_the_first_pack_knows_the_general_certificate_only() -> None:
    first = pack("2026.1")
    other = replace(CLEAN, certificate_type="RCEP")
    facts = replace(FACTS, types=FACTS.types | {"RCEP"})
    [hit] = [hit for rule, hit in hits(other, facts, first) if rule.id == "A15"]
    assert hit.en == "available: CO"
    assert "A15" not in [rule.id for rule, _ in hits(other, facts, current_pack())]
    assert list(hits(CLEAN, FACTS, first)) == []


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: file.stem)
def test_a_sample_gets_the_same_verdict_again_under_each_pack(file: Path) -> None:
    for one in shipped():
        first, second = (check_bytes(file.name, file.read_bytes(), facts_of_the_samples(), one) for _ in range(2))
        assert first == second
    if b"<CertificateType>CO</CertificateType>" in file.read_bytes():  # the second pack adds nothing to the general certificate
        old, new = (check_bytes(file.name, file.read_bytes(), facts_of_the_samples(), one) for one in shipped()[:2])
        assert old == new


def test_what_was_shipped_is_as_it_was() -> None:
    assert shipping.changes() == []
    assert shipping.unrecorded() in ([], [shipped()[-1].version])


def test_a_change_of_a_shipped_pack_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    [held] = [{"2026.1": line} for version, line in shipping.recorded().items() if version == "2026.1"]
    rules = tuple(replace(rule, severity=Severity.WARN) if rule.id == "C07" else rule for rule in pack("2026.1").rules)
    changed = replace(pack("2026.1"), rules=rules, parameters={"future_days": 9}, _asked={}, _codes={})
    monkeypatch.setattr(shipping, "pack", lambda version: changed)
    monkeypatch.setattr(shipping, "recorded", lambda: held)
    assert shipping.changes() == [
        "rule pack 2026.1 decides otherwise than when it was shipped: rules of CO",
        "rule pack 2026.1 decides otherwise than when it was shipped: parameters of future_days"]


def test_a_changed_file_is_noticed_but_for_the_last_day_that_a_successor_writes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shutil.copytree(shipping.FOLDER, tmp_path, dirs_exist_ok=True)
    file, text = tmp_path / "2026.1.toml", (shipping.FOLDER / "2026.1.toml").read_text(encoding="utf-8")
    monkeypatch.setattr(shipping, "FOLDER", tmp_path)
    file.write_text(text.replace("valid_to = 2026-10-31\n", ""), encoding="utf-8")
    assert shipping.changes() == []
    file.write_text(text + "# a remark\n", encoding="utf-8")
    assert shipping.changes() == ["the file of rule pack 2026.1 was changed: give the change a new version"]


def test_going_on_record_writes_the_ids_out_and_happens_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "2026.2.toml").write_text('version = "2026.2"\nall_but = []\n', encoding="utf-8")
    monkeypatch.setattr(shipping, "FOLDER", tmp_path)
    monkeypatch.setattr(shipping, "RECORD", tmp_path / "shipped.toml")
    shipping.put_on_record("2026.2")
    written = read((tmp_path / "2026.2.toml").read_text(encoding="utf-8"), all_rules(), "2026.2.toml")
    assert [rule.id for rule in written.rules] == list(all_rules())
    assert shipping.changes() == []
    with pytest.raises(Refusal, match="on record already"):
        shipping.put_on_record("2026.2")


def test_a_pack_changes_severities_parameters_and_texts() -> None:
    made = candidate()
    late = replace(CLEAN, application_date=str(FACTS.today - timedelta(days=20)))
    assert ("G05", Severity.MANUAL) in codes(late, current_pack())
    assert "G05" not in [code for code, _ in codes(late, made)]
    later = replace(CLEAN, application_date=str(FACTS.today - timedelta(days=31)))
    assert ("G05", Severity.WARN) in codes(later, made)
    assert rule_parameters(made.parameters).back_dating_days == 30
    assert {rule.id: rule.zh for rule in made.rules}["C07"] == "收货人必填"


def test_every_parameter_that_a_pack_can_set_reaches_the_rules() -> None:
    assert set(parameter_data()) <= {field.name for field in fields(RuleParameters)}


def test_a_word_list_of_the_pack_decides() -> None:
    other = candidate('version = "x"\nrules = ["E21"]\n[parameters]\ngoods_chapters = [{ words = ["PUMPS"], chapters = ["01"] }]\n')
    assert ("E21", Severity.WARN) in codes(CLEAN, other)
    assert codes(CLEAN, candidate('version = "y"\nrules = ["E21"]\n')) == []


def test_a_severity_of_the_pack_holds_at_every_place_of_the_rule() -> None:
    national = replace(CLEAN, goods=(replace(CLEAN.goods[0], hs_code="98010010"), *CLEAN.goods[1:]))
    assert ("E19", Severity.MANUAL) in codes(national, current_pack())
    assert ("E19", Severity.REJECT) in codes(national, candidate())


@pytest.mark.parametrize(("old", "new", "code", "line"), [
    ('"C07", "E19"', '"C07", "Z99", "E19"', "PACK_RULE_UNKNOWN", 3),
    ('G05 = "warn"', 'Z98 = "warn"', "PACK_RULE_UNKNOWN", 7),
    ('G05 = "warn"', 'G06 = "warn"', "PACK_RULE_NOT_IN_PACK", 7),
    ('G05 = "warn"', 'G05 = "fatal"', "PACK_SEVERITY_UNKNOWN", 7),
    ("back_dating_days = 30", "forward_dating_days = 30", "PACK_PARAMETER_UNKNOWN", 11),
    ("back_dating_days = 30", 'version = "x"', "PACK_PARAMETER_UNKNOWN", 11),
    ("back_dating_days = 30", 'back_dating_days = "many"', "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", "back_dating_days = true", "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", "back_dating_days = -1", "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", 'fob_tolerance = "a lot"', "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", "transport_modes = []", "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", "transport_modes = [1]", "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", "goods_chapters = [{ words = 3 }]", "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", 'fob_tolerance = "-1"', "PACK_PARAMETER_WRONG", 11),
    ("back_dating_days = 30", 'public_holidays = ["2030-01-01"]', "PACK_PARAMETER_UNKNOWN", 11),
    ("[texts.C07]", "[texts.Z97]", "PACK_RULE_UNKNOWN", 13),
    ('zh = "收货人必填"', "zh = 3", "PACK_VALUE_WRONG", 13),
    ("[severities]", "[severeties]", "PACK_FIELD_UNKNOWN", 6),
    ('version = "2030.1"', 'version = "2030/1"', "PACK_VALUE_WRONG", 1),
    ('version = "2030.1"', "", "PACK_FIELD_MISSING", 1),
    ('version = "2030.1"', 'version = "2030.1"\nall_but = []', "PACK_FIELD_MISSING", 1),
    ('version = "2030.1"', 'version = "2030.1"\ntypes = ["XX"]', "PACK_TYPE_UNKNOWN", 2),
    ('version = "2030.1"', 'version = "2030.1"\nvalid_from = "soon"', "PACK_VALUE_WRONG", 2),
    ('G05 = "warn"', "G05 = warn", "PACK_NOT_TOML", 7),
])
def test_a_fault_in_a_pack_file_is_named_with_its_line(old: str, new: str, code: str, line: int) -> None:
    assert old in TOMORROW
    with pytest.raises(BadPack) as refused:
        candidate(TOMORROW.replace(old, new))
    [fault] = refused.value.faults
    assert (fault.code, fault.line) == (code, line)
    assert all(part in str(refused.value) for part in (f"candidate.toml, line {line}: {code}", *FAULTS[code]))
    assert refused.value.exit_code == 2


def test_what_the_gateway_decides_cannot_be_made_milder() -> None:
    with pytest.raises(BadPack, match=r"line 5: PACK_SEVERITY_FIXED severities\.A16"):
        candidate('version = "x"\nrules = ["A16"]\n\n[severities]\nA16 = "warn"\n')


def test_all_faults_are_named_at_once_in_the_order_of_their_lines() -> None:
    text = TOMORROW.replace('"C07",', '"Z99",').replace("back_dating_days", "days")
    with pytest.raises(BadPack) as refused:
        candidate(text)
    assert [(fault.code, fault.found) for fault in refused.value.faults] == [
        ("PACK_RULE_UNKNOWN", "Z99"), ("PACK_PARAMETER_UNKNOWN", "days"), ("PACK_RULE_NOT_IN_PACK", "C07")]


def test_the_difference_of_two_packs_names_everything_that_changed() -> None:
    found = difference(pack("2026.1"), candidate())
    assert (found["added"], "G06" in found["removed"], "C07" in found["removed"]) == ([], True, False)
    assert found["severities"] == [{"code": "G05", "from": "manual", "to": "warn"}]
    assert found["parameters"] == [{"name": "back_dating_days", "from": 7, "to": 30}]
    assert found["texts"] == [{"code": "C07", "field": "zh", "from": all_rules()["C07"].zh, "to": "收货人必填"}]
    assert found["types"] == {"from": ["CO"], "to": None}
    assert difference(pack("2026.1"), pack("2026.1"))["severities"] == []


def stored(**changes) -> Reference:
    kept = ("2030.1", TOMORROW, ("B06", "C07", "E19", "G04", "G05"))
    return replace(Reference(7, (kept,), ((date(2030, 1, 1), "2030.1"),)), **changes)


def test_an_activated_pack_decides_from_its_day_on_until_a_later_one_takes_over() -> None:
    book = rulebook(stored(activations=((date(2030, 1, 1), "2030.1"), (date(2031, 1, 1), "2026.2"))))
    days = (date(2029, 12, 31), date(2030, 1, 1), date(2030, 12, 31), date(2031, 1, 1))
    assert [book.pack_for(day).version for day in days] == ["2026.2", "2030.1", "2030.1", "2026.2"]
    again = rulebook(stored(activations=((date(2030, 1, 1), "2030.1"), (date(2030, 1, 1), "2026.1"))))
    assert again.pack_for(date(2030, 5, 5)).version == "2026.1"
    assert book.number == 7


def test_a_stored_pack_keeps_the_rules_it_had_when_coedi_learns_new_ones() -> None:
    content = 'version = "2030.2"\nall_but = ["C07"]\n'
    book = rulebook(Reference(1, (("2030.2", content, ("B06", "C08")),)))
    assert [rule.id for rule in book.pack("2030.2").rules] == ["B06", "C08"]


UNREADABLE = (("x", 'version = "x"\nrules = ["Z99"]\n', ("Z99",)),)


def test_a_stored_pack_that_is_of_no_use_now_may_be_of_a_newer_coedi() -> None:
    book = rulebook(Reference(1, UNREADABLE))
    with pytest.raises(UnknownThing, match="no rule pack x"):
        book.pack("x")


@pytest.mark.parametrize("tables", [
    Reference(1, UNREADABLE, activations=((date(2030, 1, 1), "x"),)),
    Reference(1, UNREADABLE, shadow="x"),
    Reference(1, activations=((date(2030, 1, 1), "2031.9"),)),
    Reference(1, shadow="2031.9"),
])
def test_tables_that_this_version_cannot_read_stop_the_worker(tables: Reference) -> None:
    with pytest.raises(RulesUnusable, match=r"Z99|2031\.9"):
        rulebook(tables)


def test_a_branch_re_grades_a_rule_for_itself_and_the_finding_says_so() -> None:
    book = rulebook(stored(grades=(("1100B0", "C07", "warn"), ("1100B0", "C08", "warn"), ("3100B0", "C07", "manual"))))
    there, elsewhere = (book.for_branch(current_pack(), branch) for branch in ("1100B0", "4400B0"))
    assert elsewhere is current_pack()
    assert there is book.for_branch(current_pack(), "1100B0")
    severities = {rule.id: rule.severity for rule in there.rules}
    assert severities["C07"] is Severity.WARN
    assert severities["B06"] is Severity.REJECT
    by_id = {rule.id: rule for rule in there.rules}
    assert (there.name_for(by_id["C07"]), there.name_for(by_id["B06"])) == ("2026.2+1100B0", "2026.2")
    assert ("C07" in there.graded, "C08" in there.graded) == (True, all_rules()["C08"].severity is not Severity.WARN)


def test_a_grade_of_a_rule_that_another_part_decides_changes_nothing() -> None:
    book = rulebook(stored(grades=(("1100B0", "A16", "warn"),)))
    assert book.for_branch(current_pack(), "1100B0") is current_pack()
