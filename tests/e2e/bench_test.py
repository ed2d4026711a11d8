#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The load generator against the real server."""
import http.server
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from serve_case import TENBIN, Server, tls_files, zoo


def bench(server, *words):
    done = subprocess.run([TENBIN, "bench", f"http://localhost:{server.port}", "--warmup", "0s",
                           "--json", *words], capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


class Bench(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        zoo(f"{cls.folder.name}/mlp", "mlp")
        cls.server = Server(f"{cls.folder.name}/mlp")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
        cls.folder.cleanup()

    def test_a_closed_loop_counts_what_the_server_counts(self):
        before = self.inferences()
        for form in ([], ["--binary", "--rows", "3"]):
            step = bench(self.server, "--concurrency", "4", "--duration", "300ms", *form)["steps"][0]
            self.assertGreater(step["answered"], 10)
            self.assertEqual(step["sent"], step["answered"])
            self.assertEqual(step["statuses"], {"200": step["answered"]})
            latency = step["latency"]
            self.assertLessEqual(latency["p50"]["low"], latency["p50"]["seconds"])
            self.assertLessEqual(latency["p50"]["seconds"], latency["p99"]["seconds"])
            rows = 3 if form else 1
            now = self.inferences()
            self.assertEqual(now - before, rows * step["answered"])
            before = now

    def test_over_tls_with_a_token(self):
        folder = self.folder.name
        certificate, key, tokens, token = tls_files(folder)
        mine = pathlib.Path(folder) / "token"
        mine.write_text(token + "\n")
        with Server(f"{folder}/mlp", "--host", "0.0.0.0", "--tls-cert", certificate, "--tls-key", key,
                    "--tokens", tokens) as server:
            def ask(verb, url, *words):
                return subprocess.run([TENBIN, verb, url, *words, "--token-file", mine, "--json"],
                                      capture_output=True, text=True, timeout=60)

            url, trust = f"https://localhost:{server.port}", ("--tls-trust", certificate)
            short = ("--concurrency", "2", "--duration", "300ms", "--warmup", "0s")
            done = ask("bench", url, *short, *trust)
            self.assertEqual(done.returncode, 0, done.stderr)
            step = json.loads(done.stdout)["steps"][0]
            self.assertGreater(step["answered"], 10)
            self.assertEqual(step["statuses"], {"200": step["answered"]})
            large = ask("bench", url.replace("localhost", "127.0.0.1"), *short, *trust, "--rows",
                        "2000")  # bodies of many records
            self.assertEqual(large.returncode, 0, large.stderr)
            shown = ask("rollout", url, "mlp", *trust)
            self.assertEqual(shown.returncode, 0, shown.stderr)
            for words, says in (((url,), "certificate is not trusted"),
                                ((url, "--tls-trust", key), "certificates cannot be used"),
                                ((f"http://localhost:{server.port}",), "connection"),
                                ((f"http://localhost:{server.port}", *trust), "of https")):
                refused = ask("bench", *words, *short)
                self.assertNotEqual(refused.returncode, 0, words)
                self.assertIn(says, json.loads(refused.stderr)["error"]["message"], words)
            other = ask("bench", f"https://127.0.0.2:{server.port}", *short, *trust)
            self.assertIn("IP address mismatch", other.stderr, "the certificate is for another name")
        plain = subprocess.run([TENBIN, "bench", f"https://localhost:{self.server.port}", *short],
                               capture_output=True, text=True, timeout=60)
        self.assertEqual(plain.returncode, 7, plain.stderr)

    def inferences(self):
        _, stats = self.server.json("GET", "/v2/models/mlp/stats")
        return stats["model_stats"][0]["inference_count"]

    def test_an_open_loop_sends_what_was_planned(self):
        first = bench(self.server, "--rate", "200", "--duration", "500ms", "--seed", "5")["steps"][0]
        again = bench(self.server, "--rate", "200", "--duration", "500ms", "--seed", "5")["steps"][0]
        self.assertEqual(first["sent"], again["sent"], "the same arrivals for the same seed")
        self.assertEqual(first["offered_rate"], 200)
        self.assertEqual(first["unanswered"], 0)
        self.assertEqual(first["server"]["pid"], self.server.process.pid)
        self.assertIsNotNone(first["server"]["cpu_seconds"])

    def test_a_stall_is_charged_to_every_request_that_it_held_up(self):
        server = self.server
        pause = threading.Timer(0.5, lambda: os.kill(server.process.pid, signal.SIGSTOP))
        go_on = threading.Timer(1.0, lambda: os.kill(server.process.pid, signal.SIGCONT))
        pause.start()
        go_on.start()
        step = bench(server, "--rate", "400", "--arrivals", "constant", "--duration", "1500ms",
                     "--samples", "--slo", "p99=100ms")["steps"][0]
        pause.join()
        go_on.join()
        slow = [s for s in step["samples"] if s > 0.1]
        # Half a second at 400 a second is 200 requests; those due in its last tenth wait less.
        self.assertGreater(len(slow), 100, "coordinated omission would see one or two")
        self.assertGreater(step["latency"]["max"], 0.3)
        self.assertAlmostEqual(step["slo"]["missed"], len(slow) / step["sent"], places=6)

    def test_what_never_found_a_connection_is_missed_too(self):
        with Server(f"{self.folder.name}/mlp") as server:
            stop = threading.Timer(0.5, lambda: os.kill(server.process.pid, signal.SIGSTOP))
            stop.start()
            step = bench(server, "--rate", "200", "--arrivals", "constant", "--duration", "2s",
                         "--patience", "100ms", "--connections", "3", "--slo", "p99=1s")["steps"][0]
            stop.join()
            os.kill(server.process.pid, signal.SIGCONT)
        self.assertEqual(step["sent"] + step["unsent"], 399, "every arrival is accounted for")
        self.assertLessEqual(step["unanswered"], 3)
        self.assertGreater(step["unsent"], 100)
        self.assertGreater(step["queued"], step["unsent"] - 1)
        self.assertAlmostEqual(step["slo"]["missed"], 1 - step["answered"] / 399, delta=0.01)

    def test_few_answers_do_not_bound_high_quantiles(self):
        step = bench(self.server, "--rate", "100", "--duration", "500ms")["steps"][0]
        at = step["latency"]["p99_9"]
        self.assertIsNone(at["high"])
        self.assertIn("few answers", at["why"])
        self.assertIsNotNone(step["latency"]["p50"]["high"])

    def test_tells_of_the_process_that_is_named(self):
        step = bench(self.server, "--duration", "100ms", "--server-pid", str(os.getpid()))["steps"][0]
        self.assertEqual(step["server"]["pid"], os.getpid())
        done = subprocess.run([TENBIN, "bench", f"http://localhost:{self.server.port}",
                               "--server-pid", "999999999"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--server-pid", done.stderr)

    def test_sends_the_rows_of_a_table(self):
        table = pathlib.Path(self.folder.name) / "rows.csv"
        _, model = self.server.json("GET", "/v2/models/mlp")
        width = model["inputs"][0]["shape"][1]
        head = ",".join(f"c{i}" for i in range(width))
        table.write_text(head + "\n" + "".join(",".join([str(r)] * width) + "\n" for r in range(10)))
        for form in ([], ["--binary"]):
            found = bench(self.server, "--data", str(table), "--rows", "3", "--duration", "200ms", *form)
            self.assertEqual(found["request"]["different"], 3, "a row is left over")
            step = found["steps"][0]
            self.assertEqual(step["statuses"], {"200": step["answered"]})
        table.write_text("a\n1\n")
        done = subprocess.run([TENBIN, "bench", f"http://localhost:{self.server.port}", "--data", str(table)],
                              capture_output=True, text=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(f"expected {width}", done.stderr)

    def test_replays_a_trace_and_writes_a_report(self):
        trace = pathlib.Path(self.folder.name) / "trace.csv"
        trace.write_text("TIMESTAMP\n" + "".join(f"{i * 0.5}\n" for i in range(20)))
        report = pathlib.Path(self.folder.name) / "report.html"
        step = bench(self.server, "--replay", str(trace), "--speed", "20", "-o", str(report))["steps"][0]
        self.assertEqual(step["sent"], 20)
        self.assertAlmostEqual(step["offered_rate"], 20 / 0.475, delta=1)
        page = report.read_text()
        self.assertIn("<svg", page)
        self.assertIn("generator late by", page)
        self.assertNotIn("<script src", page)

    def test_names_the_models_when_there_are_several(self):
        zoo(f"{self.folder.name}/two/a", "mlp")
        zoo(f"{self.folder.name}/two/b", "mlp")
        with Server(f"{self.folder.name}/two") as server:
            done = subprocess.run([TENBIN, "bench", f"http://localhost:{server.port}"],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("--model a", done.stderr)
            self.assertGreater(bench(server, "--model", "b", "--duration", "100ms")["steps"][0]["answered"], 0)

    def test_asks_for_a_name_where_models_are_not_listed(self):
        class Bare(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_error(404)
            do_POST = do_GET
            def log_message(self, *_):
                pass
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bare) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            done = subprocess.run([TENBIN, "bench", f"http://127.0.0.1:{server.server_port}"],
                                  capture_output=True, text=True, timeout=60)
            server.shutdown()
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("--model NAME", done.stderr)

    def test_ctrl_c_ends_it(self):
        process = subprocess.Popen([TENBIN, "bench", f"http://localhost:{self.server.port}",
                                    "--duration", "60s"], stderr=subprocess.PIPE, text=True)
        process.stderr.readline()
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        self.assertEqual(process.returncode, 130, err)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
