#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program as its user meets it: commands, streams, exit codes, errors, pipes, terminals."""
import contextlib
import gzip
import json
import os
import pty
import random
import re
import shlex
import sqlite3
import subprocess
import tempfile
import unittest

TENBIN = os.path.abspath(os.environ["TENBIN"])
HOME = tempfile.TemporaryDirectory()
WORK = HOME.name
CLEAN = {k: v for k, v in os.environ.items()
         if not k.startswith(("TENBIN", "NO_COLOR", "FORCE_COLOR", "XDG_"))}
CLEAN.update(HOME=WORK, TERM="xterm")
if "TENBIN_PLUGIN_DIR" in os.environ:
    CLEAN["TENBIN_PLUGIN_DIR"] = os.environ["TENBIN_PLUGIN_DIR"]
VERBS = ["bench", "completion", "config", "doctor", "explain", "fit", "ledger", "man", "meter", "predict",
         "profile", "rollout", "serve", "shrink", "zoo"]


def run(*words, env=None, cwd=WORK, **more):
    return subprocess.run([TENBIN, *words], capture_output=True, text=True, timeout=300, cwd=cwd,
                          env={**CLEAN, **(env or {})}, **more)


def write_data(path, rows=240):
    """Two classes in two numbers and a category; no reader but our own is needed for ARFF."""
    source = random.Random(5)
    with open(os.path.join(WORK, path), "w", encoding="utf-8") as out:
        out.write("@relation toy\n@attribute width numeric\n@attribute height numeric\n"
                  "@attribute shade {dark,light}\n@attribute kind {left,right}\n@data\n")
        for _ in range(rows):
            right = source.random() < 0.5
            out.write(f"{source.gauss(1.5 if right else 0, 1):.4f},{source.gauss(0, 1):.4f},"
                      f"{source.choice(['dark', 'light'])},{'right' if right else 'left'}\n")


write_data("toy.arff")
with open(os.path.join(WORK, "broken.onnx"), "w", encoding="utf-8") as broken:
    broken.write("this is no model")


def fit(*words, env=None):
    return run("fit", "toy.arff", "--target", "kind", "--epochs", "3", *words, env=env)


class Help(unittest.TestCase):
    def test_no_arguments_print_a_short_help(self):
        shown = run()
        self.assertEqual(shown.returncode, 0)
        self.assertLess(len(shown.stdout.splitlines()), 40)
        for verb in VERBS:
            self.assertIn(f"  {verb}", shown.stdout)

    def test_version(self):
        self.assertRegex(run("--version").stdout, r"^tenbin \d+\.\d+\.\d+\n$")
        for words in (["--version", "--json"], ["--json", "--version"], ["fit", "-V", "--json"]):
            version = json.loads(run(*words).stdout)
            self.assertEqual(version["schema"], "tenbin.version/1")
            self.assertIn("onednn", version["libraries"])
            self.assertRegex(version["commit"] or "none", r"^([0-9a-f]{12,40}(-dirty)?|none)$")

    def test_every_verb_has_help_with_examples_first(self):
        for verb in VERBS:
            shown = run(verb, "--help")
            self.assertEqual(shown.returncode, 0, verb)
            self.assertLess(shown.stdout.index("Examples:"), shown.stdout.index("Flags:"), verb)
            self.assertLessEqual(max(map(len, shown.stdout.splitlines())), 100, verb)
            self.assertEqual(shown.stdout, run(verb, "-h").stdout, verb)
            schema = json.loads(run(verb, "--help", "--json").stdout)["options"]
            self.assertEqual(schema["type"], "object")
            for name, option in schema["properties"].items():
                self.assertIn("--" + name.replace("_", "-"), shown.stdout)
                self.assertTrue(option["description"], name)

    def test_every_example_is_understood(self):
        for verb in VERBS:
            examples = json.loads(run(verb, "--help", "--json").stdout)["examples"]
            self.assertTrue(examples, verb)
            for line in examples:
                words = shlex.split(re.sub(r"^source <\((.*)\)$|( > \S+)$", r"\1", line))
                self.assertEqual(words[:2], ["tenbin", verb], line)
                end = words.index("--") if "--" in words else len(words)
                asked = run(*words[1:end], "--help", *words[end:])
                self.assertEqual(asked.returncode, 0, f"{line}: {asked.stderr}")

    def test_examples_that_need_no_files_run(self):
        for verb in ("completion", "config", "doctor", "explain", "zoo"):
            for line in json.loads(run(verb, "--help", "--json").stdout)["examples"]:
                words = shlex.split(re.sub(r"^source <\((.*)\)$|( > \S+)$", r"\1", line))
                self.assertEqual(run(*words[1:]).returncode, 0, line)


