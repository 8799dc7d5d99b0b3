"""Texts that git merges and diffs that it applies."""

from __future__ import annotations

from pathlib import Path

from agentops_kit.memory.runner import Runner


class Patches(Runner):
    """The part of ``Repo`` that merges texts and reads and applies diffs."""

    def merge_texts(
        self, mine: bytes, base: bytes, theirs: bytes, labels: tuple[str, str, str]
    ) -> tuple[int, bytes] | None:
        """Return how many places conflict (127 at most) and git's merge, with markers there; None for no text.

        ``labels`` name the three in the markers: mine, base, theirs.
        """
        import tempfile

        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / name for name in ("mine", "base", "theirs")]
            for path, data in zip(paths, (mine, base, theirs), strict=True):
                path.write_bytes(data)
            named = (part for label in labels for part in ("-L", label))
            status, output, _ = self.attempt("merge-file", "-p", *named, *(str(path) for path in paths))
        return None if status > 127 else (status, output)  # noqa: PLR2004 - git's word for what it cannot merge

    def diff_paths(self, diff: bytes) -> tuple[str, ...]:
        """Return the paths a unified diff would write or delete, empty when git cannot read it."""
        status, output, _ = self.attempt("apply", "--numstat", "-z", "-", data=diff)
        lines = [] if status else [line for line in output.split(b"\0") if line]
        return tuple(line.split(b"\t")[-1].decode("utf-8", "surrogateescape") for line in lines)

    def apply(self, diff: bytes) -> bool:
        """Write a unified diff to the work tree, whole or not at all; True also when it was applied before."""
        status, _, _ = self.attempt("apply", "--whitespace=nowarn", "-", data=diff)
        if status == 0:
            return True
        return self.attempt("apply", "--reverse", "--check", "-", data=diff)[0] == 0
