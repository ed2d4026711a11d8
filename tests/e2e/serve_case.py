# SPDX-License-Identifier: Apache-2.0
"""A server of the real program, and what tests ask it with."""
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

TENBIN = os.environ["TENBIN"]


class Server:
    """A server on a free port, stopped with the block."""

    def __init__(self, *arguments, env=None):
        """`env`: variables beside those that there are."""
        self.process = subprocess.Popen(
            [TENBIN, "serve", "--port", "0", *map(str, arguments)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, **(env or {})})
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(self.process.communicate()[1])
        self.listen = json.loads(line)
        self.port = self.listen["http"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()

    def ask(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers
        finally:
            connection.close()

    def json(self, method, path, body=None, headers=None):
        status, text, _ = self.ask(method, path, body, headers)
        return status, json.loads(text)

    def raw(self, data, pause=None):
        """Everything that comes back for these bytes, until the server closes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as s:
            for piece in data if isinstance(data, list) else [data]:
                s.sendall(piece)
                if pause:
                    time.sleep(pause)
            out = b""
            while True:
                try:
                    got = s.recv(65536)
                except ConnectionResetError:
                    return out
                if not got:
                    return out
                out += got

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        _, err = self.process.communicate(timeout=30)
        return self.process.returncode, err


def zoo(folder, model, *options):
    path = pathlib.Path(folder) / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([TENBIN, "zoo", "build", model, "-o", path, "--quiet", *options], check=True,
                   capture_output=True)
    return path


def infer_body(rows=1, width=16, value=0.5):
    return json.dumps({"inputs": [{"name": "x", "shape": [rows, width], "datatype": "FP32",
                                   "data": [value] * (rows * width)}]})


def tls_files(folder):
    """A certificate for this machine, its key, a file of tokens, and the token that is in it."""
    folder = pathlib.Path(folder)
    certificate, key, tokens = folder / "cert.pem", folder / "key.pem", folder / "tokens"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key,
                    "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
                   check=True, capture_output=True)
    token = "0123456789abcdef" * 4
    tokens.write_text(f"# who\nann open {hashlib.sha256(token.encode()).hexdigest()}\n")
    return certificate, key, tokens, token