class Verbose(unittest.TestCase):
    """-v: what somebody wants to know who looks for a fault, on standard error alone."""

    @staticmethod
    def lines(text):
        """Lines of details by their first word, those that were broken joined again."""
        whole = re.sub(r"\n {14}", " ", text)
        return re.findall(r"^\[ *\d+\.\d{3} s\] (\w+): (.*)$", whole, re.MULTILINE)

    def test_every_verb_tells_where_it_began_and_how_it_ended(self):
        words = {"fit": ["gone.csv"], "predict": ["gone.onnx", "gone.csv"],
                 "profile": ["gone.onnx"], "shrink": ["gone.onnx"],
                 "meter": ["--", "true"], "completion": ["bash"],
                 "explain": ["E0101"], "zoo": ["list"]}
        for verb in VERBS:
            with self.subTest(verb):
                seen = run(verb, "-v", *words.get(verb, []))
                told = self.lines(seen.stderr)
                self.assertEqual([told[0][0], told[-1][0]], ["program", "end"], seen.stderr)
                self.assertIn(f"exit code {seen.returncode};", told[-1][1])
                self.assertNotRegex(seen.stdout, r"^\[ +\d")
                self.assertNotIn("] program:", run(verb, *words.get(verb, [])).stderr)

    def test_a_fit_tells_settings_files_choices_and_times(self):
        with open(os.path.join(WORK, "tenbin.yaml"), "w", encoding="utf-8") as file:
            file.write("fit:\n  seed: 4\n")
        try:
            seen = fit("-o", "told", "-v", "--json", env={"TENBIN_TEST_SHARE": "20%"})
        finally:
            os.remove(os.path.join(WORK, "tenbin.yaml"))
        self.assertEqual(seen.returncode, 0, seen.stderr)
        document = json.loads(seen.stdout)
        told = self.lines(seen.stderr)
        for line in (("settings", "epochs = 3, from flag --epochs"),
                     ("settings", "seed = 4, from tenbin.yaml:2"),
                     ("settings", "test_share = 20%, from environment TENBIN_TEST_SHARE"),
                     ("ledger", f"told/ledger.db, run {document['run']['id']}")):
            self.assertIn(line, told)
        text = "\n".join(f"{kind}: {line}" for kind, line in told)
        for part in ("task = auto", "file: opened toy.arff, ", "meter: ",
                     "file: wrote told/model.onnx, ", "engine: native, ", "threads: "):
            self.assertIn(part, text)
        stages = [line.split()[0] for kind, line in told if kind == "stage"]
        self.assertEqual(stages, ["read", "train", "export", "prove", "report"])

    def test_a_prediction_tells_why_its_engine_runs(self):
        self.assertEqual(fit("-o", "why", "-q").returncode, 0)
        seen = run("predict", "why/model.onnx", "toy.arff", "-q", "-v")
        told = dict(self.lines(seen.stderr))
        self.assertRegex(told["engine"], r"^native on \d+ threads \(the promises of this file were")
        self.assertEqual(told["data"], "240 rows read")
        self.assertEqual(len(seen.stdout.splitlines()), 241, "data and nothing else")


