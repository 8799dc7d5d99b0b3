from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles import grammars
from agentops_kit.bundles.outline import by_lines, outline
from agentops_kit.bundles.syntax import parse

SAMPLES: dict[str, tuple[str, list[tuple[str, str, int, int, int]]]] = {
    "a.py": (
        "X = 1\n@d\nclass A:\n    async def m(self):\n        y = 2\n\ntype T = int\n",
        [("X", "value", 1, 1, 0), ("A", "class", 3, 5, 0), ("m", "def", 4, 5, 1), ("T", "value", 7, 7, 0)],
    ),
    "a.js": (
        (
            "const f = (x) => {\n  const y = 1\n}\nmodule.exports.h = function () {}\n"
            "class A {\n  #p() {}\n  s = () => 1\n}\nit('works', () => {\n})\n"
        ),
        [
            ("f", "function", 1, 3, 0),
            ("h", "function", 4, 4, 0),
            ("A", "class", 5, 8, 0),
            ("p", "def", 6, 6, 1),
            ("s", "function", 7, 7, 1),
            ("it", "test", 9, 10, 0),
        ],
    ),
    "a.ts": (
        (
            "interface I {\n  b(): void\n}\nexport abstract class A<T> {\n  abstract m(): void\n}\n"
            "type Q = {}\nnamespace N {\n  export const c = 1\n}\n"
        ),
        [
            ("I", "interface", 1, 3, 0),
            ("b", "def", 2, 2, 1),
            ("A", "class", 4, 6, 0),
            ("m", "def", 5, 5, 1),
            ("Q", "type", 7, 7, 0),
            ("N", "namespace", 8, 10, 0),
        ],
    ),
    "a.tsx": ("export const A = () => <b>x</b>\n", [("A", "function", 1, 1, 0)]),
    "a.vue": (
        "<template>\n  <a/>\n</template>\n<script setup lang='ts'>\nconst a = 1\nfunction go() {\n}\n</script>\n",
        [("a", "value", 5, 5, 0), ("go", "function", 6, 7, 0)],
    ),
    "a.go": (
        "package p\n\nconst (\n\tA = 1\n)\n\ntype I interface {\n\tM()\n}\n\nfunc (s *S) F() {\n\tvar x int\n}\n",
        [("A", "const", 4, 4, 0), ("I", "type", 7, 9, 0), ("M", "func", 8, 8, 1), ("F", "func", 11, 13, 0)],
    ),
    "a.rs": (
        "impl<T> Tr for S<T> {\n    const C: u8 = 1;\n    fn m(&self) {}\n}\nlist! {\n    pub enum Hidden {}\n}\n",
        [("S", "impl", 1, 4, 0), ("C", "const", 2, 2, 1), ("m", "fn", 3, 3, 1), ("Hidden", "enum", 6, 6, 0)],
    ),
    "A.java": (
        "class A {\n  static final int Y = 2;\n  int x;\n  A() {}\n  record R(int a) {}\n}\n",
        [("A", "class", 1, 6, 0), ("Y", "const", 2, 2, 1), ("A", "def", 4, 4, 1), ("R", "record", 5, 5, 1)],
    ),
    "a.c": (
        "#define M(x) x\ntypedef struct {\n  int b;\n} T;\nint *g(void);\nstatic int f(int a) {\n  return a;\n}\n",
        [("M", "define", 1, 1, 0), ("T", "typedef", 4, 4, 0), ("g", "value", 5, 5, 0), ("f", "def", 6, 8, 0)],
    ),
    "a.cpp": (
        "namespace n {\ntemplate <class T>\nclass C {\n  ~C() {}\n  void m() const;\n};\n}\nvoid n::C::k() {}\n",
        [
            ("n", "namespace", 1, 7, 0),
            ("C", "class", 3, 6, 1),
            ("C", "def", 4, 4, 2),
            ("m", "method", 5, 5, 2),
            ("k", "def", 8, 8, 0),
        ],
    ),
    "A.cs": (
        "class C {\n  public int P { get; }\n  void M() {}\n}\n",
        [("C", "class", 1, 4, 0), ("P", "property", 2, 2, 1), ("M", "def", 3, 3, 1)],
    ),
    "a.rb": (
        "module M\n  X = 1\n  def self.open?\n  end\nend\n",
        [("M", "module", 1, 5, 0), ("X", "const", 2, 2, 1), ("open?", "def", 3, 4, 1)],
    ),
    "a.php": (
        "<?php\nabstract class C {\n  const X = 1;\n  public function m() {}\n}\n",
        [("C", "class", 2, 5, 0), ("X", "const", 3, 3, 1), ("m", "function", 4, 4, 1)],
    ),
    "a.kt": (
        "val y = 2\nobject O {\n  fun m() {}\n}\ntypealias T = Int\n",
        [("y", "value", 1, 1, 0), ("O", "object", 2, 4, 0), ("m", "fun", 3, 3, 1), ("T", "typealias", 5, 5, 0)],
    ),
    "a.swift": (
        "protocol P {\n  func z()\n}\nextension C {\n  func e() {}\n}\n",
        [("P", "protocol", 1, 3, 0), ("z", "func", 2, 2, 1), ("C", "class", 4, 6, 0), ("e", "func", 5, 5, 1)],
    ),
    "a.scala": (
        "object O {\n  def m(a: Int): Int = 1\n}\ntrait T\n",
        [("O", "object", 1, 3, 0), ("m", "def", 2, 2, 1), ("T", "trait", 4, 4, 0)],
    ),
    "a.sh": ("X=1\ngo() {\n  Y=2\n}\n", [("X", "value", 1, 1, 0), ("go", "function", 2, 4, 0)]),
    "a.lua": (
        "function M.f(a)\nend\nM.h = function()\nend\nfunction M:k() end\n",
        [("f", "function", 1, 2, 0), ("h", "function", 3, 4, 0), ("k", "function", 5, 5, 0)],
    ),
    "a.ex": (
        "defmodule A.B do\n  def f(a) do\n  end\n  defp g(a) when a > 1, do: 1\nend\n",
        [("B", "module", 1, 5, 0), ("f", "def", 2, 3, 1), ("g", "def", 4, 4, 1)],
    ),
    "a.dart": (
        "class A {\n  void m() {\n  }\n}\nvoid f() {\n}\n",
        [("A", "class", 1, 4, 0), ("m", "def", 2, 3, 1), ("f", "def", 5, 6, 0)],
    ),
    "a.jl": ("function go(x)\n  x\nend\n", [("go", "function", 1, 3, 0)]),
    "a.pl": ("sub go {\n  1;\n}\n", [("go", "sub", 1, 3, 0)]),
    "a.hs": ("data Box = Box Int\n", [("Box", "type", 1, 1, 0)]),
    "a.ml": ("let go x = x\n", [("go", "let", 1, 1, 0)]),
    "a.erl": ("go(X) -> X.\n", [("go", "def", 1, 1, 0)]),
    "a.proto": ("message M {\n  int32 a = 1;\n}\n", [("M", "message", 1, 3, 0)]),
    "a.tf": ('resource "disk" "main" {\n  size = 1\n}\n', [("main", "block", 1, 3, 0)]),
    "a.graphql": ("type Q {\n  a: Int\n}\n", [("Q", "type", 1, 3, 0)]),
}


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_each_language_is_outlined(path: str) -> None:
    text, expected = SAMPLES[path]

    assert [(one.name, one.kind, one.line, one.end, one.depth) for one in outline(path, text)] == expected


