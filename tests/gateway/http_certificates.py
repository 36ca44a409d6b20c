# SPDX-License-Identifier: Apache-2.0
"""Certificates for tests, made with the openssl command in a folder of their own."""

import pathlib
import subprocess


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def past():
    """Options for a time that is over: OpenSSL 3.4 takes dates and no days before now, 3.0 the other way round."""
    help_text = subprocess.run(["openssl", "x509", "-help"], capture_output=True, text=True, check=False).stderr
    dates = ["-not_before", "20200101000000Z", "-not_after", "20200102000000Z"]
    return dates if "-not_after" in help_text else ["-days", -1]


class Certificates:
    """A CA, and what it signed: each name is (NAME.pem, NAME.key) in the folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.self_signed("ca", "dvara test CA", "CA:TRUE")
        self.signed("good", "localhost")
        self.signed("wrong_host", "elsewhere.test")
        self.signed("expired", "localhost", past())
        self.self_signed("self_signed", "localhost", "CA:FALSE")

    def certificate(self, name):
        return self.folder / f"{name}.pem"

    def key(self, name):
        return self.folder / f"{name}.key"

    def self_signed(self, name, subject, constraint):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key(name), "-out", self.certificate(name), "-days", 2,
                "-subj", f"/CN={subject}", "-addext", f"basicConstraints=critical,{constraint}",
                "-addext", "keyUsage=critical,digitalSignature,keyCertSign",
                "-addext", f"subjectAltName=DNS:{subject.replace(' ', '-')}")

    def signed(self, name, host, validity=("-days", 2)):
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=DNS:{host}\nbasicConstraints=CA:FALSE\n"
                              "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-keyout", self.key(name), "-out", request, "-subj", f"/CN={host}")
        openssl("x509", "-req", "-in", request, "-CA", self.certificate("ca"), "-CAkey", self.key("ca"),
                "-CAcreateserial", "-out", self.certificate(name), *validity, "-extfile", extensions)
