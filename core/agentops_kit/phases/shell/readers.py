"""Programs that never change a file, and programs that do so only through certain options."""

from __future__ import annotations

# Whatever their arguments.
READERS = frozenset(
    """
    ack ag arch file history
    b2sum base32 base64 basename bat batcat bc cal cat cksum cloc clear cmp colordiff column comm
    cut delta df diff diff3 diffstat dig dir dirname du egrep echo exa expand expr eza factor fd-find false
    fgrep fmt fold free getconf getent git-lfs-status grep groups head hexdump host hostname id info iostat join
    jq last lastlog ldd less locale locate logname look ls lsattr lsb_release lsblk lscpu lsmod lsof ltrace man
    md5 md5sum mdls more mount.list netstat nl nm nproc nslookup numfmt objdump od otool paste pathchk pgrep
    ping pinky pr printenv printf ps pstree pwd readelf readlink realpath rev scc seq sha1sum sha224sum
    sha256sum sha384sum sha512sum shasum size sleep ss stat strings sum sw_vers tac tail tldr tokei top tput tr
    true tsort tty type uname unexpand uptime users vdir vmstat wc whatis whereis which who whoami xxd.read yes
    zcat zdiff zgrep zipinfo zless jless pdftotext.read gron highlight pygmentize tldr csvlook csvstat csvcut
    csvgrep rg.read logger.read glow fx dust duf procs btop htop
    """.split(),
)

# Options with which a few of the readers write or start another program.
STARTING_OPTIONS = ("--pager", "-P", "--html", "-C", "--compile", "-w", "-a", "-r")

# name -> options whose value is a file the program writes
WRITING_OPTIONS: dict[str, frozenset[str]] = {
    "sort": frozenset({"-o", "--output"}),
    "tree": frozenset({"-o"}),
    "xmllint": frozenset({"--output"}),
    "shuf": frozenset({"-o", "--output"}),
    "iconv": frozenset({"-o", "--output"}),
    "gpg": frozenset({"-o", "--output"}),
    "pandoc": frozenset({"-o", "--output"}),
    "dot": frozenset({"-o"}),
    "hyperfine": frozenset({"--export-json", "--export-csv", "--export-markdown"}),
    "pstack": frozenset(),
    "strace": frozenset({"-o"}),
    "jc": frozenset(),
    "sqlfluff": frozenset({"--write-output"}),
    "semgrep": frozenset({"-o", "--output"}),
    "bandit": frozenset({"-o", "--output"}),
    "trivy": frozenset({"-o", "--output"}),
    "gitleaks": frozenset({"-r", "--report-path"}),
    "actionlint": frozenset(),
    "shellcheck": frozenset(),
    "hadolint": frozenset(),
    "yamllint": frozenset(),
    "codespell.read": frozenset(),
}