def test_at_least_twelve_languages_have_a_grammar_here() -> None:
    for name in grammars.LANGUAGES:
        language, query = grammars.tools(name)
        assert language.abi_version > 0
        assert query.pattern_count > 0
    assert len(grammars.LANGUAGES) >= 12


def test_decorators_and_comments_stand_at_the_head() -> None:
    text = "# why\n@d(\n  1\n)\ndef f():\n    pass\n"

    (found,) = outline("a.py", text)

    assert (found.first, found.line, found.end, found.signature) == (1, 5, 6, "def f():")


def test_a_definition_knows_the_one_around_it() -> None:
    found = outline("a.py", "class A:\n    class B:\n        def m(self): ...\n    def n(self): ...\n")

    assert [(one.name, one.parent) for one in found] == [("A", -1), ("B", 0), ("m", 1), ("n", 0)]


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_deep_nesting_is_no_trouble(path: str) -> None:
    for deep in ("(" * 20_000, "{" * 20_000 + "}" * 20_000, "if a:\n " * 3000, "[" * 5000 + "]" * 5000):
        outline(path, f"{SAMPLES[path][0]}\n{deep}\n")


@pytest.mark.parametrize("path", sorted(SAMPLES))
@given(text=st.text(st.sampled_from(list("abdefclsx(){}<>:=,;*&#@'\"\\ \t\n")) | st.characters(), max_size=60))
def test_any_text_after_code_gives_definitions_inside_it(path: str, text: str) -> None:
    whole = SAMPLES[path][0] + text
    lines = whole.split("\n")

    for one in outline(path, whole):
        assert 1 <= one.first <= one.line <= one.end <= len(lines)
        assert one.signature == lines[one.line - 1].strip()


def test_the_same_text_gives_the_same_outline() -> None:
    text, _ = SAMPLES["a.cpp"]

    assert parse("cpp", text) == parse("cpp", text)


def test_what_the_parser_loses_among_errors_is_found_by_lines() -> None:
    text = "class Fine {\n" + "}}} ((( <<<\n" * 3 + "function lost() {\n}\n"

    assert {"Fine", "lost"} <= {one.name for one in outline("a.js", text)}


def test_lines_alone_find_what_they_found_before() -> None:
    assert [one.name for one in by_lines("a.go", "package p\n\nfunc F() {\n}\n")] == ["F"]
    assert by_lines("a.txt", "func F() {}\n") == ()


def test_a_page_without_a_script_defines_nothing() -> None:
    assert outline("a.vue", textwrap.dedent("<template>\n<b>function go() {</b>\n</template>\n")) == ()