# why, words, exit code, code of the error, what the message or hint says
ERRORS = [
    ("unknown command", ["fti"], 2, "E0101", "fit"),
    ("unknown command to help", ["help", "fti"], 2, "E0101", "fit"),
    ("unknown flag", ["fit", "toy.arff", "--targte", "kind"], 2, "E0101", "--target"),
    ("flag without its value", ["fit", "toy.arff", "--target"], 2, "E0103", "needs a value"),
    ("no data", ["fit", "--target", "kind"], 2, "E0103", "expected one data file"),
    ("two data files", ["fit", "a", "b", "--target", "c"], 2, "E0103", "'a' 'b'"),
    ("no target", ["fit", "toy.arff"], 2, "E0103", "--target"),
    ("missing file", ["fit", "gone.csv", "--target", "x"], 3, "E0301", "no such file"),
    ("unknown column, the nearest named", ["fit", "toy.arff", "--target", "knid"], 3, "E0304",
     "'kind'"),
    ("limit without a unit", ["fit", "toy.arff", "--target", "kind", "--limit", "time=5"], 2,
     "E0102", "5min"),
    ("unknown limit", ["fit", "toy.arff", "--target", "kind", "--limit", "tme=5s"], 2, "E0101",
     "time"),
    ("limit that nothing meets", ["fit", "toy.arff", "--target", "kind", "--limit", "p99=0ms"], 2,
     "E0105", "zero"),
    ("duration that is a word", ["meter", "--interval", "often", "--", "true"], 2, "E0102", "ms"),
    ("whole number that is none", ["fit", "toy.arff", "--target", "kind", "--seed", "1.5"], 2,
     "E0102", "whole number"),
    ("no command to meter", ["meter"], 2, "E0103", "--"),
    ("flags of the metered command", ["meter", "python3", "-c", "1"], 2, "E0101",
     "go behind --"),
    ("unit of a budget", ["meter", "--budget", "5", "--", "true"], 2, "E0102", "J"),
    ("no model", ["predict", "gone.onnx", "toy.arff"], 3, "E0301", "no such file"),
    ("no model inside", ["predict", "broken.onnx", "toy.arff"], 3, "E0201", ""),
    ("no ledger", ["ledger", "gone"], 3, "E0301", "-o"),
    ("unknown model of the zoo", ["zoo", "build", "resnet81", "-o", "x.onnx"], 2, "E0101",
     "resnet18"),
    ("unknown error code", ["explain", "E9999"], 2, "E0101", "explain"),
    ("unknown shell", ["completion", "tcsh"], 2, "E0101", "bash"),
    ("unknown section", ["config", "show", "fitt"], 2, "E0101", "fit"),
]


class Errors(unittest.TestCase):
    def test_four_parts_and_the_documented_exit_code(self):
        for why, words, code, label, says in ERRORS:
            with self.subTest(why):
                seen = run(*words)
                self.assertEqual(seen.returncode, code, seen.stderr)
                self.assertEqual(seen.stdout, "")
                text = " ".join(seen.stderr.split())
                self.assertIn(f"error[{label}]: ", text)
                self.assertIn(" hint: ", text)
                self.assertIn(f" docs: tenbin explain {label}", text)
                self.assertIn(says, text)
                self.assertLessEqual(max(map(len, seen.stderr.splitlines())), 110)
                self.assertEqual(run("explain", label).returncode, 0)

    def test_the_same_as_json(self):
        for why, words, code, label, says in ERRORS:
            with self.subTest(why):
                seen = run(words[0], "--json", *words[1:])
                self.assertEqual(seen.returncode, code, seen.stderr)
                self.assertEqual(seen.stdout, "")
                error = json.loads(seen.stderr.splitlines()[-1])["error"]
                self.assertEqual(error["code"], label)
                self.assertEqual(error["docs"], f"tenbin explain {label}")
                self.assertTrue(error["message"] and error["hint"] and error["cause"])
                self.assertIn(says, error["message"] + error["hint"] + error["where"])

    def test_messages_are_lower_case_without_full_stop(self):
        for why, words, *_ in ERRORS:
            message = run(*words).stderr.split("]: ", 1)[1].split("\n  ", 1)[0].strip()
            self.assertFalse(message.endswith("."), message)
            self.assertFalse(message[0].isupper() and message[1].islower(), message)


