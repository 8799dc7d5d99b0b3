"""Where content is found: what we ship, and what a workspace adds under ``.agentops/profiles``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from agentops_kit.content import locked
from agentops_kit.errors import ContentInvalid
from agentops_kit.text import near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops_kit.content.frontmatter import Document
    from agentops_kit.content.schema import Check, Command, Content, Persona, Profile, Skill, WorkflowRef

WORKSPACE_PROFILES = locked.FOLDER
BASE = "base"
EXAMPLES = "examples/{}.txt"
"""Where a profile keeps what more people say who want a piece, a sentence a line; nothing but routing reads them."""

Spec_co = TypeVar("Spec_co", covariant=True)


@dataclass(frozen=True)
class Attachment:
    """A further file of a skill, carried over byte for byte; ``path`` is relative to the skill's folder."""

    path: str
    content: bytes
    executable: bool


@dataclass(frozen=True)
class Item(Generic[Spec_co]):
    """One piece of content: what its front matter says, its template, and where both come from."""

    name: str
    owner: str
    where: str
    spec: Spec_co
    body: str = ""
    body_line: int = 1
    files: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Loaded:
    """A profile with the pieces it names, not yet merged with what it extends."""

    name: str
    where: str
    profile: Profile
    commands: tuple[Item[Command], ...]
    personas: tuple[Item[Persona], ...]
    skills: tuple[Item[Skill], ...]
    workflows: tuple[Item[WorkflowRef], ...]
    checks: tuple[Item[Check], ...]
    partials: tuple[tuple[str, str], ...]
    """Name of the file and its text, shared paragraphs that templates include."""


def shipped() -> Path:
    """Return the folder with ``commands``, ``agents`` and ``profiles``: inside the wheel, or the source tree's root."""
    package = Path(__file__).resolve().parent.parent
    packed = package / "_content"
    return packed if packed.is_dir() else package.parent.parent


