"""Programs with sub-commands: which of them read, which build or test, and what all others do."""

from __future__ import annotations

# program -> the sub-commands that only read, that build or test, and what every other one does
FAMILIES: dict[str, tuple[str, str, str]] = {
    "npm": (
        (
            "ls list view info outdated audit explain why fund search ping whoami root prefix bin doctor help "
            "docs query pkg.get config.get config.list config.ls -v"
        ),
        "test t run run-script start stop restart build pack",
        "changes packages",
    ),
    "pnpm": (
        "ls list view info outdated audit why root bin licenses help",
        "test t run start build exec",
        "changes packages",
    ),
    "yarn": (
        "list info outdated audit why help versions licenses config.list config.get",
        "test run start build lint typecheck check",
        "changes packages",
    ),
    "bun": ("pm.ls outdated", "test run build start x", "changes packages"),
    "pip": ("list show freeze check search index inspect debug help config.list", "", "changes packages"),
    "uv": (
        "tree version pip.list pip.show pip.freeze pip.tree pip.check python.list python.find help",
        "build",
        "changes packages",
    ),
    "poetry": ("show check env.info env.list version about search help config.--list", "build", "changes packages"),
    "pdm": ("list info show search", "build test", "changes packages"),
    "pipenv": ("graph check --venv --where verify", "", "changes packages"),
    "conda": ("list info search env.list config.--show", "", "changes packages"),
    "brew": (
        "list info search deps uses outdated leaves config doctor --prefix --version home",
        "",
        "changes packages",
    ),
    "apt": ("list show search policy", "", "changes packages"),
    "apt-get": ("", "", "changes packages"),
    "apt-cache": ("show search policy depends rdepends", "", "changes packages"),
    "dpkg": ("-l -L -s -S --list --listfiles --status --search", "", "changes packages"),
    "gem": ("list info search environment env outdated which contents", "build", "changes packages"),
    "bundle": ("list show info outdated check", "", "changes packages"),
    "composer": ("show info outdated validate licenses why diagnose status", "test", "changes packages"),
    "cargo": (
        "tree metadata search version help locate-project pkgid read-manifest verify-project info --list -V",
        "build b check c test t run r bench doc d clippy rustc rustdoc nextest miri llvm-cov package fetch",
        "changes files",
    ),
    "go": ("list env version doc help vet", "build test run tool clean", "changes files"),
    "dotnet": ("--info --list-sdks --version list", "build test run publish pack", "changes files"),
    "mix": ("help deps.tree", "test compile run", "changes files"),
    "flutter": ("doctor devices", "test build run analyze", "changes files"),
    "deno": ("info doc types", "test check lint bench task", "changes files"),
    "docker": (
        (
            "ps images inspect logs version info stats top port diff history search image.ls image.inspect "
            "container.ls container.inspect volume.ls network.ls compose.ps compose.logs compose.config "
            "context.ls system.df events"
        ),
        "build buildx compose.build compose.up compose.run run exec create start stop restart pull",
        "changes containers",
    ),
    "podman": ("ps images inspect logs version info", "build run exec start stop pull", "changes containers"),
    "docker-compose": ("ps logs config images top", "build up run exec down start stop", "changes containers"),
    "kubectl": (
        (
            "get describe logs explain top version cluster-info api-resources api-versions diff auth.can-i "
            "config.view config.current-context config.get-contexts rollout.status rollout.history events"
        ),
        "",
        "changes a cluster",
    ),
    "helm": ("list ls status get show search template lint history version env", "", "changes a cluster"),
    "terraform": (
        "show output validate version providers graph state.list state.show workspace.list workspace.show plan",
        "",
        "changes infrastructure",
    ),
    "tofu": ("show output validate version providers graph state.list state.show plan", "", "changes infrastructure"),
    "gh": (
        (
            "status pr.view pr.list pr.diff pr.checks pr.status issue.view issue.list issue.status run.list "
            "run.view run.watch repo.view repo.list release.list release.view search.issues search.code "
            "search.prs search.repos search.commits auth.status workflow.list workflow.view label.list gist.list "
            "gist.view"
        ),
        "",
        "changes a hosted repository",
    ),
    "glab": (
        "mr.view mr.list mr.diff issue.view issue.list ci.view ci.list ci.status",
        "",
        "changes a hosted repository",
    ),
    "systemctl": ("status list-units list-unit-files is-active is-enabled show cat", "", "changes services"),
    "service": ("--status-all", "", "changes services"),
    "crontab": ("-l", "", "changes schedules"),
    "launchctl": ("list print", "", "changes services"),
    "ip": ("addr a link route r neigh", "", "changes the network"),
    "alembic": ("current history heads branches show", "", "changes a database"),
    "rustup": ("show toolchain.list target.list component.list which", "", "changes packages"),
    "nvm": ("ls list current version which", "use", "changes packages"),
    "pyenv": ("versions version which root", "", "changes packages"),
    "asdf": ("list current where which", "", "changes packages"),
    "snap": ("list info find", "", "changes packages"),
    "openssl": (
        "version x509 s_client verify list ciphers dgst rand asn1parse speed prime errstr",
        "",
        "writes keys or certificates",
    ),
    "rpm": ("-q -qa -qi -ql -qf -V --query", "", "changes packages"),
    "vault": ("status version read list kv.get kv.list", "", "changes secrets"),
    "consul": ("members info version catalog.services kv.get", "", "changes a cluster"),
    "tmux": ("ls list-sessions list-windows list-panes info -V display-message capture-pane", "", "acts on a terminal"),
    "ansible-inventory": ("--list --graph --host", "", "writes an inventory"),
    "redis-cli": (
        (
            "get mget keys scan info ttl exists type llen lrange hget hgetall smembers scard zrange dbsize ping strlen "
            "GET MGET KEYS SCAN INFO TTL EXISTS TYPE LLEN LRANGE HGET HGETALL SMEMBERS SCARD ZRANGE DBSIZE PING STRLEN"
        ),
        "",
        "may change a database",
    ),
    "hg": (
        "log status st diff cat annotate heads parents branches tags summary identify id root paths files",
        "",
        "changes files",
    ),
    "svn": ("log status st diff cat info list ls blame", "", "changes files"),
    "dvc": ("status diff list dag", "repro", "changes files"),
    "hostname": ("-I -i -f -s -d -A --fqdn --short --ip-address --all-ip-addresses", "", "names the machine"),
    "ssh-keygen": ("-l -lf -F", "", "writes keys"),
}
# program -> options that make one of its reading commands write, or start something
TURNED: dict[str, tuple[str, ...]] = {
    "npm": ("fix", "--fix", "set"),
    "pnpm": ("fix", "--fix"),
    "yarn": ("fix", "--fix"),
    "helm": ("--output-dir", "--post-renderer"),
    "kubectl": ("--output-directory", "--raw"),
    "terraform": ("-out", "--out", "-generate-config-out"),
    "tofu": ("-out", "--out", "-generate-config-out"),
    "pip": ("--report", "--log"),
    "cargo": ("--lockfile-path",),
    "openssl": ("-out", "-writerand", "-keylog", "-sess_out", "-engine", "-provider"),
    "rpm": ("--import", "--initdb", "--rebuilddb", "-e", "-U", "-i", "--erase", "--eval"),
    "alembic": ("--sql",),
    "conda": ("--export",),
    "systemctl": ("--force",),
}
# program -> options with which every one of its commands only shows what it would do
REHEARSED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(["npm", "cargo", "pip", "helm", "uv", "poetry", "brew", "apt-get", "apt"], ("--dry-run",)),
    "kubectl": ("--dry-run=client", "--dry-run=server"),
    "terraform": ("-check", "--check"),
    "apt-get": ("-s", "--simulate", "--dry-run", "--just-print"),
    "gem": ("--explain",),
}
NESTED = frozenset(
    """
    kv catalog
    pkg config pip python env image container volume network compose context system auth rollout state workspace
    pr issue run repo release search workflow label gist mr ci toolchain target component pm
    """.split()
)
FAMILY_VALUED = frozenset(
    """
    -C --prefix --dir --cwd --filter -w --workspace --directory --project -n --namespace --context --kubeconfig
    -R --repo -chdir --manifest-path -f -H
    """.split()
)
