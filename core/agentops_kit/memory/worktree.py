"""The files of a work tree as they are now, against what is staged and committed."""

from __future__ import annotations

from agentops_kit.ids import TreeId
from agentops_kit.memory.heads import Heads

_OURS = ".agentops"


class WorkTree(Heads):
    """The part of ``Repo`` that looks at files; nothing here changes one, nor the user's index."""

    def fingerprint(self) -> TreeId:
        """Return a tree id over tracked and untracked, unignored files, without ``.agentops/``.

        The user's index and object store stay as they are: a private copy of the index is
        filled, and new objects go to a store of our own beside it.
        """
        self.require_quiet()
        from agentops_kit.memory.index import PrivateIndex

        with PrivateIndex(self, seed_from_user=True) as index:
            ours = index.git("ls-files", "-z", "--", f":(top,literal){_OURS}")
            index.git("update-index", "--force-remove", "-z", "--stdin", data=ours)
            sparse = ["--sparse"] if (self.git_dir / "info" / "sparse-checkout").exists() else []
            index.git("add", "--all", *sparse, "--", ":/", f":(top,exclude){_OURS}")
            return TreeId(index.git("write-tree").decode().strip())

    def changed_between(self, before: TreeId, after: TreeId) -> list[str]:
        """Return the sorted paths that differ between two fingerprints or commits' trees."""
        output = self.run("diff-tree", "-r", "-z", "--name-only", before, after, env=self.side_store())
        return sorted(path.decode("utf-8", "surrogateescape") for path in output.split(b"\0") if path)

    def staged(self) -> list[str]:
        """Return the paths staged by the user against HEAD."""
        output = self.run("diff", "--cached", "--name-only", "-z")
        return sorted(path.decode("utf-8", "surrogateescape") for path in output.split(b"\0") if path)

    def edited(self, folder: str) -> set[str]:
        """Return the paths below a folder whose index or work-tree file is not HEAD's, untracked ones included."""
        shape = ("--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=no")
        output = self.run("status", *shape, "--", f":(top,literal){folder}")
        return {line[3:].decode("utf-8", "surrogateescape") for line in output.split(b"\0") if line}

    def matches_head(self, path: str) -> bool:
        """Say whether a file's bytes in the work tree are the committed ones, or it is absent from both."""
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", f"HEAD:{path}")
        return self.file_blob(path) == ("" if status else output.decode().strip())

    def file_blob(self, path: str) -> str:
        """Return the object name a work-tree file would be committed under, ``""`` when there is no file."""
        target = self.root / path
        if target.is_symlink() or not target.is_file():
            return ""
        return self.run("hash-object", "--stdin", f"--path={path}", data=target.read_bytes()).decode().strip()

    def side_store(self) -> dict[str, str]:
        """Return the variables that send new objects to our own store, with the user's behind it."""
        from agentops_kit.memory.index import make_folder

        store = make_folder(self.state_dir / "objects")
        behind = str(self.common_dir / "objects").replace("\\", "\\\\").replace('"', '\\"')
        return {
            "GIT_OBJECT_DIRECTORY": str(store),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{behind}"',  # quoted, for a path may hold a colon
        }
