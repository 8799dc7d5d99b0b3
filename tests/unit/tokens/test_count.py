from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from agentops_kit.errors import InputInvalid, WorkspaceUnusable
from agentops_kit.tokens import count as module
from agentops_kit.tokens.count import RANKS_SHA256, count, place_ranks

ENCODINGS = sorted(RANKS_SHA256)
TRICKY = st.text(
    st.sampled_from(
        list("aZé漢あ한😀 \t\r\n\u00a0\u3000\u0300\u0085\u2028\u017fsStT'\u201909²٣_./<|>-\ufeff\x1c\ud800")
    ),
    max_size=60,
)


@cache
def ranks_folder() -> Path:
    import tempfile

    return Path(tempfile.mkdtemp(prefix="ranks-"))


@cache
def reference(encoding: str) -> tiktoken.Encoding:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TIKTOKEN_CACHE_DIR", str(ranks_folder()))
        place_ranks(encoding, ranks_folder())
        return tiktoken.get_encoding(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@settings(deadline=None)  # the first call of each loads its ranks
@given(text=st.text() | TRICKY)
def test_counts_equal_tiktokens(encoding: str, text: str) -> None:
    assert count(text, encoding) == len(reference(encoding).encode_ordinary(text))


@pytest.mark.parametrize("text", ["a" * 50_000, " " * 50_000, "\n" * 50_000, "ab " * 50_000, "漢" * 20_000])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_long_runs_count_as_tiktoken_counts_them(encoding: str, text: str) -> None:
    assert count(text, encoding) == len(reference(encoding).encode_ordinary(text))


@pytest.mark.parametrize("special", ["<|endoftext|>", "<|endofprompt|>", "<|fim_prefix|>"])
def test_special_token_text_is_ordinary(special: str) -> None:
    assert count(special) > 1


def test_o200k_is_the_default() -> None:
    text = "Ordnung ist das halbe Leben, 漢字 🙂"
    assert count(text) == count(text, "o200k_base") != count(text, "cl100k_base")


def test_an_unknown_encoding_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputInvalid, match="p50k_base") as refused:
        count("x", "p50k_base")
    assert "cl100k_base, o200k_base" in refused.value.remedy


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_wheels_rank_files_are_tiktokens(encoding: str, tmp_path: Path) -> None:
    placed = place_ranks(encoding, tmp_path)
    assert hashlib.sha256(placed.read_bytes()).hexdigest() == RANKS_SHA256[encoding]
    assert [path.name for path in tmp_path.iterdir()] == [placed.name]


def test_a_damaged_cached_rank_file_is_replaced(tmp_path: Path) -> None:
    placed = place_ranks("o200k_base", tmp_path)
    whole = placed.read_bytes()
    placed.write_bytes(whole[:1000])
    assert place_ranks("o200k_base", tmp_path).read_bytes() == whole


@pytest.mark.parametrize("packed", [b"", b"no gzip at all", gzip.compress(b"other ranks", mtime=0)])
def test_a_wheel_with_other_rank_files_is_refused(
    packed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "bpe_openai"
    (wheel / "data").mkdir(parents=True)
    (wheel / "__init__.py").touch()
    (wheel / "data" / "o200k_base.tiktoken.gz").write_bytes(packed)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.delitem(sys.modules, "bpe_openai", raising=False)
    with pytest.raises(WorkspaceUnusable, match="rank file"):
        place_ranks("o200k_base", tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_a_missing_wheel_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "bpe_openai", raising=False)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(WorkspaceUnusable, match="bpe-openai"):
        place_ranks("o200k_base", tmp_path)


@pytest.mark.parametrize("before", [None, "/elsewhere"])
def test_tiktoken_counts_where_the_compiled_module_does_not_load(
    before: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if before:
        monkeypatch.setenv("TIKTOKEN_CACHE_DIR", before)
    monkeypatch.setattr(module, "_counters", {})
    monkeypatch.setattr("importlib.machinery.EXTENSION_SUFFIXES", [])
    monkeypatch.setattr("tiktoken.registry.ENCODINGS", {})
    text = "def f(x): return x  # <|endoftext|> \ud800"
    assert count(text, "cl100k_base") == len(reference("cl100k_base").encode_ordinary(text))
    assert os.environ.get("TIKTOKEN_CACHE_DIR") == before
    assert len(list((tmp_path / "agentops-kit" / "tiktoken").iterdir())) == 1


def test_counting_loads_no_tokenizer_package() -> None:
    program = "import sys; from agentops_kit.tokens.count import count; count('x'); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "'tiktoken'" not in done.stdout
    assert "'bpe_openai'" not in done.stdout
