"""What judging a hostile delivery costs and touches: run as a process of its own, prints one JSON object a delivery.

    python -m tests.samples.evil.probe

Each delivery is judged (parse, read, schema, rules) in a fork of a process that has judged good and bad ones before, so that
what is loaded once is there. Reported: codes, seconds, the growth of resident memory in KiB, the error if one was raised, and
every audit event that opens something: files, sockets, processes.
"""

import json
import os
import resource
import sys
import time
from datetime import date
from typing import Any

from domain.application import Application
from schemas.codelists import code_lists
from tests.samples.evil.corpus import FOLDER, GOOD, Row, body_of, expected
from validators.check import FactsFor, check_bytes
from validators.facts import Facts
from validators.pack import current_pack
from validators.registry_file import load

TODAY = date(2026, 11, 17)
BAD = FOLDER.parent / "application" / "bad"
# samples that load what only a refusal needs: the explaining schema, number words
FIRST = (GOOD, BAD / "schema-and-rule-faults-together.xml", BAD / "carton-words-differ-from-figure.xml")
_OPENING = ("open", "socket", "subprocess", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "urllib", "ctypes", "import")


def facts_of_the_samples() -> FactsFor:
    """The register of the samples, for any sender."""
    register = load(FOLDER.parent / "registry.toml")
    branches, types = frozenset(register.branches), frozenset({"CO"})

    def facts(application: Application) -> Facts:
        enterprise = register.enterprises.get(application.applicant.registration_no)
        return Facts(TODAY, code_lists(), enterprise, branches, types, True)

    return facts


def judged(body: bytes, facts: FactsFor) -> dict[str, Any]:
    """One delivery, watched. The hook stays for the life of the process, so this is for a fork."""
    events: list[str] = []

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event.startswith(_OPENING):
            events.append(f"{event} {arguments[:1]!r:.120}")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.addaudithook(hook)
    begin, codes, error = time.monotonic(), [], ""
    try:
        codes = [finding["code"] for finding in check_bytes("x", body, facts, current_pack())["findings"]]
    except BaseException as raised:  # noqa: BLE001 # whatever it is, it is the answer
        error = repr(raised)
    seconds, touched = time.monotonic() - begin, tuple(events)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {"codes": codes, "seconds": seconds, "grown": grown, "error": error, "events": touched}


def in_a_fork(row: Row, facts: FactsFor) -> dict[str, Any]:
    """`judged` in a child; an empty result when the child died."""
    body = body_of(row)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            result = judged(body, facts)
            result["codes"] = list(dict.fromkeys(result["codes"])) if len(result["codes"]) > 20 else result["codes"]
            json.dump(result, pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    os.waitpid(child, 0)
    return dict(json.loads(text)) if text else {"codes": [], "seconds": 0, "grown": 0, "error": "died", "events": []}


def main() -> None:
    """Judge every row of EXPECTED.toml."""
    facts = facts_of_the_samples()
    for file in FIRST:
        check_bytes(file.name, file.read_bytes(), facts, current_pack())
    for row in expected():
        print(json.dumps({"name": row.name, **in_a_fork(row, facts)}), flush=True)


if __name__ == "__main__":
    main()
