# SPDX-License-Identifier: Apache-2.0
"""Every shipped detector on a live stream: every cut into two, a grid of cuts into three."""

import os
import pathlib
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = pathlib.Path(os.environ.get("DVARA_BUILD", ROOT / "build" / "dev"))


class Streams(unittest.TestCase):
    def test_no_cut_of_a_stream_lets_out_what_a_shipped_detector_claims(self):
        with tempfile.TemporaryDirectory() as folder:
            bundle = pathlib.Path(folder, "all.dvb")
            subprocess.run([BUILD / "bin" / "dvara-policyc", "compile", "-o", bundle,
                            ROOT / "policies" / "pii" / "everything.dvp", *self.secrets()], check=True, timeout=60)
            ran = subprocess.run([BUILD / "programs" / "pii_splits", bundle], capture_output=True, text=True,
                                 timeout=300, check=False)
        self.assertEqual(ran.returncode, 0, ran.stdout[-3000:])
        detectors, shown = (int(ran.stdout.split()[i]) for i in (0, 2))
        self.assertGreater(detectors, 100)
        self.assertGreater(shown * 4, detectors * 3, ran.stdout)

    @staticmethod
    def secrets():
        """Private keys: the one family whose spans have no widest."""
        found = ROOT / "policies" / "secrets"
        return [found / name for name in ("private_keys.dvp",) if (found / name).is_file()]


if __name__ == "__main__":
    unittest.main()
