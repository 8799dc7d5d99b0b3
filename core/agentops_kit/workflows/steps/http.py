"""Asks a web address: only hosts the user named, only public addresses unless one is named with its port."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from agentops_kit.workflows.steps import reach, recorded, standin
from agentops_kit.workflows.steps.base import Outcome, StepFailed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import httpx2

    from agentops_kit.workflows.spec import Json
    from agentops_kit.workflows.steps.base import Failure, Job

MOST_BYTES = 4_000_000
"""The longest answer that is read, in bytes."""
SECONDS = 60.0
"""For one request, when the step names no ``timeout``."""
MOST_REDIRECTS = 5
_PORTS = {"http": 80, "https": 443}
_REDIRECTS = (301, 302, 303, 307, 308)
_SERVER = 500
_BAD = 400
_TOO_MANY = 429


class Address(NamedTuple):
    """Where a request goes: the address as asked, its host and port, and the number it was looked up as."""

    url: str
    host: str
    port: int
    number: str


async def run(job: Job) -> Outcome:
    """Send the request; ``{"status", "headers", "body"}`` is the output, a JSON body parsed. Raises ``StepFailed``."""
    settings = job.settings
    request = {
        "method": str(settings.get("method") or "GET").upper(),
        "url": str(settings.get("url") or ""),
        "query": settings.get("query") or {},
        "headers": settings.get("headers") or {},
        "body": settings.get("body"),
    }
    if standin.plays(job):
        return Outcome(await standin.answer(job, "http", request))

    async def act() -> Json:
        try:
            async with asyncio.timeout(float(settings.get("timeout") or SECONDS)):
                return {"value": await _followed(job.means.workspace, {**request, "key": job.key})}
        except TimeoutError:
            return recorded.failure("timeout", f"{request['url']} did not answer in time.")
        except StepFailed as error:
            return recorded.failed(error)

    answer = await job.calls.call("http", request, act)
    recorded.require(answer)
    return Outcome(answer["value"])


async def _followed(workspace: Path, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send a request and follow redirects, each judged like the first; only a GET is sent again with its body."""
    import httpx2

    url, method, body = request["url"], request["method"], request["body"]
    async with httpx2.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS) as client:
        for _ in range(MOST_REDIRECTS + 1):
            address = await judged(workspace, url)
            try:
                found = await _sent(client, address, {**request, "method": method, "body": body})
            except httpx2.HTTPError as error:
                message = f"{address.host} could not be asked: {str(error) or type(error).__name__}."
                raise StepFailed("connection", message) from error
            if found["status"] not in _REDIRECTS or "location" not in found["headers"]:
                return _judged_answer(address, found)
            url = urljoin(url, found["headers"]["location"])
            request = {**request, "query": {}, "headers": _without_secrets(address, url, request["headers"])}
            method, body = ("GET", None) if found["status"] in {301, 302, 303} else (method, body)
    raise StepFailed("invalid", f"{request['url']} redirects more than {MOST_REDIRECTS} times.")


def _without_secrets(address: Address, url: str, headers: Mapping[str, str]) -> dict[str, str]:
    """Return what is sent on: to another host no credentials."""
    if urlsplit(url).hostname == address.host:
        return dict(headers)
    return {name: value for name, value in headers.items() if name.lower() not in {"authorization", "cookie"}}


async def judged(workspace: Path, url: str) -> Address:
    """Return where a request may go; raises ``StepFailed`` of kind ``refused`` for a host or address not allowed."""
    split = urlsplit(url)
    try:
        host, port = split.hostname or "", split.port or _PORTS[split.scheme]
    except (KeyError, ValueError) as error:
        raise StepFailed("invalid", f"{url!r} is no http or https address.") from error
    if not reach.granted(workspace, host, port):
        message = f"No step may ask {host}:{port}; name it below `runtime.hosts` in .agentops/config.yaml."
        raise StepFailed("refused", message)
    numbers = await _looked_up(host, port)
    private = next((one for one in numbers if not ipaddress.ip_address(one).is_global), None)
    if private and not reach.named(workspace, host, port):
        message = f"{host} is the private address {private}; name `{host}:{port}` itself below `runtime.hosts`."
        raise StepFailed("refused", message)
    return Address(url, host, port, numbers[0])


async def _looked_up(host: str, port: int) -> list[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StepFailed("connection", f"{host} is not known: {error.strerror}.") from error
    return [str(one[4][0]).partition("%")[0] for one in found]


async def _sent(client: httpx2.AsyncClient, address: Address, request: Mapping[str, Any]) -> dict[str, Any]:
    """Send to the number that was judged, so that a second lookup cannot lead elsewhere."""
    split = urlsplit(address.url)
    number = f"[{address.number}]" if ":" in address.number else address.number
    body = request["body"]
    headers = {"Idempotency-Key": request["key"], **request["headers"], "Host": split.netloc.rpartition("@")[2]}
    sent = client.build_request(
        request["method"],
        split._replace(netloc=f"{number}:{address.port}").geturl(),
        params={**dict(_pairs(split.query)), **request["query"]} or None,
        headers=headers,
        content=body if isinstance(body, str) else None,
        json=None if body is None or isinstance(body, str) else body,
        extensions={"sni_hostname": address.host},
    )
    answer = await client.send(sent, stream=True)
    try:
        return {"status": answer.status_code, "headers": dict(answer.headers), "body": await _body(answer)}
    finally:
        await answer.aclose()


def _pairs(query: str) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl

    return parse_qsl(query, keep_blank_values=True)


async def _body(answer: httpx2.Response) -> Json:
    data = bytearray()
    async for part in answer.aiter_bytes():
        data += part
        if len(data) > MOST_BYTES:
            raise StepFailed("invalid", f"The answer is longer than {MOST_BYTES:,} bytes.")
    text = data.decode(answer.encoding or "utf-8", errors="replace")
    if "json" in answer.headers.get("content-type", ""):
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text


def _judged_answer(address: Address, found: dict[str, Any]) -> dict[str, Any]:
    """Return an answer that is one; raises ``StepFailed`` for the statuses that are failures."""
    status = found["status"]
    if status < _BAD:
        return found
    wait = str(found["headers"].get("retry-after", ""))
    kind: Failure = "rate_limited" if status == _TOO_MANY else "server" if status >= _SERVER else "invalid"
    message = f"{address.host} answered {status}: {str(found['body'])[:200]}"
    raise StepFailed(kind, message, retry_after=float(wait) if wait.isdigit() else None)
