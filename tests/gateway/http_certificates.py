# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made with the openssl command in a folder of their own."""

import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


class Certificates:
    """A CA, and what it signed: each name is (NAME.pem, NAME.key) in the folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.self_signed("ca", "dvara test CA", "CA:TRUE")
        self.signed("good", "localhost")
        self.signed("wrong_host", "elsewhere.test")
        self.signed("expired", "localhost", days=-1)
        self.self_signed("self_signed", "localhost", "CA:FALSE")

    def certificate(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def self_signed(self, name, subject, constraint):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key(name), "-out", self.certificate(name), "-days", 2,
                "-subj", f"/CN={subject}", "-addext", f"basicConstraints=critical,{constraint}",
                "-addext", f"subjectAltName=DNS:{subject.replace(' ', '-')}")

    def signed(self, name, host, days=2):
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key(name), "-out", request, "-subj", f"/CN={host}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate("ca"), "-CAkey", self.key("ca"),
                "-CAcreateserial", "-out", self.certificate(name), "-days", days, "-extfile", extensions)