class Fit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.text = fit("-o", "text")
        cls.json = fit("-o", "json", "--json", "--seed", "3")

    def test_the_verdict_says_all_of_it(self):
        self.assertEqual(self.text.returncode, 0, self.text.stderr)
        for part in ("auroc", "accuracy", "95% interval", "latency p50, batch 1",
                     "latency p99, batch 1", "throughput, batch", "size", "MACs",
                     "energy, training", "energy, 1,000 predictions", "money, training",
                     "money, 1,000 predictions", "Where time and energy went", "report.html",
                     "tenbin predict text/model.onnx"):
            self.assertIn(part, self.text.stdout)
        self.assertRegex(self.text.stdout, "measured|modelled")
        self.assertLessEqual(max(map(len, self.text.stdout.splitlines())), 100)

    def test_money_is_never_rounded_to_nothing(self):
        self.assertNotRegex(self.text.stdout, r"\b0 USD")
        document = json.loads(self.json.stdout)
        self.assertGreater(document["money"]["training"], 0)
        self.assertGreater(document["money"]["per_1000_predictions"], 0)
        self.assertNotRegex(run("ledger", "text").stdout, r" 0 USD")

    def test_progress_is_plain_and_sparse_in_a_pipe(self):
        self.assertIn("== read", self.text.stderr)
        self.assertIn("== train", self.text.stderr)
        self.assertNotIn("\r", self.text.stderr)
        self.assertNotIn("\033", self.text.stderr + self.text.stdout)
        self.assertLess(len(self.text.stderr.splitlines()), 60)

    def test_json_is_one_document_and_the_file_is_the_same(self):
        document = json.loads(self.json.stdout)
        self.assertEqual(document["schema"], "tenbin.fit/1")
        self.assertEqual(document["run"]["seed"], 3)
        with open(os.path.join(WORK, "json/result.json"), encoding="utf-8") as file:
            self.assertEqual(json.load(file), document)

    def test_stages_sum_to_the_total(self):
        document = json.loads(self.json.stdout)
        for key in ("joules", "money", "cpu_seconds"):
            parts = sum(stage[key] for stage in document["stages"])
            self.assertAlmostEqual(parts, document["total"][key],
                                   delta=1e-6 * max(document["total"][key], 1e-12))
        ledger = json.loads(run("ledger", "json", "--json").stdout)
        entry = ledger["ledgers"][0]["runs"][0]
        self.assertEqual(round(sum(s["energy"]["joules"] for s in entry["stages"]) * 1e9),
                         round(entry["end"]["energy"]["joules"] * 1e9))
        self.assertEqual([s["name"] for s in entry["stages"]],
                         ["read", "train", "export", "prove", "report", "unattributed"])
        self.assertGreater(entry["end"]["seconds"], document["total"]["seconds"],
                           "the run ends after its document is written")

    def test_the_report_stands_alone(self):
        path = os.path.join(WORK, "text/report.html")
        self.assertLess(os.path.getsize(path), 1_000_000)
        with open(path, encoding="utf-8") as file:
            page = file.read()
        self.assertIn("default-src 'none'", page)
        for outside in ("http://", "https://", "<link", "<img", "src=", "url(http", "@import"):
            self.assertNotIn(outside, page)
        for part in ("Pareto picture", "Learning curves", "Confusion matrix", "ROC curve",
                     "Calibration", "Ladder of quantiles", "Power over time", "Flow of energy",
                     "How was this measured", "Profile", "What was done to the data"):
            self.assertIn(part, page)
        self.assertEqual(page.count("<figure"), page.count("</figure>"))
        self.assertGreaterEqual(page.count("aria-label="), page.count("role='img'"))

    def test_plain_is_tabs(self):
        plain = fit("-o", "plain", "--plain", "-q")
        self.assertEqual(plain.stderr, "")
        rows = [line.split("\t") for line in plain.stdout.splitlines()]
        self.assertTrue(all(len(row) == 4 for row in rows))
        self.assertIn("auroc", [row[1] for row in rows if row[0] == "score"])

    def test_a_limit_that_is_not_met_keeps_the_best_model(self):
        seen = fit("-o", "strict", "--limit", "p99=1ns")
        self.assertEqual(seen.returncode, 5, seen.stderr)
        self.assertIn("NOT MET", seen.stdout)
        self.assertIn("error[E0502]: p99 is", seen.stderr)
        self.assertTrue(os.path.exists(os.path.join(WORK, "strict/model.onnx")))
        seen = fit("-o", "strict", "--limit", "p99=1ns", "--json")
        self.assertEqual(json.loads(seen.stdout)["exit_code"], 5)
        self.assertEqual(json.loads(seen.stderr.splitlines()[-1])["error"]["code"], "E0502")

    def test_predictions_of_the_model(self):
        seen = run("predict", "text/model.onnx", "toy.arff")
        self.assertEqual(seen.returncode, 0, seen.stderr)
        self.assertEqual(len(seen.stdout.splitlines()), 241)
        self.assertTrue(seen.stdout.startswith("label"), seen.stdout[:60])
        written = run("predict", "text/model.onnx", "toy.arff", "-o", "answers.csv", "-q")
        self.assertEqual((written.stdout, written.stderr), ("", ""))
        with open(os.path.join(WORK, "answers.csv"), encoding="utf-8") as file:
            self.assertEqual(file.read(), seen.stdout)
        with open(os.path.join(WORK, "toy.arff"), encoding="utf-8") as file:
            piped = run("predict", "text/model.onnx", "-", "--format", "arff", "-q",
                        input=file.read())
        self.assertEqual(piped.stdout, seen.stdout, piped.stderr)
        empty = run("predict", "text/model.onnx", "-", input="")
        self.assertEqual(empty.returncode, 3, empty.stderr)
        self.assertIn("standard input is empty", empty.stderr)

    def test_a_dry_run_writes_nothing(self):
        before = sorted(os.listdir(WORK))
        seen = fit("-o", "dry", "-n", "--limit", "time=5min,p99=1ms")
        self.assertEqual(seen.returncode, 0, seen.stderr)
        self.assertEqual(sorted(os.listdir(WORK)), before)
        for part in ("240", "classification", "trees of depth 3", "5 min", "p99", "dry/model.onnx",
                     "would be made"):
            self.assertIn(part, seen.stdout)
        self.assertNotIn("--dry-run", seen.stdout)
        plan = json.loads(fit("-o", "text", "--dry-run", "--json", "-q").stdout)
        self.assertEqual(plan["schema"], "tenbin.fit_plan/1")
        self.assertTrue(plan["output"]["files"][0]["exists"])
        self.assertEqual(plan["data"]["rows"], 240)
        self.assertEqual(fit("-n", "--limit", "time=5").returncode, 2)

    def test_the_next_command_of_a_dry_run_gets_the_same_data(self):
        words = [TENBIN, "fit", "-", "--target", "kind", "-n", "-q", "-o", "it's new"]
        path = os.path.join(WORK, "toy.arff")
        with open(path, "rb") as file:
            rows = file.read()
        last = {}
        for why, source in (("piped", {"input": rows}), ("redirected", {"stdin": path})):
            with contextlib.ExitStack() as open_files:
                if "stdin" in source:
                    source = {"stdin": open_files.enter_context(open(path, "rb"))}
                seen = subprocess.run(words, capture_output=True, cwd=WORK, env=CLEAN, timeout=300,
                                      **source)
            self.assertEqual(seen.returncode, 0, seen.stderr)
            last[why] = seen.stdout.decode().splitlines()[-1].strip()
        command = f"{TENBIN} fit - --target kind -q -o 'it'\\''s new'"
        self.assertEqual(last["piped"], f"cat DATA | {command}")
        self.assertEqual(last["redirected"], f"{command} < {path}")
        again = subprocess.run(["sh", "-c", last["redirected"] + " --epochs 1 --json"],
                               capture_output=True, text=True, cwd=WORK, env=CLEAN, timeout=300)
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertTrue(os.path.exists(os.path.join(WORK, "it's new", "model.onnx")))

    def test_data_from_standard_input(self):
        with open(os.path.join(WORK, "toy.arff"), "rb") as file:
            plain = file.read()
        for why, sent in (("plain", plain), ("gzip", gzip.compress(plain))):
            with self.subTest(why):
                seen = subprocess.run(
                    [TENBIN, "fit", "-", "--target", "kind", "--epochs", "3", "-o", "piped",
                     "--json"], input=sent, capture_output=True, cwd=WORK, env=CLEAN, timeout=300)
                self.assertEqual(seen.returncode, 0, seen.stderr)
                document = json.loads(seen.stdout)
                self.assertEqual(document["data"]["path"], "standard input")
                self.assertEqual(document["data"]["rows"], 240)
                self.assertEqual(document["scores"],
                                 json.loads(fit("-o", "same", "--json").stdout)["scores"])
        stored = os.path.join(WORK, "stream.db")
        with sqlite3.connect(stored) as database:
            database.execute("CREATE TABLE t (a REAL, kind TEXT)")
        with open(stored, "rb") as file:
            refused = subprocess.run([TENBIN, "fit", "-", "--target", "kind"], stdin=file,
                                     capture_output=True, text=True, cwd=WORK, env=CLEAN)
        self.assertEqual(refused.returncode, 3)
        self.assertIn("a sqlite database without a name", refused.stderr)
        self.assertIn("--> standard input", refused.stderr)
        wrong = run("fit", "-", "--target", "knid", input=plain.decode())
        self.assertEqual(wrong.returncode, 3)
        self.assertIn("--> standard input", wrong.stderr)
        self.assertNotIn("/proc/", wrong.stderr)

    def test_what_exists_is_asked_about_on_a_terminal(self):
        words = ["fit", "toy.arff", "--target", "kind", "--epochs", "2", "-o", "asked"]
        self.assertEqual(run(*words).returncode, 0)
        model = os.path.join(WORK, "asked/model.onnx")
        for why, answer, more, code, asks in [
                ("no", "n\n", [], 130, True), ("nothing", "\n", [], 130, True),
                ("yes", "y\n", [], 0, True), ("--yes", "", ["--yes"], 0, False),
                ("--no-input", "", ["--no-input"], 0, False)]:
            with self.subTest(why):
                before = os.stat(model).st_mtime_ns
                seen = answered([*words, *more], answer)
                self.assertEqual(seen.returncode, code, seen.stderr)
                self.assertEqual("[y/N]" in seen.stderr, asks)
                self.assertEqual(os.stat(model).st_mtime_ns == before, code != 0)
        self.assertIn("is written over", run(*words).stderr)

    def test_ledger_for_people_and_for_scripts(self):
        shown = run("ledger", "text")
        self.assertIn("train", shown.stdout)
        self.assertLessEqual(max(map(len, shown.stdout.splitlines())), 100)
        plain = [line.split("\t") for line in run("ledger", "text", "--plain").stdout.splitlines()]
        self.assertTrue(all(len(row) == 9 for row in plain))
        self.assertGreater(len(run("ledger", "text", "--events").stdout), len(shown.stdout))


