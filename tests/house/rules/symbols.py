# SPDX-License-Identifier: Apache-2.0
"""What the built programs link and name: no pattern compiler and no policy parser in the gateway."""

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
