"""`coedi check` of many files against a plain loop over the same work in the same run; and the shapes that cost most.

python bench/check.py [--files 4000] [--rounds 3]     files a second, for one process and for all processors
python bench/check.py --shapes                        CPU of hostile files of every shape, the dearest first
"""

import argparse
import contextlib
import io
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench.documents import clean_way
from console.check_report import Totals, print_json
from console.checking import Question, checked, processors
from console.sampler import BRANCHES, FIRMS, sample
from tests.samples.evil.probe import facts_of_the_samples
from tests.samples.evil.shapes import SHAPES
from validators.check import check_bytes

TODAY = date.today()


def register(folder: Path) -> Path:
    """The sampler's firms as a register file."""
    lines = ["[branches]", *(f'"{branch.code}" = "{branch.place}"' for branch in BRANCHES)]
    for firm in FIRMS:
        record = firm.record
        signatories = ", ".join(f'{{ code = "{one.code}", name_zh = "{one.name_zh}" }}' for one in record.signatories)
        lines += [
            "[[enterprises]]", f'no = "{record.no}"', f'branch = "{record.branch}"', f'name_zh = "{record.name_zh}"',
            f'name_en = "{record.name_en}"', f'customs_code = "{record.customs_code}"', "print_seal_ready = true",
            f"signatories = [{signatories}]"]
    path = folder / "register.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def plain_loop(files: list[Path]) -> None:
    """Read, parse, validate, extract and ask the rules, file by file, and nothing else."""
    for file in files:
        clean_way(file.read_bytes())


def checked_by(jobs: int, question: Question) -> Callable[[list[Path]], None]:
    """All that `coedi check --json` does after its start."""
    def work(files: list[Path]) -> None:
        totals = Totals()
        with contextlib.redirect_stdout(io.StringIO()), checked(files, question, jobs) as reports:
            print_json(totals.counted(reports), totals)
        assert totals.verdicts["accepted"] == len(files), totals.verdicts

    return work


def rate(work: Callable[[list[Path]], None], files: list[Path], rounds: int) -> float:
    """Median files a second of wall clock."""
    work(files[:100])
    rates = []
    for _ in range(rounds):
        start = time.perf_counter()
        work(files)
        rates.append(len(files) / (time.perf_counter() - start))
    return statistics.median(rates)


def rates(count: int, rounds: int) -> None:
    """Print the table of files a second."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [folder / f"{n:06}.xml" for n in range(count)]
        for n, file in enumerate(files):
            file.write_bytes(sample(n, TODAY, lines=8).body)
        question = Question(register(folder), TODAY)
        plain = rate(plain_loop, files, rounds)
        print(f"{'files, median bytes':34} {len(files):7} {statistics.median(file.stat().st_size for file in files):8.0f}")
        print(f"{'plain loop, files/s':34} {plain:7.0f}   1.00")
        for jobs in dict.fromkeys((1, processors())):
            ours = rate(checked_by(jobs, question), files, rounds)
            label = f"coedi check --jobs {jobs}, files/s"
            print(f"{label:34} {ours:7.0f} {ours / plain:6.2f}")


def shapes() -> None:
    """Print CPU milliseconds and findings of every shape, the dearest first."""
    facts, rows = facts_of_the_samples(), []
    for body in (make() for make in list(SHAPES.values())[:2]):
        check_bytes("warm", body, facts, None)
    for name, make in SHAPES.items():
        body = make()
        start = time.process_time_ns()
        report = check_bytes(name, body, facts, None)
        rows.append(((time.process_time_ns() - start) / 1e6, name, len(body), len(report["findings"])))
    print(f"{'ms CPU':>9} {'bytes':>9} {'findings':>8}  shape")
    for milliseconds, name, size, found in sorted(rows, reverse=True):
        print(f"{milliseconds:9.1f} {size:9} {found:8}  {name}")


def main() -> None:
    """Print one of the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=4_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shapes", action="store_true")
    given = parser.parse_args()
    if given.shapes:
        shapes()
    else:
        rates(given.files, given.rounds)


if __name__ == "__main__":
    main()
