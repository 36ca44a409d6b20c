# SPDX-License-Identifier: Apache-2.0
"""Host names of our own: a library to preload under which 10-0-0-1.test is 10.0.0.1, fd00--1.test is
fd00::1, and slow.test is 127.0.0.1 after 5 seconds."""

import os
import pathlib
import subprocess

SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
int getaddrinfo(const char *n, const char *s, const struct addrinfo *h, struct addrinfo **r)
{
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    char address[64];
    const char *end = n ? strstr(n, ".test") : NULL;
    *(void **)&next = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!end || end - n > 50)
        return next(n, s, h, r);
    snprintf(address, sizeof address, "%.*s", (int)(end - n), n);
    for (char *p = address; *p; p++)
        *p = *p == '-' ? (strstr(n, "--") ? ':' : '.') : *p;
    if (strcmp(address, "slow") == 0)
        sleep(5);
    return next(strcmp(address, "slow") == 0 ? "127.0.0.1" : address, s, h, r);
}
"""


def library(folder):
    """Makes the library in the folder; the answer is for LD_PRELOAD. Under a sanitizer its library stands
    before ours, as it must be the first that is loaded; its getaddrinfo then leads to ours."""
    path = f"{folder}/names.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-x", "c", "-", "-o", path, "-ldl"], input=SOURCE.encode(),
                   check=True)
    return f"{sanitizer_library()}{path}"


def sanitizer_library():
    name = {"address": "libasan.so", "thread": "libtsan.so"}.get(os.environ.get("DVARA_SANITIZER", ""))
    if not name:
        return ""
    found = subprocess.run(["cc", f"-print-file-name={name}"], capture_output=True, text=True, check=True)
    return f"{pathlib.Path(found.stdout.strip()).resolve()}:"
