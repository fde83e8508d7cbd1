"""A proxy that can be told to answer wrongly: what the pages do then is part of them."""

import http.client
import http.server
import json
import socketserver
import threading
import time

from support import BrowserCase, shared_server


class Proxy:
    """Forwards to a server what it is not told to answer by itself."""

    def __init__(self, port):
        self.target = port
        # From (method, path) to what answers: handler -> True where it answered.
        self.rules = {}
        # After how many events a stream is cut off; None for never.
        self.cut = None
        self.requests = []
        # A path under which the server is offered, as a proxy for several servers does.
        self.prefix = ""
        proxy = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def handle_request(self):
                if proxy.prefix:
                    if not self.path.startswith(proxy.prefix + "/"):
                        answer(self, 404, error("There is nothing here."))
                        return
                    self.path = self.path[len(proxy.prefix) :]
                path = self.path.split("?")[0]
                self.content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.requests.append((self.command, path, dict(self.headers), self.content))
                rule = proxy.rules.get((self.command, path))
                if not (rule and rule(self)):
                    proxy.forward(self)

            do_GET = do_POST = do_PUT = do_DELETE = handle_request

        class Listener(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True

        self.listener = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.listener.server_port}"
        threading.Thread(target=self.listener.serve_forever, daemon=True).start()

    def reset(self):
        self.rules.clear()
        self.requests.clear()
        self.cut = None
        self.prefix = ""

    def stop(self):
        self.listener.shutdown()
        self.listener.server_close()

    def forward(self, handler):
        connection = http.client.HTTPConnection("127.0.0.1", self.target)
        hop = ("content-length", "connection", "host")
        fields = {name: value for name, value in handler.headers.items() if name.lower() not in hop}
        connection.request(handler.command, handler.path, handler.content or None, {**fields, "Host": f"127.0.0.1:{self.target}"})
        answer = connection.getresponse()
        handler.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length", "date"):
                handler.send_header(name, value)
        if answer.status == 304:
            handler.end_headers()
            connection.close()
            return
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        is_stream = "event-stream" in (answer.getheader("Content-Type") or "")
        events = 0
        try:
            while data := answer.read1(65536):
                handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                handler.wfile.flush()
                events += data.count(b"\n\n")
                if self.cut is not None and is_stream and events >= self.cut:
                    handler.close_connection = True
                    break
            handler.wfile.write(b"0\r\n\r\n")
        except OSError:
            handler.close_connection = True
        finally:
            connection.close()


def answer(handler, status, body, content_type="application/json", **fields):
    """Answers a request with a document."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(len(content)))
    for name, value in fields.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)
    return True


def answer_in_bytes(handler, content):
    """Answers with a stream whose bytes come one by one, slowly where a character or the end of a line could be cut."""
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for byte in content:
        handler.wfile.write(b"1\r\n%c\r\n" % byte)
        handler.wfile.flush()
        if byte >= 0x80 or byte in b"\r\n":
            time.sleep(0.02)
    handler.wfile.write(b"0\r\n\r\n")
    return True


def error(message, parameter=None, code=None, kind="invalid_request_error"):
    """A document in the shape of the server's errors."""
    return {"error": {"message": message, "type": kind, "param": parameter, "code": code}}


def stream_of(*documents, done=True):
    """A body of server-sent events."""
    return "".join(f"data: {json.dumps(document, ensure_ascii=False)}\n\n" for document in documents) + ("data: [DONE]\n\n" if done else "")


class ProxyCase(BrowserCase):
    """Tests of pages that come through a proxy, which forwards all again before each test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = Proxy(shared_server().port)
        cls.addClassCleanup(cls.proxy.stop)

    @property
    def url(self):
        return self.proxy.url

    def setUp(self):
        super().setUp()
        self.proxy.reset()
