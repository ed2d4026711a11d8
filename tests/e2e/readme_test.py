#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The papers keep their word: commands of the READMEs run as written, what they show is what is
printed, and links lead somewhere."""
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.environ["TENBIN_SOURCE"]
TENBIN = os.path.abspath(os.environ["TENBIN"])
READMES = ["README.md", "README.ja.md"]


def text_of(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return file.read()


def blocks(path):
    return re.findall(r"^```[a-z]*\n(.*?)^```$", text_of(path), re.S | re.M)


def commands(path):
    """The block that uses the program, as one shell script."""
    found = [block for block in blocks(path) if "build/bin/tenbin" in block and "$ " not in block]
    assert len(found) == 1, f"{path}: {len(found)} blocks of commands"
    return found[0]


class Readme(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        os.makedirs(os.path.join(cls.folder.name, "build/bin"))
        os.symlink(TENBIN, os.path.join(cls.folder.name, "build/bin/tenbin"))
        environment = {k: v for k, v in os.environ.items() if not k.startswith("TENBIN_SOURCE")}
        cls.seen = subprocess.run(["bash", "-eu", "-c", commands("README.md")], text=True,
                                  cwd=cls.folder.name, capture_output=True, timeout=600,
                                  env=environment)

    def test_commands_run_as_written(self):
        self.assertEqual(self.seen.returncode, 0, self.seen.stderr)
        for path in ("out/model.onnx", "out/report.html", "out/result.json", "answers.csv"):
            self.assertTrue(os.path.exists(os.path.join(self.folder.name, path)), path)

    def test_every_row_that_is_shown_is_printed(self):
        printed = self.seen.stdout + self.seen.stderr
        for path in READMES:
            shown = [block for block in blocks(path) if "Verdict:" in block]
            self.assertEqual(len(shown), 1, path)
            for line in shown[0].splitlines():
                name = re.match(r"^(?:== |  )?([A-Za-z][a-z/]*(?:[ ,_]+[a-z0-9/,]+)*?)(?:  |$)", line)
                # Rows that depend on the data: limits, batch sizes, messages about the data.
                if name and not re.match(r"(time|p99|throughput|Limits|f1|accuracy|auroc|Verdict)",
                                         name[1]):
                    self.assertIn(name[1], printed, f"{path}: {line}")

    def test_both_languages_show_the_same(self):
        self.assertEqual(commands("README.md"), commands("README.ja.md"))
        for pattern in (r"\| *\*{0,2}0\.\d{3,4}", r"^make \w+", r"\]\((docs/[^)]+|LICENSE)\)"):
            english = sorted(set(re.findall(pattern, text_of("README.md"), re.M)))
            japanese = sorted(set(re.findall(pattern, text_of("README.ja.md"), re.M)))
            self.assertEqual(english, japanese, pattern)


class Papers(unittest.TestCase):
    def test_links_lead_somewhere(self):
        pages = READMES + ["CHANGELOG.md"] + [
            os.path.relpath(page, SOURCE) for page in
            glob.glob(f"{SOURCE}/docs/**/*.md", recursive=True) + glob.glob(f"{SOURCE}/src/*/README.md")]
        for page in pages:
            for target in re.findall(r"\]\(([^)#\s]+)", text_of(page)):
                if "://" in target:
                    continue
                path = os.path.join(SOURCE, os.path.dirname(page), target)
                self.assertTrue(os.path.exists(path), f"{page} links to {target}")

    def test_every_room_says_what_it_is(self):
        for room in glob.glob(f"{SOURCE}/src/*/"):
            name = os.path.relpath(room, SOURCE)
            text = text_of(os.path.join(name, "README.md"))
            self.assertLessEqual(len(text.splitlines()), 25, name)
            for part in ("What", "Not here", "In → out", "Add one"):
                self.assertIn(part, text, name)

    def test_every_decision_has_its_parts(self):
        for page in glob.glob(f"{SOURCE}/docs/adr/*.md"):
            text = text_of(os.path.relpath(page, SOURCE))
            for part in ("Context", "Decision", "Alternatives", "Consequences"):
                self.assertIn(f"**{part}.**", text, page)

    def test_exit_codes_are_those_of_the_program(self):
        explained = subprocess.run([TENBIN, "explain", "--plain"], text=True, capture_output=True,
                                   check=True, timeout=60).stdout
        used = {int(line.split("\t")[1]) for line in explained.splitlines()}
        table = {int(code) for code in re.findall(r"^\| (\d+) \|", text_of("docs/stability.md"), re.M)}
        self.assertEqual(used - table, set())
        for path in READMES:
            for code in sorted(table):
                self.assertRegex(text_of(path), rf"(?<!\d){code} \w", f"{path}: {code}")


if __name__ == "__main__":
    if not os.path.isdir("/usr/lib/python3/dist-packages/sklearn/datasets/data"):
        print("skipped: the data set of the README is not installed (python3-sklearn)")
        sys.exit(77)
    checks = subprocess.run([TENBIN, "doctor", "--plain"], text=True, capture_output=True, check=True,
                            timeout=60).stdout
    if "duckdb\tok" not in checks:
        print("skipped: the README reads CSV, and DuckDB is not installed here")
        sys.exit(77)
    unittest.main()