class Streams(unittest.TestCase):
    def test_a_reader_that_leaves_is_no_error(self):
        for words in ("explain", "completion bash", "doctor"):
            seen = subprocess.run(["bash", "-c", f"'{TENBIN}' {words} | head -1; "
                                   "exit ${PIPESTATUS[0]}"],
                                  capture_output=True, text=True, env=CLEAN, cwd=WORK, timeout=60)
            self.assertEqual((seen.returncode, seen.stderr), (0, ""), words)

    def test_output_that_cannot_be_written_is_one(self):
        for target in (">&-", "> /dev/full"):
            seen = subprocess.run(["bash", "-c", f"'{TENBIN}' explain {target}"],
                                  capture_output=True, text=True, env=CLEAN, cwd=WORK, timeout=60)
            self.assertEqual(seen.returncode, 1, target)
            self.assertIn("E0701", seen.stderr)

    def test_closed_streams_harm_no_file(self):
        seen = subprocess.run(["bash", "-c", f"'{TENBIN}' fit toy.arff --target kind --epochs 1 "
                               "-o closed <&- >&- 2>&-"], env=CLEAN, cwd=WORK, timeout=120)
        self.assertEqual(seen.returncode, 1)
        self.assertEqual(run("ledger", "closed").returncode, 0, "the ledger was not written over")

    def test_json_everywhere(self):
        schemas = {("doctor",): "doctor", ("doctor", "--paths"): "paths", ("explain",): "explain",
                   ("explain", "E0304"): "explain", ("config",): "config",
                   ("completion", "fish"): "completion", ("zoo", "list"): "zoo_list"}
        for words, name in schemas.items():
            document = json.loads(run(*words, "--json").stdout)
            self.assertEqual(document["schema"], f"tenbin.{name}/1")
        metered = json.loads(run("meter", "--json", "--", "true").stdout)
        self.assertEqual(metered["schema"], "tenbin.meter/1")

    def test_meter_keeps_the_exit_code(self):
        self.assertEqual(run("meter", "--", "sh", "-c", "exit 9").returncode, 9)
        self.assertEqual(run("meter", "--", "/no/such/command").returncode, 127)

    def test_colour_is_for_terminals(self):
        for why, env, terminal, colour, live in [
                ("pipe", {}, False, False, False), ("terminal", {}, True, True, True),
                ("NO_COLOR", {"NO_COLOR": "1"}, True, False, False),
                ("dumb", {"TERM": "dumb"}, True, False, False),
                ("forced", {"FORCE_COLOR": "1"}, False, True, False)]:
            with self.subTest(why):
                words = ["fit", "toy.arff", "--target", "kind", "--epochs", "40", "-o", "colour"]
                out = on_terminal(words, env) if terminal else "".join(
                    (lambda s: (s.stdout, s.stderr))(run(*words, env=env)))
                self.assertEqual("\033[1m" in out, colour)
                self.assertEqual("\r\033[K" in out, live)
        flag = on_terminal(["fit", "toy.arff", "--target", "kind", "--epochs", "2", "-o", "colour",
                            "--no-color"], {})
        self.assertNotIn("\033", flag)


