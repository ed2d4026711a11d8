#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real server on a disk that is full, and on a clock that jumps."""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from email.utils import parsedate_to_datetime

from serve_case import TENBIN, Server, infer_body, zoo


class ServeFaults(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def small_disk(self):
        """A file system of 512 KiB; it is gone with the test."""
        disk = self.path / "disk"
        disk.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", disk],
                              capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest("no right to mount a small disk here: " + done.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        return disk

    def runs(self, ledger):
        done = subprocess.run([TENBIN, "ledger", ledger, "--json"], check=True, capture_output=True,
                              text=True)
        return json.loads(done.stdout)["ledgers"][0]["runs"]

    def token(self, server):
        """Also reads away what else it says."""
        self.said = []
        while "shown this once" not in (self.said or [""])[-1]:
            line = server.process.stderr.readline()
            if not line:
                self.fail("".join(self.said))
            self.said.append(line)
        token = self.said[-1].split()[-1]
        threading.Thread(target=lambda: self.said.extend(server.process.stderr), daemon=True).start()
        return token

    def test_answers_on_a_full_disk_and_says_what_was_not_kept(self):
        disk = self.small_disk()
        zoo(disk / "mlp" / "1", "mlp")
        zoo(disk / "mlp" / "2", "mlp", "--seed", "2")
        with Server(disk, "--ledger", disk / "ledger", "--allow-repository") as server:
            head = {"Authorization": f"Bearer {self.token(server)}"}
            self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            with open(disk / "filler", "wb", buffering=0) as filler:
                try:
                    while filler.write(b"\0" * 4096):
                        pass
                except OSError:
                    pass
            for _ in range(50):
                self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            # A change of the rollout takes effect; that it was not kept is a decision to be read.
            change = json.dumps({"canary": {"version": "1", "share": 0.5}})
            status, text, _ = server.ask("POST", "/api/v1/models/mlp/rollout", change, head)
            self.assertEqual(status, 200, text)
            _, status = server.json("GET", "/api/v1/status")
            self.assertIn("not kept for the next start", json.dumps(status["decisions"]))
            self.assertFalse((disk / "mlp" / "rollout.json").exists(), "nothing half-written")
            # A model is loaded anew all the same.
            self.assertEqual(server.ask("POST", "/v2/repository/models/mlp/load", "", head)[0], 200)
            server.process.terminate()
            code = server.process.wait(timeout=30)
            time.sleep(0.2)
            said = "".join(self.said)
            self.assertNotEqual(code, 0, said)
            self.assertIn("no room left to write the ledger", said)
        # What was written before is whole; with room again the same ledger goes on.
        (disk / "filler").unlink()
        with Server(disk, "--ledger", disk / "ledger") as server:
            self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            code, err = server.stop()
            self.assertEqual(code, 0, err)
        ends = [(run.get("end") or {}).get("status") for run in self.runs(disk / "ledger")]
        self.assertEqual(sorted(map(str, ends)), ["None", "done"])

    def jumping_clock(self):
        """Variables for a process whose clock of the wall is that of a file, and the file."""
        library = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
        if library is None:
            self.skipTest("no libfaketime here")
        if "ASAN_OPTIONS" in os.environ or "TSAN_OPTIONS" in os.environ:
            self.skipTest("a sanitizer must be the first library")
        when = self.path / "when"
        when.write_text("+0")
        return {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(when),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}, when

    def test_a_clock_that_goes_back_hides_no_decision(self):
        wide, when = self.jumping_clock()
        zoo(self.path / "mlp", "mlp")
        when.write_text("+10y")
        with Server(self.path / "mlp", "--scale-to-zero", "200ms", "--explain", env=wide) as server:
            def sleeps():
                for _ in range(100):
                    time.sleep(0.1)
                    if server.json("GET", "/api/v1/status")[1]["models"][0]["asleep"]:
                        return
                self.fail("it does not fall asleep")

            sleeps()
            when.write_text("-1h")
            self.assertEqual(server.ask("POST", "/v2/models/mlp/infer", infer_body())[0], 200)
            sleeps()
            time.sleep(0.2)
            code, err = server.stop()
            self.assertEqual((code, err.count("sleep: mlp unload: ")), (0, 2), err)

    def test_a_clock_that_jumps_moves_no_deadline(self):
        wide, when = self.jumping_clock()
        zoo(self.path / "mlp", "mlp")
        with Server(self.path / "mlp", "--scale-to-zero", "1h", "--throttle", "100000/s/client",
                    "--ledger", self.path / "ledger", env=wide) as server:
            failed, answered = [], [0]
            stop = threading.Event()

            def load():
                while not stop.is_set():
                    status, text, _ = server.ask("POST", "/v2/models/mlp/infer", infer_body(),
                                                 {"Tenbin-Timeout": "5000"})
                    if status == 200:
                        answered[0] += 1
                    else:
                        failed.append(text)

            thread = threading.Thread(target=load)
            thread.start()
            years = []
            for jump in ("+0", "+10y", "-1h", "+13y", "-2y", "+0"):
                when.write_text(jump)
                time.sleep(0.3)
                _, _, headers = server.ask("GET", "/v2")
                years.append(parsedate_to_datetime(headers["date"]).year - time.gmtime().tm_year)
            stop.set()
            thread.join()
            self.assertEqual(failed, [])
            self.assertGreater(answered[0], 100)
            # Only what is shown to people follows the wall clock.
            self.assertGreaterEqual(years[1], 9, years)
            self.assertGreaterEqual(years[3], 12, "past January 2038")
            self.assertLessEqual(years[4], -1, years)
            self.assertFalse(server.json("GET", "/api/v1/status")[1]["models"][0]["asleep"])
            code, err = server.stop()
            self.assertEqual(code, 0, err)
        self.assertEqual([run["end"]["status"] for run in self.runs(self.path / "ledger")], ["done"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
