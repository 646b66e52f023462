"""A policy file is read as a whole: every fault is named, and nothing that is wrong decides."""

from decimal import Decimal
from pathlib import Path

import pytest

from domain.errors import BadSetting
from review_worker.policy import Condition, Policy, Shorter, load_policy, policy_in

FULL = """
version = "2027.1"
refer_severities = ["manual", "warn"]
sample_one_in = 50
new_exporter_first = 3
destinations = ["Iran"]
hs_prefixes = ["93", "8501"]
invoice_amount_above = "1000000.50"
deadline_minutes = 480
void_eyes = 2
batch_codes = ["SAMPLE"]
[deadlines]
RCEP = 240
[[shorter]]
minutes = 60
hs_prefixes = ["03"]
small_enterprises = true
[four_eyes]
types = ["RCEP"]
origin_amendments = true
[senior]
branches = ["1100B0"]
"""


def test_every_key_arrives() -> None:
    assert policy_in(FULL, "x") == Policy(
        "2027.1", ("manual", "warn"), 50,
        Condition(destinations=("IRAN",), hs_prefixes=("93", "8501"), invoice_amount_above=Decimal("1000000.50"),
                  new_exporter_first=3),
        Condition(types=("RCEP",), origin_amendments=True), Condition(branches=("1100B0",)), 480, (("RCEP", 240),),
        (Shorter(60, Condition(hs_prefixes=("03",), small_enterprises=True)),), 2, ("SAMPLE",))


def test_the_built_in_policy_can_be_read_and_asks_for_arms_alone() -> None:
    policy = load_policy()
    assert policy.refer == Condition(hs_prefixes=("93",), origin_amendments=True)
    assert policy.minutes_for("RCEP") == 480


@pytest.mark.parametrize(("line", "why"), [
    ("colour = 1", "unknown key colour"), ("sample_one_in = -1", "sample_one_in: a whole number"),
    ("sample_one_in = true", "sample_one_in: a whole number"), ("new_exporter_first = 21", "from 0 to 20"),
    ('refer_severities = ["reject"]', "manual or warn"), ('refer_severities = "manual"', "a list of words"),
    ('hs_prefixes = ["x"]', "'X' is not the first digits"), ('hs_prefixes = [93]', "a list of words"),
    ("invoice_amount_above = nan", "an amount of 0 or more"), ('invoice_amount_above = "-1"', "an amount"),
    ("invoice_amount_above = true", "an amount"), ("void_eyes = 3", "from 1 to 2"), ("void_eyes = 0", "from 1 to 2"),
    ("deadline_minutes = 99999", "from 0 to 48000"), ('types = ["NOPE"]', "'NOPE' is not a certificate type"),
    ("[deadlines]\nNOPE = 1", "deadlines: 'NOPE' is not"), ("[deadlines]\nCO = -1", "deadlines: a whole number"),
    ("deadlines = 1", "deadlines: a table"), ("[four_eyes]\neyes = 2", "unknown key four_eyes.eyes"),
    ("[senior]\nsmall_enterprises = 1", "senior.small_enterprises: true or false"), ("senior = 1", "senior: a table"),
    ('[[shorter]]\nhs_prefixes = ["01"]', "shorter[1].minutes: a whole number"),
    ("[[shorter]]\nminutes = 1\nhs = 1", "unknown key shorter[1].hs"), ("shorter = 1", "shorter: tables"),
    ('batch_codes = ["a b"]', "batch_codes: 'A B' is not a reason code"), ("x = ", "Invalid value"),
])
def test_what_is_wrong_is_said(line: str, why: str) -> None:
    with pytest.raises(BadSetting) as error:
        policy_in(f'version = "1"\n{line}\n', "my.toml")
    assert str(error.value).startswith("my.toml: ")
    assert why in str(error.value)


@pytest.mark.parametrize("version", ['""', "1", '"a b"', '"../x"', f'"{"1" * 33}"'])
def test_a_version_is_a_plain_word(version: str) -> None:
    with pytest.raises(BadSetting, match="version"):
        policy_in(f"version = {version}", "x")


def test_all_faults_are_named_at_once() -> None:
    with pytest.raises(BadSetting) as error:
        policy_in("colour = 1\nvoid_eyes = 9\n[senior]\nx = 1\n", "x")
    assert [line.split()[1] for line in str(error.value).splitlines()] == ["unknown", "void_eyes:", "unknown", "version"]


def test_a_file_that_cannot_be_read_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match="COEDI_POLICY: cannot read"):
        load_policy(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b'version = "\xe9"')
    with pytest.raises(BadSetting, match="UTF-8"):
        load_policy(str(tmp_path / "latin.toml"))


@pytest.mark.parametrize(("reasons", "allowed"), [
    (["SAMPLE: 抽查 / one"], True), (["SAMPLE: x", "NEW_EXPORTER: y"], True), (["SAMPLE: x", "C05: y"], False), ([], False),
    (["SAMPLED: x"], False),
])
def test_a_batch_is_allowed_where_every_reason_allows_it(reasons: list[str], allowed: bool) -> None:
    assert Policy("1", batch_codes=("SAMPLE", "NEW_EXPORTER")).allows_batch(reasons) is allowed
