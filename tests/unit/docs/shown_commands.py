"""The documentation as data: its pages, and the commands shown in fenced blocks."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from console.main import cli

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCE = re.compile(r"(?:^<!-- run(?:: exit (?P<exit>\d))? -->\n)?^```(?P<kind>console|sh)\n(?P<text>.*?)^```$", re.M | re.S)
_INLINE = re.compile(r"`([a-z]+(?: [^`\n]*)?)`")
_ENDS = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>"}


@dataclass(frozen=True)
class Shown:
    """One command line of a page: its words, the output shown below it, and the exit code when it is to be run."""

    page: str
    words: tuple[str, ...]
    output: tuple[str, ...] = ()
    exit_code: int | None = None

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def shown_commands(program: str) -> list[Shown]:
    """Every line of a console or sh block that calls `program`."""
    return [shown for page in PAGES for shown in _of_page(page) if shown.words[0] == program]


def mentioned_commands(program: str) -> list[Shown]:
    """Every `program ...` in code marks within the text of a page; arguments may be left out there."""
    found = []
    for page in PAGES:
        text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
        lines = (match[1].split() for match in _INLINE.finditer(text))
        found += [Shown(str(page.relative_to(ROOT)), tuple(words)) for words in lines if words[0] == program]
    return list(dict.fromkeys(found))


def _of_page(page: Path) -> Iterator[Shown]:
    name, text = str(page.relative_to(ROOT)), page.read_text(encoding="utf-8")
    for block in _FENCE.finditer(text):
        marked = block[0].startswith("<!--")
        code = int(block["exit"] or 0) if marked else None
        for line, output in _lines(block["text"].replace("\\\n", " "), block["kind"] == "console"):
            yield from (Shown(name, words, output, code) for words in _commands(line))


def _lines(text: str, prompts: bool) -> Iterator[tuple[str, tuple[str, ...]]]:
    """(command line, output below it); in a console block commands have a prompt, in a sh block every line is one."""
    if not prompts:
        yield from ((line, ()) for line in text.splitlines())
        return
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        line, *output = part.splitlines()
        yield line, tuple(output)


def _commands(line: str) -> Iterator[tuple[str, ...]]:
    """The programs called in a line, without settings before them: `A=b coedi x | jq .` gives (coedi, x) and (jq, .)."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _ENDS:
            if words or not re.match(r"[A-Z_]+=", word):
                words.append(word)
        elif words:
            yield (words[0].removeprefix(".venv/bin/"), *words[1:])
            words = []


def leaves(command: click.Command = cli, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that is no group, with the words that call it: ("review", "list")."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found, name
        yield from leaves(found, (*path, name))


def options(command: click.Command) -> set[str]:
    """Every spelling of every option."""
    return {
        name for param in command.params if isinstance(param, click.Option)
        for name in (*param.opts, *param.secondary_opts)}


def find(words: tuple[str, ...]) -> tuple[click.Command, list[str]]:
    """The command that the words call and its arguments; UsageError when there is no such verb."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(click.Context(command), rest[0])
        if found is None:
            raise click.UsageError(f"no such verb: {rest[0]}")
        command, rest = found, rest[1:]
    if isinstance(command, click.Group) and rest and (left_out := getattr(command, "left_out", None)):
        command = command.commands[left_out]
    return command, rest
