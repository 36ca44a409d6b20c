# SPDX-License-Identifier: Apache-2.0
"""Documents tell the truth: links lead somewhere, commands exist, policies in them compile."""

import pathlib
import re
import subprocess

from rules import source

FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.M | re.S)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.M)
EXPECTED = re.compile(r"#\s*(?:error|warning|note|lint)\s+([EL]\d{4})")
REPORTED = re.compile(r"\[([EL]\d{4})\]")
OUR_PROGRAM = re.compile(r"^(?:build/\w+/bin/)?(dvara-policyc|dvara-gateway|dvara)$")


def documents(root):
    return [path for path in source.files(root, ".md") if "seeds" not in path.parts]


def blocks(content, *languages):
    """(first line, text) of every fenced block in one of the languages."""
    for match in FENCE.finditer(content):
        if match.group(1) in languages:
            yield content.count("\n", 0, match.start()) + 2, match.group(2)


def anchor(heading):
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.strip().replace(" ", "-")


def check_links(root):
    problems = []
    for path in documents(root):
        content = source.text(root, path)
        prose = FENCE.sub(lambda match: "\n" * match.group(0).count("\n"), content)
        for match in LINK.finditer(prose):
            target = match.group(1) or match.group(2)
            if re.match(r"[a-z]+:", target):
                continue
            name, _, fragment = target.partition("#")
            line = content.count("\n", 0, match.start()) + 1
            found = (root / path.parent / name) if name else (root / path)
            if not found.exists():
                problems.append(f"{path}:{line}: dead link to {target}")
            elif fragment and found.suffix == ".md":
                headings = HEADING.findall(found.read_text(encoding="utf-8"))
                if fragment not in map(anchor, headings):
                    problems.append(f"{path}:{line}: no heading for #{fragment} in {found.name}")
    return problems


def command_lines(block):
    """Commands of a shell block: continuation lines joined, prompts, comments and settings dropped."""
    for offset, line in enumerate(re.sub(r"\\\n", lambda _: " ", block).split("\n")):
        words = line.strip().removeprefix("$ ").split("#")[0].split()
        while words and ("=" in words[0] or words[0] == "sudo"):
            words.pop(0)
        if words:
            yield offset, words


class Programs:
    """Answers `does this program have this command and option` from its own --help."""

    def __init__(self, build):
        self.build = build
        self.helps = {}

    def help(self, *command):
        if command not in self.helps:
            program = self.build / "bin" / command[0]
            if not program.is_file():
                return None
            ran = subprocess.run([program, *command[1:], "--help"], capture_output=True, text=True,
                                 timeout=20, check=False)
            self.helps[command] = ran.stdout + ran.stderr
        return self.helps[command]

    def problem(self, words):
        program, rest = OUR_PROGRAM.match(words[0]).group(1), words[1:]
        known = self.help(program)
        if known is None:
            return f"{program} is not built"
        known_here = known
        for word in rest:
            if word in "|><;&" or word.startswith(("|", ">", "<")):
                break
            if re.fullmatch(r"[a-z][a-z-]+", word) and word is rest[0]:
                if not re.search(rf"\b{word}\b", known):
                    return f"{program} has no command `{word}`"
                known_here = known + (self.help(program, word) or "")
            option = word.split("=")[0]
            if re.fullmatch(r"--[a-z][a-z-]*|-[a-z]", option) and option not in known_here:
                return f"{program} has no option `{option}`"
        return None


def check_commands(root, build):
    problems, programs = [], Programs(build)
    for path in documents(root):
        content = source.text(root, path)
        for first, block in blocks(content, "sh", "bash", "console"):
            for offset, words in command_lines(block):
                place = f"{path}:{first + offset}"
                word = words[0]
                if OUR_PROGRAM.match(word):
                    problem = programs.problem(words)
                    if problem:
                        problems.append(f"{place}: {problem}")
                elif "/" in word and not word.startswith(("/", "build/", "~", "$", ".venv", '"')):
                    if not (root / word).is_file():
                        problems.append(f"{place}: no file {word}")
    return problems


def policy_problem(policyc, text, root):
    """None when the block compiles, or fails with exactly the codes its `# error` comments name."""
    if not re.search(r"^\s*dvp\s+\d", text, re.M):
        text = "dvp 1\n" + text
    expected = sorted(set(EXPECTED.findall(text)))
    lints = any(code[0] == "L" for code in expected)
    command = [policyc, "lint" if lints else "check", "--format", "compact"]
    if (root / "policies").is_dir():
        command += ["--library", root / "policies"]
    ran = subprocess.run([*command, "-"], input=text, capture_output=True, text=True, timeout=30, check=False)
    if not expected:
        return None if ran.returncode == 0 else f"does not pass check: {(ran.stdout + ran.stderr).strip()[:300]}"
    found = sorted({code for code in REPORTED.findall(ran.stdout + ran.stderr) if lints or code[0] == "E"})
    return None if found == expected else f"says {expected}, {command[1]} reports {found}"


def check_policies(root, build):
    policyc, problems = pathlib.Path(build) / "bin" / "dvara-policyc", []
    for path in documents(root):
        for line, block in blocks(source.text(root, path), "dvp"):
            problem = policy_problem(policyc, block, root)
            if problem:
                problems.append(f"{path}:{line}: this policy {problem}")
    return problems
