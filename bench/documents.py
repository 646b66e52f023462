"""CPU of one clean 6 KB application: parse, XSD, extract, rules; and what the same work costs when done the slow way.

python bench/documents.py [--count 300]
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from lxml import etree

from console.sampler import BRANCHES, FIRMS, sample
from messages.application import extract
from messages.interchange import NAMESPACE, Interchange, read
from messages.parsing import parse
from schemas.codelists import code_lists
from schemas.documents import explainer
from validators.facts import Facts
from validators.pack import current_pack
from validators.rule_check import rule_findings
from validators.schema_check import schema_findings

TODAY = date.today()
REGISTER = {firm.record.no: firm.record for firm in FIRMS}


LINES = (1, 10, 50, 100, 500)


def facts_for(no: str) -> Facts:
    """What the rules may know about this enterprise."""
    return Facts(TODAY, code_lists(), REGISTER[no], frozenset(b.code for b in BRANCHES), frozenset({"CO"}), True)


def clean_way(body: bytes) -> None:
    """What a worker does with a delivery, up to the rules' findings."""
    interchange: Any = read(parse(body))  # type: ignore[arg-type] # samples are readable
    for message in interchange.messages:
        assert not schema_findings(message.element)
        application = extract(message.element)
        facts = facts_for(application.applicant.registration_no)
        assert not rule_findings(application, message.element, facts, current_pack())


def slow_way(body: bytes) -> None:
    """The same schema check by xmlschema, which we use only to explain a refusal."""
    interchange = read(parse(body))  # type: ignore[arg-type] # as above
    assert isinstance(interchange, Interchange)
    for message in interchange.messages:
        assert explainer("message").is_valid(message.element)


def median(work: Callable[[bytes], None], bodies: list[bytes]) -> float:
    """Median CPU microseconds a body."""
    for body in bodies[:20]:
        work(body)
    times = []
    for body in bodies:
        start = time.process_time_ns()
        work(body)
        times.append(time.process_time_ns() - start)
    return statistics.median(times) / 1000


def lengthened(body: bytes, lines: int) -> bytes:
    """The application with so many goods lines, copies of its own, without the total that would no longer be right."""
    root = etree.fromstring(body)
    [goods] = root.iter(f"{{{NAMESPACE}}}Goods")
    ours = goods.findall(f"{{{NAMESPACE}}}Line")
    for child in list(goods):
        goods.remove(child)
    goods.extend(deepcopy(ours[at % len(ours)]) for at in range(lines))
    return bytes(etree.tostring(root))


def asked_way(body: bytes) -> None:
    """As `clean_way`, whatever is found."""
    interchange: Any = read(parse(body))  # type: ignore[arg-type] # samples are readable
    for message in interchange.messages:
        schema_findings(message.element)
        application = extract(message.element)
        rule_findings(application, message.element, facts_for(application.applicant.registration_no), current_pack())


def by_lines(bodies: list[bytes]) -> None:
    """Print what one more goods line costs: flat when the cost grows linearly."""
    print("goods lines    us CPU   us CPU a line beyond the first")
    first = 0.0
    for lines in LINES:
        cost = median(asked_way, [lengthened(body, lines) for body in bodies[:40]])
        first = first or cost
        print(f"{lines:11} {cost:9.0f}   {(cost - first) / (lines - 1) if lines > 1 else 0:8.1f}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    count = parser.parse_args().count
    bodies = [sample(n, TODAY, lines=8).body for n in range(count)]
    size = statistics.median(len(body) for body in bodies)
    ours, slow = median(clean_way, bodies), median(slow_way, bodies[:60])
    print(f"{'body, median bytes':44} {size:8.0f}")
    print(f"{'parse + XSD + extract + rules, us CPU':44} {ours:8.0f}   1.0")
    print(f"{'parse + XSD by xmlschema alone, us CPU':44} {slow:8.0f} {slow / ours:5.1f}")
    by_lines(bodies)


if __name__ == "__main__":
    main()
