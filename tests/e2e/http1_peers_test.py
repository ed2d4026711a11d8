#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where does a request end? The same bytes to our server and to others (h11, and Node, Go and nginx
where they are installed). Bytes that any two of them frame differently must be refused by ours: who
stands behind a proxy would else be asked what nobody sent."""
import concurrent.futures
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

from serve_case import Server, zoo

try:
    import h11
except ImportError:
    print("no python3-h11 here")
    sys.exit(77)

MARK = b"GET /v2/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
QUIET = 0.6  # [s] after which a server that says nothing waits for more


def post(headers, body=b""):
    return b"POST /v2/models/mlp/infer HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n" + body


def cases():
    """(what it is, its bytes); a GET of its own follows each."""
    out = []

    def add(kind, values, make):
        out.extend((f"{kind} {value!r}", make(value)) for value in values)

    lengths = [b"5", b"05", b"+5", b"-5", b"5 ", b" 5", b"\t5\t", b"5,5", b"5, 5", b"5,6", b"0x5", b"5.0",
               b"", b"five", b"5;a", b"\x0b5", b"5\x0b", b"5\x00", b"1_0", b"5e0", b"5 5", b"\xd9\xa5",
               b"00000000000000000000005", b"99999999999999999999", b"18446744073709551621",
               b"4294967301", b"\"5\"", b"5\r"]
    add("length", lengths, lambda v: post(b"Content-Length: " + v + b"\r\n", b"hello"))
    add("no body, length", [b"0", b"00"], lambda v: post(b"Content-Length: " + v + b"\r\n"))
    codings = [b"chunked", b"Chunked", b"CHUNKED", b" chunked ", b"\tchunked", b"\x0bchunked",
               b"chunked\x0b", b"chunked,", b",chunked", b"chunked, chunked", b"gzip, chunked",
               b"chunked, gzip", b"identity", b"identity, chunked", b"chunked, identity",
               b"\"chunked\"", b"'chunked'", b"chunked;q=1", b"chunked; a", b"xchunked", b"chunkedx",
               b"chunked\x00", b"chun ked", b"", b"deflate", b"trailers, chunked", b"cow"]
    chunks = b"5\r\nhello\r\n0\r\n\r\n"
    add("coding", codings, lambda v: post(b"Transfer-Encoding: " + v + b"\r\n", chunks))
    add("coding before a length", codings, lambda v: post(
        b"Transfer-Encoding: " + v + b"\r\nContent-Length: 5\r\n", chunks))
    add("length before a coding", codings, lambda v: post(
        b"Content-Length: 5\r\nTransfer-Encoding: " + v + b"\r\n", chunks))
    add("two codings", [b"chunked", b"identity", b"gzip", b"", b"cow"], lambda v: post(
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: " + v + b"\r\n", chunks))
    add("two lengths", [b"5", b"6", b"", b"05", b"+5"], lambda v: post(
        b"Content-Length: 5\r\nContent-Length: " + v + b"\r\n", b"hello"))
    names = [b"content-length", b"CONTENT-LENGTH", b"Content-Length ", b"Content-Length\t",
             b" Content-Length", b"\tContent-Length", b"Content_Length", b"Content Length",
             b"\x00Content-Length", b"Content-Length\x00", b"\x0bContent-Length", b"Content-Length\r",
             b"\"Content-Length\"", b"\xef\xbb\xbfContent-Length", b"Content-L\xc3\xa9ngth"]
    add("a length's name", names, lambda v: post(v + b": 5\r\n", b"hello"))
    add("a coding's name", [n.replace(b"ontent-Length", b"oding").replace(b"Coding", b"Transfer-Encoding")
                            for n in names if b"ontent-Length" in n],
        lambda v: post(v + b": chunked\r\n", chunks))
    add("header line", [b"X: a\r\n Content-Length: 5\r\n", b"X: a\r\n\tb\r\nContent-Length: 5\r\n",
                        b"X: a\nContent-Length: 5\r\n", b"X: a\rContent-Length: 5\r\n",
                        b"X: a\r\r\nContent-Length: 5\r\n", b"X\r\nContent-Length: 5\r\n",
                        b": a\r\nContent-Length: 5\r\n", b"X:\r\nContent-Length: 5\r\n",
                        b"X: \x00\r\nContent-Length: 5\r\n", b"X: \x7f\r\nContent-Length: 5\r\n",
                        b"X: \xff\r\nContent-Length: 5\r\n", b"\r\nContent-Length: 5\r\n",
                        b"\nContent-Length: 5\r\n", b"Content-Length:5\n",
                        b"Content-Length: \r\n 5\r\n", b"Transfer-Encoding:\r\n chunked\r\n",
                        b"Expect: 100-continue\r\nContent-Length: 5\r\n",
                        b"Expect: tea\r\nContent-Length: 5\r\n",
                        b"Connection: Content-Length\r\nContent-Length: 5\r\n"],
        lambda v: post(v, b"hello"))
    bodies = [b"5\r\nhello\r\n0\r\n\r\n", b"05\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
              b" 5\r\nhello\r\n0\r\n\r\n", b"5\t\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n",
              b"+5\r\nhello\r\n0\r\n\r\n", b"-5\r\nhello\r\n0\r\n\r\n", b"5_0\r\nhello\r\n0\r\n\r\n",
              b"5;a=b\r\nhello\r\n0\r\n\r\n", b"5;\r\nhello\r\n0\r\n\r\n", b"5 ;a\r\nhello\r\n0\r\n\r\n",
              b"5;a\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n",
              b"5\r\nhello\r\n0\n\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhelloXX0\r\n\r\n",
              b"5\rhello\r\n0\r\n\r\n", b"5\r\nhello\r0\r\n\r\n", b"\r\n5\r\nhello\r\n0\r\n\r\n",
              b"5,5\r\nhello\r\n0\r\n\r\n", b"5g\r\nhello\r\n0\r\n\r\n", b"g\r\nhello\r\n0\r\n\r\n",
              b"10000000000000005\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
              b"7fffffffffffffff\r\nhello\r\n0\r\n\r\n", b"00000000000000005\r\nhello\r\n0\r\n\r\n",
              b"5\x00\r\nhello\r\n0\r\n\r\n", b"5\x0b\r\nhello\r\n0\r\n\r\n", b"4\r\nhello\r\n0\r\n\r\n",
              b"6\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n00\r\n\r\n", b"5\r\nhello\r\n0;a\r\n\r\n",
              b"5\r\nhello\r\n0\r\nA: b\r\n\r\n", b"5\r\nhello\r\n0\r\nA b\r\n\r\n",
              b"5\r\nhello\r\n0\r\n A: b\r\n\r\n", b"5\r\nhello\r\n0\r\nContent-Length: 9\r\n\r\n",
              b"5\r\nhello\r\n0\r\nA: b\n\r\n", b"5\r\nhello\r\n0\r\n\n", b"5\r\nhello\r\n0 \r\n\r\n",
              b"5;" + b"a" * 300 + b"\r\nhello\r\n0\r\n\r\n", b"0\r\n\r\n", b"A\r\n0123456789\r\n0\r\n\r\n",
              b"a\r\n0123456789\r\n0\r\n\r\n", b"5;a=\"\r\n\"\r\nhello\r\n0\r\n\r\n"]
    add("chunks", bodies, lambda v: post(b"Transfer-Encoding: chunked\r\n", v))
    add("HTTP/1.0 chunks", bodies[:2], lambda v: post(
        b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n", v).replace(b"HTTP/1.1", b"HTTP/1.0"))
    lines = [b"GET / HTTP/1.1", b"GET  / HTTP/1.1", b"GET\t/ HTTP/1.1", b" GET / HTTP/1.1",
             b"GET / HTTP/1.1 ", b"GET /a b HTTP/1.1", b"GET / HTTP/1.10", b"GET / HTTP/1.2",
             b"GET / HTTP/2.0", b"GET / HTTP/0.9", b"GET / http/1.1", b"GET /", b"GET / HTTP/1,1",
             b"GET / HTTPS/1.1", b"GET http://localhost/ HTTP/1.1", b"GET //localhost/ HTTP/1.1",
             b"GET /#a HTTP/1.1", b"GET /\x00 HTTP/1.1", b"GET /\x7f HTTP/1.1", b"GET /\xc3\xa9 HTTP/1.1",
             b"GET / HTTP/1.1\r", b"G\x00T / HTTP/1.1", b"get / HTTP/1.1", b"GET\x0b/ HTTP/1.1",
             b"\r\nGET / HTTP/1.1", b"\r\n\r\nGET / HTTP/1.1", b"\nGET / HTTP/1.1", b"GET * HTTP/1.1",
             b"OPTIONS * HTTP/1.1", b"GET a HTTP/1.1", b"GET / HTTP/+1.1", b"GET / HTTP/1. 1"]
    add("request line", lines, lambda v: v + b"\r\nHost: localhost\r\n\r\n")
    add("line ends", [b"\n", b"\r", b"\r\r\n", b"\n\r"], lambda v: post(
        b"Content-Length: 5\r\n", b"").replace(b"\r\n", v) + b"hello")
    add("hosts", [b"", b"Host: localhost\r\nHost: localhost\r\n", b"Host: a b\r\n", b"Host:\r\n"],
        lambda v: b"GET / HTTP/1.1\r\n" + v + b"\r\n")
    add("a body of", [b"GET", b"DELETE", b"HEAD", b"OPTIONS"], lambda v: v + (
        b" / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"))
    return out


WELL_FORMED = {"length b'5'", "no body, length b'0'", "coding b'chunked'", "coding b'Chunked'",
               "request line b'GET / HTTP/1.1'", "chunks b'0\\r\\n\\r\\n'"}


def ask(port, data):
    """All that comes back, and whether the server closed; else it says nothing for a while."""
    with socket.create_connection(("127.0.0.1", port), timeout=QUIET) as s:
        out = b""
        try:
            s.sendall(data + MARK)
            while True:
                got = s.recv(65536)
                if not got:
                    return out, True
                out += got
        except socket.timeout:
            return out, False
        except OSError:
            return out, True


# How a peer frames bytes: how many requests it takes, and whether ours is the last of them; None: it
# refuses them.

def frames_of_answers(out, closed):
    seen = re.findall(rb"SEEN (\S+) (\S+);", out)
    last = bool(seen) and seen[-1] == (b"GET", b"/v2/health/live")
    answers = [status for status in re.findall(rb"HTTP/1\.1 (\d+) ", out) if status != b"100"]
    return None if closed and not last else (len(answers), last)


def frames_of_ours(out, closed):
    heads = re.findall(rb"HTTP/1\.1 (\d+) [^\r]*\r\n(.*?)\r\n\r\n", out, re.S)
    heads = [head for head in heads if head[0] != b"100"]
    last = bool(heads) and heads[-1][0] == b"200" and b"connection: close" in heads[-1][1]
    return None if closed and not last else (len(heads), last)


def frames_of_h11(data):
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(data + MARK)
    taken, last = 0, None
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA or event is h11.PAUSED:
                return taken, False
            if isinstance(event, h11.Request):
                last = event
            elif isinstance(event, h11.EndOfMessage):
                taken += 1
                if last.target == b"/v2/health/live":
                    return taken, True
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
                if connection.our_state is not h11.DONE:
                    return taken, False
                connection.start_next_cycle()
            elif isinstance(event, h11.ConnectionClosed):
                return taken, False
    except h11.RemoteProtocolError:
        return None


NODE = """
const server = require('http').createServer({insecureHTTPParser: false}, (request, response) => {
  request.on('data', () => {});
  request.on('end', () => response.end(`SEEN ${request.method} ${request.url};`));
});
server.on('clientError', (e, socket) => socket.end('HTTP/1.1 400 Bad\\r\\n\\r\\n'));
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
"""

GO = """package main
import ("fmt"; "io"; "net"; "net/http")
func main() {
  l, err := net.Listen("tcp", "127.0.0.1:0")
  if err != nil { panic(err) }
  fmt.Println(l.Addr().(*net.TCPAddr).Port)
  http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
    if _, err := io.ReadAll(r.Body); err != nil { w.WriteHeader(400); return }
    fmt.Fprintf(w, "SEEN %s %s;", r.Method, r.RequestURI)
  }))
}
"""

NGINX = """daemon off; master_process off; pid {0}/pid; error_log /dev/null;
events {{ worker_connections 512; }}
http {{ access_log off; client_body_temp_path {0}/b; proxy_temp_path {0}/p; fastcgi_temp_path {0}/f;
  uwsgi_temp_path {0}/u; scgi_temp_path {0}/s;
  server {{ listen 127.0.0.1:{1}; location / {{ return 200 "SEEN $request_method $request_uri;"; }} }} }}
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Http1Peers(unittest.TestCase):
    def start(self, *words, port=None, **more):
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   **more)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        if port is None:
            return int(process.stdout.readline() or 0) or self.fail(words)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return port
            except OSError:
                time.sleep(0.05)
        return self.fail(words)

    def peers(self, folder):
        out = {"h11": frames_of_h11}

        def over(port):
            return lambda data: frames_of_answers(*ask(port, data))

        if shutil.which("node"):
            (folder / "peer.js").write_text(NODE)
            out["Node"] = over(self.start("node", folder / "peer.js"))
        if shutil.which("go"):
            (folder / "peer.go").write_text(GO)
            built = subprocess.run(["go", "build", "-o", folder / "peer", folder / "peer.go"],
                                   capture_output=True, text=True)
            if built.returncode == 0:
                out["Go"] = over(self.start(folder / "peer"))
        if shutil.which("nginx"):
            port = free_port()
            (folder / "nginx.conf").write_text(NGINX.format(folder, port))
            out["nginx"] = over(self.start("nginx", "-p", folder, "-c", folder / "nginx.conf", port=port))
        return out

    def test_what_others_frame_differently_is_refused(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            zoo(folder / "mlp", "mlp")
            peers = self.peers(folder)
            with Server(folder / "mlp") as server:
                everyone = {**peers, "Tenbin": lambda data: frames_of_ours(*ask(server.port, data))}
                rows = cases()
                self.assertGreaterEqual(len(rows), 200)
                with concurrent.futures.ThreadPoolExecutor(64) as pool:
                    asked = [(what, {who: pool.submit(frames, data) for who, frames in everyone.items()})
                             for what, data in rows]
                    verdicts = [(what, {who: f.result() for who, f in by.items()}) for what, by in asked]
        taken = differ = 0
        for what, verdict in verdicts:
            ours = verdict.pop("Tenbin")
            others = {frames for frames in verdict.values() if frames is not None}
            differ += len(others) > 1
            if what in WELL_FORMED:
                self.assertIsNotNone(ours, what)
                self.assertEqual(others, {ours}, (what, verdict))
            if ours is None:
                continue
            taken += 1
            self.assertTrue(ours[1], (what, "waits for more", verdict))
            self.assertLessEqual(others, {ours}, (what, verdict))
        print(f"{len(rows)} rows, {taken} taken; {differ} that others frame differently, all refused; "
              f"peers: {', '.join(peers)}")
        self.assertGreater(taken, 20)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
