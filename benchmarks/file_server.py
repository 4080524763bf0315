"""Serve the files of a folder over HTTP on the loopback address, whole or in ranges: `python -m ... FOLDER`.

Prints the port that it was given. For measurements and tests only.
"""

from __future__ import annotations

import re
import shutil
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Files(BaseHTTPRequestHandler):
    """Answers HEAD and GET for files of one folder."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: Any, folder: Path) -> None:
        """Serve one folder."""
        self._folder = folder
        super().__init__(*arguments)

    def do_HEAD(self) -> None:
        """Tell size and version."""
        self._answer(with_body=False)

    def do_GET(self) -> None:
        """Send the file, or the range that is asked for."""
        self._answer(with_body=True)

    def _answer(self, with_body: bool) -> None:
        path = self._folder / Path(self.path).name
        if not path.is_file():
            self.send_error(404)
            return
        size = path.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        first, last = (int(asked[1]), min(int(asked[2] or size), size - 1)) if asked else (0, size - 1)
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last - first + 1))
        self.send_header("ETag", f'"{path.stat().st_mtime_ns:x}"')
        self.end_headers()
        if with_body:
            self._send(path, first, last - first + 1)

    def _send(self, path: Path, first: int, size: int) -> None:
        with path.open("rb") as file:
            if size == path.stat().st_size:
                shutil.copyfileobj(file, self.wfile, 1 << 20)
                return
            file.seek(first)
            self.wfile.write(file.read(size))

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing of requests."""


def main(folder: str) -> None:
    """Serve until the process is ended."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, folder=Path(folder))) as server:
        sys.stdout.write(f"{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
