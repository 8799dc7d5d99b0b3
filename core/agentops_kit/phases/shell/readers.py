"""Programs that never change a file, and programs that do so only through certain options."""

from __future__ import annotations

# Whatever their arguments.
READERS = frozenset(
    """
    ack ag arch file history getfacl difft pipdeptree envsubst pstree hostnamectl
    b2sum base32 basename bat batcat bc cal cat cksum cloc clear cmp colordiff column comm
    cut delta df diff diff3 diffstat dig dir dirname du egrep echo exa expand expr eza factor fd-find false
    fgrep fmt fold free getconf getent git-lfs-status grep groups head hexdump host id iostat join
    jq last lastlog ldd locale locate logname look ls lsattr lsb_release lsblk lscpu lsmod lsof man
    md5 md5sum mdls more netstat nl nm nproc nslookup numfmt objdump od otool paste pathchk pgrep
    ping pinky pr printenv printf ps pstree pwd readelf readlink realpath rev scc seq sha1sum sha224sum
    sha256sum sha384sum sha512sum shasum size sleep ss stat strings sum sw_vers tac tail tldr tokei top tput tr
    true tsort tty type uname unexpand uptime users vdir vmstat wc whatis whereis which who whoami yes
    zcat zdiff zgrep zipinfo zless jless gron tldr csvlook csvstat csvcut
    csvgrep glow fx dust duf procs btop htop
    """.split(),
)

# Options with which a few of the readers write or start another program.
STARTING_OPTIONS = ("--pager", "-P", "--html", "-C", "--compile", "-w", "-a", "-r")

# name -> beginnings of options with which it starts another program or writes a file it names itself
REFUSED_OPTIONS: dict[str, tuple[str, ...]] = {
    "sort": ("--comp",),
    "pandoc": ("-F", "--filter", "--lua-filter", "-L", "--pdf-engine", "--to=./", "--self-contained"),
    "dot": ("-O",),
    "gpg": (
        "-s",
        "-c",
        "-e",
        "--sign",
        "--clear",
        "--detach",
        "--enc",
        "--sym",
        "--import",
        "--gen",
        "--quick",
        "--delete",
        "--edit",
        "-b",
    ),
    "less": ("+", "-k", "--lesskey"),
    "xmllint": ("--shell",),
}

# name -> options whose value is a file the program writes
WRITING_OPTIONS: dict[str, frozenset[str]] = {
    "sort": frozenset({"-o", "--output"}),
    "tree": frozenset({"-o"}),
    "xmllint": frozenset({"--output"}),
    "shuf": frozenset({"-o", "--output"}),
    "iconv": frozenset({"-o", "--output"}),
    "gpg": frozenset({"-o", "--output"}),
    "pandoc": frozenset({"-o", "--output", "--extract-media", "--log"}),
    "dot": frozenset({"-o"}),
    "pygmentize": frozenset({"-o"}),
    "highlight": frozenset({"-o", "--output", "-O"}),
    "info": frozenset({"-o", "--output", "--dribble"}),
    "base64": frozenset({"-o", "--output"}),
    "less": frozenset({"-o", "-O", "--log-file", "--LOG-FILE"}),
    "pstack": frozenset(),
    "jc": frozenset(),
    "trivy": frozenset({"-o", "--output"}),
    "gitleaks": frozenset({"-r", "--report-path"}),
}