def answered(words, answer):
    """The program with a terminal as its standard input, at which `answer` is typed."""
    leader, follower = pty.openpty()
    os.write(leader, answer.encode())
    seen = subprocess.run([TENBIN, *words], stdin=follower, capture_output=True, text=True,
                          cwd=WORK, env=CLEAN, timeout=300)
    os.close(follower)
    os.close(leader)
    return seen


def on_terminal(words, env):
    """What the program writes to a terminal of 100 columns."""
    leader, follower = pty.openpty()
    import fcntl, struct, termios  # noqa: E401
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    process = subprocess.Popen([TENBIN, *words], stdout=follower, stderr=follower, cwd=WORK,
                               env={**CLEAN, **env})
    os.close(follower)
    out = b""
    with contextlib.suppress(OSError):  # the terminal closes with its last writer
        while chunk := os.read(leader, 65536):
            out += chunk
    os.close(leader)
    process.wait()
    return out.decode()


class Settings(unittest.TestCase):
    def test_flag_beats_environment_beats_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "tenbin.yaml"), "w", encoding="utf-8") as file:
                file.write("fit:\n  seed: 5   # of the project\n  epochs: 9\n")
            user = os.path.join(folder, "user/tenbin")
            os.makedirs(user)
            with open(os.path.join(user, "config.yaml"), "w", encoding="utf-8") as file:
                file.write("fit:\n  seed: 4\n  threads: 1\n")
            env = {"XDG_CONFIG_HOME": os.path.join(folder, "user")}

            def shown(more):
                values = json.loads(run("config", "show", "fit", "--json", cwd=folder,
                                        env={**env, **more}).stdout)["commands"]["fit"]
                return values["seed"]

            self.assertEqual(shown({}), {"value": "5", "origin": "tenbin.yaml:2"})
            self.assertEqual(shown({"TENBIN_SEED": "6"}),
                             {"value": "6", "origin": "environment TENBIN_SEED"})
            text = run("config", "show", "--origin", cwd=folder, env=env).stdout
            self.assertRegex(text, r"fit\.threads +1 +.*config\.yaml:3")
            self.assertRegex(text, r"meter\.grace +5 s +default")
        document = json.loads(fit("-o", "env", "--json", "--seed", "8",
                                  env={"TENBIN_SEED": "6"}).stdout)
        self.assertEqual(document["run"]["seed"], 8)

    def test_a_bad_setting_names_its_place(self):
        seen = run("fit", "toy.arff", "--target", "kind", env={"TENBIN_SEED": "six"})
        self.assertEqual(seen.returncode, 2)
        self.assertIn("--> environment TENBIN_SEED", seen.stderr)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "tenbin.yaml"), "w", encoding="utf-8") as file:
                file.write("fit:\n  sede: 5\n")
            seen = run("fit", "x", "--target", "kind", cwd=folder)
        self.assertEqual(seen.returncode, 2)
        self.assertIn("--> tenbin.yaml:2:3", seen.stderr)
        self.assertIn("seed", seen.stderr)


