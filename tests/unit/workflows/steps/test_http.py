from __future__ import annotations

import asyncio
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from agentops_kit.workflows.steps import http
from agentops_kit.workflows.steps.base import StepFailed
from tests.support import jobs
from tests.support.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


PAGES: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "/json": (200, b'{"ok": true}', {"content_type": "application/json"}),
    "/broken": (200, b"{", {"content_type": "application/json"}),
    "/text": (200, b"plain", {"content_type": "text/plain"}),
    "/big": (200, b"x" * 200, {}),
    "/moved": (302, b"", {"location": "/json"}),
    "/away": (307, b"", {"location": "http://169.254.169.254/latest/meta-data"}),
    "/loop": (301, b"", {"location": "/loop"}),
    "/busy": (429, b"later", {"retry_after": "7"}),
}


class Site(BaseHTTPRequestHandler):
    seen: list[dict[str, Any]]

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length).decode()
        self.seen.append({"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body})
        place = self.path.partition("?")[0]
        if place.startswith("/status/"):
            self.answer(int(place.rpartition("/")[2]), b"no")
        else:
            status, page, headers = PAGES.get(place, PAGES["/json"])
            self.answer(status, page, **headers)

    do_POST = do_GET  # noqa: N815 - the library's name

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def site() -> Iterator[Loopback]:
    Site.seen = []
    with Loopback(ThreadingHTTPServer(("127.0.0.1", 0), Site)) as server:
        yield server


@pytest.fixture
def base(site: Loopback, tmp_path: Path) -> str:
    (tmp_path / ".agentops").mkdir()
    (tmp_path / ".agentops/config.yaml").write_text(
        json.dumps({"runtime": {"hosts": [site.address, "*.invalid", "169.254.169.254"]}})
    )
    return site.url


def asked(workspace: Path, url: str, provider: str = "openai", **settings: Any) -> Any:
    made = jobs.job(jobs.step("h", kind="http", url=url, **settings), workspace=workspace, provider=provider)
    return asyncio.run(http.run(made)).output


def test_a_json_answer_is_parsed_and_the_key_is_sent(base: str, tmp_path: Path) -> None:
    got = asked(tmp_path, f"{base}/json?a=1", query={"b": "2"}, headers={"X-Ours": "yes"})

    assert (got["status"], got["body"]) == (200, {"ok": True})
    assert Site.seen[0]["path"] == "/json?a=1&b=2"
    assert Site.seen[0]["headers"]["Idempotency-Key"] == "run-1:h"
    assert Site.seen[0]["headers"]["X-Ours"] == "yes"


@pytest.mark.parametrize(("body", "sent"), [({"a": 1}, '{"a":1}'), ("text", "text")])
def test_a_body_is_sent_as_json_or_as_it_is(base: str, tmp_path: Path, body: Any, sent: str) -> None:
    asked(tmp_path, f"{base}/json", method="post", body=body)

    assert (Site.seen[0]["method"], Site.seen[0]["body"]) == ("POST", sent)


@pytest.mark.parametrize(("place", "body"), [("/text", "plain"), ("/broken", "{"), ("/moved", {"ok": True})])
def test_text_broken_json_and_a_redirect(base: str, tmp_path: Path, place: str, body: Any) -> None:
    assert asked(tmp_path, base + place)["body"] == body


@pytest.mark.parametrize(
    ("place", "kind"),
    [("/status/404", "invalid"), ("/status/503", "server"), ("/busy", "rate_limited"), ("/loop", "invalid")],
)
def test_a_status_decides_whether_it_is_tried_again(base: str, tmp_path: Path, place: str, kind: str) -> None:
    with pytest.raises(StepFailed) as caught:
        asked(tmp_path, base + place)

    assert caught.value.kind == kind
    assert caught.value.retry_after == (7 if place == "/busy" else None)


def test_a_redirect_to_a_private_address_is_refused(base: str, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="private address 169") as caught:
        asked(tmp_path, f"{base}/away")

    assert caught.value.kind == "refused"


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        ("http://example.invalid.test/", "refused", "No step may ask"),
        ("http://127.0.0.1:1/", "refused", "No step may ask 127.0.0.1:1"),
        ("http://a.invalid:8080/", "refused", "No step may ask"),
        ("http://nowhere.invalid/", "connection", "is not known"),
        ("ftp://x/", "invalid", "no http or https address"),
        ("http://x:y/", "invalid", "no http or https address"),
        ("", "invalid", "no http or https address"),
    ],
)
def test_an_address_that_is_not_allowed_is_never_asked(
    base: str, tmp_path: Path, url: str, kind: str, said: str
) -> None:
    with pytest.raises(StepFailed, match=said) as caught:
        asked(tmp_path, url)

    assert (caught.value.kind, Site.seen) == (kind, [])


def test_credentials_do_not_follow_to_another_host() -> None:
    address = http.Address("https://a.example/x", "a.example", 443, "192.0.2.1")
    sent = {"Authorization": "t", "Cookie": "c", "Accept": "*/*"}

    assert http._without_secrets(address, "https://b.example/", sent) == {"Accept": "*/*"}
    assert http._without_secrets(address, "https://a.example/y", sent) == sent


def test_an_answer_that_is_too_long_is_not_kept(base: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 100)

    with pytest.raises(StepFailed, match="longer than 100 bytes"):
        asked(tmp_path, f"{base}/big")


def test_a_closed_port_is_a_failed_connection(tmp_path: Path) -> None:
    (tmp_path / ".agentops").mkdir()
    (tmp_path / ".agentops/config.yaml").write_text("runtime: {hosts: ['127.0.0.1:9']}\n")

    with pytest.raises(StepFailed, match="could not be asked") as caught:
        asked(tmp_path, "http://127.0.0.1:9/")

    assert caught.value.kind == "connection"


def test_an_answer_that_does_not_come_times_out(base: str, tmp_path: Path) -> None:
    with pytest.raises(StepFailed, match="did not answer in time") as caught:
        asked(tmp_path, f"{base}/json", timeout=0.0001)

    assert caught.value.kind == "timeout"


def test_a_scripted_run_asks_nobody(tmp_path: Path) -> None:
    assert asked(tmp_path, "https://api.example.com/x", provider="scripted") is not None