@dataclass(frozen=True)
class Library:
    """Reads profiles; a workspace's own stand before those we ship."""

    root: Path
    workspace: Path | None = None

    def names(self) -> tuple[str, ...]:
        """Return every profile's name, sorted."""
        return tuple(sorted({path.parent.name for folder in self._shelves() for path in folder.glob("*/profile.yaml")}))

    def origin(self, name: str) -> str:
        """Return ``workspace`` or ``shipped``; ``ContentInvalid`` for a profile that does not exist."""
        folder = self.folder(name)
        return "shipped" if folder.is_relative_to(self.root / "profiles") else "workspace"

    def load(self, name: str) -> Loaded:
        """Return a profile and its pieces; ``ContentInvalid`` names the file, line and key that do not load."""
        from agentops_kit.content import schema

        profile = self.profile(name)
        folder = self.folder(name)
        where = self.place(folder / "profile.yaml")
        shelf = _Shelf(self, folder, profile)
        return Loaded(
            name=folder.name,
            where=where,
            profile=profile,
            commands=tuple(shelf.routed("command", "commands/{}.md", one, schema.Command) for one in profile.commands),
            personas=tuple(shelf.routed("persona", "agents/{}.md", one, schema.Persona) for one in profile.personas),
            skills=tuple(shelf.skill(one, schema.Skill) for one in profile.skills),
            workflows=tuple(shelf.workflow(one) for one in profile.workflows),
            checks=tuple(Item(one.name, folder.name, where, one) for one in profile.checks),
            partials=tuple(shelf.partials()),
        )

    def profile(self, name: str) -> Profile:
        """Return what a ``profile.yaml`` says, without the pieces it names; raises as ``load`` does."""
        from agentops_kit.content import schema

        document = self.document(name)
        profile = schema.check(schema.Profile, document)
        if profile.metadata.name != name:
            message = f"{document.where}: metadata.name is {profile.metadata.name!r}, the folder is {name!r}."
            raise ContentInvalid(message, remedy="Give both the same name.")
        return profile

    def document(self, name: str) -> Document:
        """Return a ``profile.yaml`` as YAML that nobody has checked yet."""
        from agentops_kit.content import frontmatter

        path = self.folder(name) / "profile.yaml"
        where = self.place(path)
        return frontmatter.parse_yaml(_text(path, where), where)

    def warnings(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return a sentence for each of these profiles that differs from what was added; see ``content.locked``."""
        if self.workspace is None:
            return ()
        return tuple(locked.altered(self.workspace, names))

    def _shelves(self) -> tuple[Path, ...]:
        own = (self.workspace / WORKSPACE_PROFILES,) if self.workspace else ()
        return (*own, self.root / "profiles")

    def folder(self, name: str) -> Path:
        """Return the folder of a profile; ``ContentInvalid`` for one that does not exist."""
        known = self.names()
        if name not in known:
            hint = near.hint(name, known, f"Profiles: {', '.join(known) or 'none'}.")
            message = f"There is no profile {name!r}."
            raise ContentInvalid(message, remedy=hint)
        return next(shelf / name for shelf in self._shelves() if (shelf / name / "profile.yaml").is_file())

    def place(self, path: Path) -> str:
        """Return how a file is named in messages: relative to the workspace or to what we ship."""
        own = self.workspace is not None and path.is_relative_to(self.workspace)
        base = self.workspace if own and self.workspace else self.root
        return path.relative_to(base).as_posix()


@dataclass(frozen=True)
class _Shelf:
    """One profile's folder; base keeps its commands and personas in the top-level folders."""

    library: Library
    folder: Path
    profile: Profile

    def item(self, kind: str, pattern: str, name: str, model: type[_Content]) -> Item[_Content]:
        from agentops_kit.content import frontmatter

        path = self._find(kind, pattern.format(name))
        where = self.library.place(path)
        return self._checked(frontmatter.parse(_text(path, where), where), name, model)

    def routed(self, kind: str, pattern: str, name: str, model: type[_Content]) -> Item[_Content]:
        return self._with_examples(self.item(kind, pattern, name, model))

    def skill(self, name: str, model: type[Skill]) -> Item[Skill]:
        from dataclasses import replace

        item = self.item("skill", "skills/{}/SKILL.md", name, model)
        return replace(item, files=tuple(_attachments(self.folder / "skills" / name)))

    def workflow(self, name: str) -> Item[WorkflowRef]:
        from agentops_kit.content import frontmatter, schema

        path = self._find("workflow", f"workflows/{name}.yaml")
        where = self.library.place(path)
        document = frontmatter.parse_yaml(_text(path, where), where)
        _require_name(document, name)
        item = Item(name, self.folder.name, where, schema.check_workflow(document, name))
        # Examples are one piece's: the command's, where a workflow has one of its name.
        return item if name in self.profile.commands else self._with_examples(item)

    def partials(self) -> Iterator[tuple[str, str]]:
        for path in sorted(base_path for base in self._bases() for base_path in base.glob("commands/partials/*.md")):
            yield path.name, _text(path, self.library.place(path))

    def _checked(self, document: Document, name: str, model: type[_Content]) -> Item[_Content]:
        from agentops_kit.content import schema

        _require_name(document, name)
        spec = schema.check(model, document, {"name": name})
        return Item(name, self.folder.name, document.where, spec, document.body, document.body_line)

    def _with_examples(self, item: Item[_Content]) -> Item[_Content]:
        """Return a piece with the further examples of ``examples/<name>.txt``, each sentence once."""
        from dataclasses import replace

        path = self.folder / EXAMPLES.format(item.name)
        if not path.is_file() or not path.resolve().is_relative_to(self.folder.resolve()):
            return item
        lines = (line.strip() for line in _text(path, self.library.place(path)).splitlines())
        texts = dict.fromkeys((*item.spec.examples, *(line for line in lines if line)))
        return replace(item, spec=item.spec.model_copy(update={"examples": tuple(texts)}))

    def _bases(self) -> tuple[Path, ...]:
        shipped_base = self.folder == self.library.root / "profiles" / BASE
        return (self.folder, self.library.root) if shipped_base else (self.folder,)

    def _find(self, kind: str, relative: str) -> Path:
        for base in self._bases():
            path = base / relative
            if path.is_file() and path.resolve().is_relative_to(base.resolve()):
                return path
        expected = self.library.place(self.folder / relative)
        message = f"Profile {self.folder.name!r} names the {kind} file {expected}, which is not there."
        raise ContentInvalid(message, remedy="Add the file, or take the name out of profile.yaml.")


_Content = TypeVar("_Content", bound="Content")


def _require_name(document: Document, name: str) -> None:
    said = document.values.get("name", name)
    if said != name:
        message = f"{document.where}:{document.line(('name',))}: `name` is {said!r}, the file says {name!r}."
        raise ContentInvalid(message, remedy="Give both the same name, or leave `name` out.")


def _text(path: Path, where: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{where} cannot be read: {error}."
        raise ContentInvalid(message, remedy="Make it a readable UTF-8 text file.") from error


def _attachments(folder: Path) -> Iterator[Attachment]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path != folder / "SKILL.md" and path.resolve().is_relative_to(folder.resolve()):
            executable = bool(path.stat().st_mode & 0o100)
            yield Attachment(path.relative_to(folder).as_posix(), path.read_bytes(), executable)