class Completion(unittest.TestCase):
    def offered(self, *words):
        script = (f"tenbin() {{ '{TENBIN}' \"$@\"; }}\nsource <('{TENBIN}' completion bash)\n"
                  f"COMP_WORDS=({' '.join(shlex.quote(w) for w in ('tenbin', *words))})\n"
                  "COMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_tenbin\n"
                  "printf '%s\\n' \"${COMPREPLY[@]}\"")
        seen = subprocess.run(["bash", "-c", script], capture_output=True, text=True, cwd=WORK,
                              env=CLEAN, timeout=60)
        self.assertEqual(seen.stderr, "")
        return seen.stdout.split()

    def test_bash(self):
        self.assertEqual(self.offered("pred"), ["predict"])
        self.assertEqual(set(VERBS) - set(self.offered("")), set())
        self.assertIn("--target", self.offered("fit", "--ta"))
        self.assertEqual(self.offered("fit", "toy.arff", "--target", "k"), ["kind"])
        self.assertEqual(self.offered("fit", "toy.arff", "--target", ""),
                         ["width", "height", "shade", "kind"])
        self.assertIn("E0304", self.offered("explain", "E03"))
        self.assertIn("toy.arff", self.offered("fit", "to"))

    def test_other_shells_are_well_formed(self):
        for shell in ("zsh", "fish"):
            self.assertIn("predict", run("completion", shell).stdout)


if __name__ == "__main__":
    unittest.main()
