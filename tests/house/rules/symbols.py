# SPDX-License-Identifier: Apache-2.0
"""What the built programs link and name: no pattern compiler and no policy parser in the gateway, and one
thing a name."""

import re
import subprocess

NO_GATEWAY_SYMBOL = re.compile(r"\b(hs_compile\w*|hs_expression\w*|pcre2_compile\w*)\b")
NO_GATEWAY_LIBRARY = re.compile(r"\blib(hs|vectorscan)\.so")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_gateway(program, lang_archive=None):
    problems = []
    needed = re.findall(r"NEEDED.*\[(.*?)\]", output("readelf", "-d", program))
    problems += [f"{program.name} links {name}" for name in needed if NO_GATEWAY_LIBRARY.search(name)]
    names = output("nm", program)
    problems += [f"{program.name} holds the symbol {name}" for name in sorted(set(NO_GATEWAY_SYMBOL.findall(names)))]
    if lang_archive and lang_archive.is_file():
        parser = set(defined(output("nm", "-g", lang_archive)))
        problems += [f"{program.name} holds the compiler's {name}" for name in sorted(parser & set(defined(names)))]
    return problems


def defined(names):
    return re.findall(r"^[0-9a-f]+ [TDBR] (\w+)$", names, re.M)


UNWANTED = re.compile(r"\bU (printf|puts|putchar|vprintf|perror|exit|strcpy|strcat|sprintf|strtok|gets|atoi|system|popen)$", re.M)


def check_archive(archive):
    """Catches what a macro hides from the reader of the source."""
    return [f"{archive.name} calls {name}" for name in sorted(set(UNWANTED.findall(output("nm", "-u", archive))))]


def exported(archive):
    return set(defined(output("nm", "-g", "--defined-only", archive)))


def check_names(archives, program):
    """A linker takes the first of two functions of one name and says nothing: two libraries of ours must not
    export the same name, nor one that a shared library of the program has (`bind` is the socket call)."""
    problems, owner = [], {}
    for archive in archives:
        for name in sorted(exported(archive)):
            if name in owner:
                problems.append(f"{archive.name} exports {name}, which {owner[name]} does too")
            owner.setdefault(name, archive.name)
    for path in sorted(set(re.findall(r"=> (/\S+)", output("ldd", program)))):
        names = output("nm", "-D", "--defined-only", path)
        shared = set(re.findall(r"^[0-9a-f]+ [TWVDBRi] (\w+)", names, re.M))
        problems += [f"{owner[name]} exports {name}, which {path.rsplit('/', 1)[1]} does too"
                     for name in sorted(shared & set(owner))]
    return problems
