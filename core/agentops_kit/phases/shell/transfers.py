"""Programs that fetch from or send to other machines: what they leave here, and what they change there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.phases.shell import options
from agentops_kit.phases.shell.verdict import Effect, unknown, writes

if TYPE_CHECKING:
    from agentops_kit.phases.shell.calls import Call, Program


CURL_VALUED = frozenset(
    """
    -o --output -H --header -d --data -X --request -u -A -e -b -c -D -T -F -K -m -w -x --cookie-jar
    --dump-header --trace --trace-ascii --output-dir --url --data-raw --data-binary --max-time --retry --user
    --write-out --upload-file --form --connect-timeout --config --stderr --cacert --cert --key --resolve
    --etag-save --hsts --alt-svc --libcurl -Q --quote --json --data-urlencode --form-string
    """.split()
)


CURL_WRITING = (
    "-o --output -c --cookie-jar -D --dump-header --trace --trace-ascii --stderr --etag-save --hsts --alt-svc --libcurl"
).split()


CURL_SENDING = ("-d", "--data", "--data-raw", "--data-binary", "--json", "--data-urlencode")


WGET_LOGS = ("-o", "-a", "--output-file", "--append-output", "--save-cookies", "--warc-file", "--rejected-log")


def sync(call: Call) -> list[Effect]:
    """Writes the last operand: ``rsync``, ``scp``; nothing with ``--dry-run``."""
    parsed = options.split(
        call.args, {"-e", "--rsh", "--exclude", "--include", "--files-from", "-f", "--filter", "-i", "-P", "-F", "-o"}
    )
    if parsed.has("-n", "--dry-run", "--list-only"):
        return []
    removed = parsed.operands[:-1] if parsed.has("--remove-source-files") else []
    targets = [*removed, *parsed.operands[-1:]]
    remote = [word for word in targets if ":" in word.split("/")[0]]
    return [writes(f"{call.name} writes to another machine")] if remote else call.write(targets)


def curl(call: Call) -> list[Effect]:
    """Writes what ``-o``, ``-O`` and the dump options name; sending data elsewhere is a change too."""
    parsed = options.split(call.args, CURL_VALUED)
    if parsed.has("-K", "--config"):
        return [unknown("curl reads its options from a file")]
    named = parsed.values(*CURL_WRITING)
    found = call.write([name for name in named if name != "-"])
    if parsed.has("-O", "--remote-name", "--remote-name-all"):
        folder = parsed.values("--output-dir")
        found += call.write(folder) if folder else call.write_here("curl saves a file named by the server")
    method = [value.upper() for value in parsed.values("-X", "--request")]
    if parsed.has("-T", "--upload-file", "-F", "--form", "--form-string", "-Q", "--quote") or set(method) - {
        "GET",
        "HEAD",
        "OPTIONS",
    }:
        found.append(writes("curl changes something on a server"))
    elif parsed.has(*CURL_SENDING) and not parsed.has("-G", "--get"):
        found.append(writes("curl sends data to a server"))
    return found


def wget(call: Call) -> list[Effect]:
    """Writes a file named by the address unless ``-O -`` or ``--spider``."""
    parsed = options.split(
        call.args,
        {"-O", "--output-document", "-P", "--directory-prefix", "-U", "-t", "-T", "-Q", "-e", "--header", *WGET_LOGS},
    )
    if parsed.has(
        "--post-data", "--post-file", "--body-data", "--body-file", "--method", "--use-askpass", "-e", "--execute"
    ):
        return [unknown("wget sends something, or runs with settings of its own")]
    if parsed.has("--spider"):
        return []
    logs = call.write(parsed.values(*WGET_LOGS))
    named = parsed.values("-O", "--output-document")
    if named:
        return [*logs, *call.write([name for name in named if name != "-"])]
    folder = parsed.values("-P", "--directory-prefix")
    return [*logs, *(call.write(folder) if folder else call.write_here("wget saves a file named by the server"))]


PROGRAMS: dict[str, Program] = {
    **dict.fromkeys(["rsync", "scp"], sync),
    "curl": curl,
    "wget": wget,
}
