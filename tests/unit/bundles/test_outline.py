from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.outline import names, outline

PYTHON = '''\
"""Doc."""
LIMIT = 3
a, b = 1, 2


# why this exists
@decorated(
    "x"
)
class Store:
    size: int = 0

    async def read(
        self,
    ) -> bytes:
        def inner():
            return 1
        return b""

    def write(self): ...


if LIMIT:
    try:
        pass
    except OSError:
        def fallback():
            pass
'''
SAMPLES = {
    "a.ts": (
        """\
        export interface Options { a: number }
        export const limit = 3
        // makes one
        export default async function make<T>(x: T) {
          const inner = (y: number) => {
            return y
          }
          if (x) {
            return
          } else {
            stop()
          }
        }
        class Store extends Base {
          static async read(key: string): Promise<void> {
            return
          }
        }
        app.use = function use(fn) {
        };
        """,
        {"Options": 1, "limit": 2, "make": 4, "inner": 5, "Store": 14, "read": 15, "use": 19},
        {"make": (3, 13), "Store": (14, 18), "read": (15, 17), "use": (19, 20)},
    ),
    "a.go": (
        """\
        package a

        // Open opens.
        func (s *Store) Open(name string) error {
        \treturn nil
        }

        type Store struct {
        \tname string
        }
        """,
        {"Open": 4, "Store": 8},
        {"Open": (3, 6), "Store": (8, 10)},
    ),
    "a.rs": (
        """\
        #[derive(Debug)]
        pub(crate) struct Store<T> {
            name: T,
        }

        impl<T> Reader for Store<T> {
            pub async fn open(&self) -> u8 {
                1
            }
        }
        """,
        {"Store": 6, "open": 7},
        {"open": (7, 9)},
    ),
    "A.java": (
        """\
        public final class A {
            @Override
            public List<String> names(int a) throws X {
                return other(a);
            }

            void plain(int b) {
            }
        }
        """,
        {"A": 1, "names": 3, "plain": 7},
        {"names": (2, 5), "A": (1, 9)},
    ),
    "a.kt": (
        "data class P(val a: Int)\n\nsuspend fun String.go(): Int {\n    return 1\n}\n",
        {"P": 1, "go": 3},
        {"go": (3, 5)},
    ),
    "A.cs": (
        """\
        namespace N
        {
            internal class C
            {
                public int Sum(int a)
                {
                    return a;
                }
            }
        }
        """,
        {"N": 1, "C": 3, "Sum": 5},
        {"N": (1, 10), "C": (3, 9), "Sum": (5, 8)},
    ),
    "a.c": (
        """\
        #define LIMIT 3
        struct box {
            int a;
        };

        static int *
        open_box(struct box *b)
        {
            return 0;
        }
        int close_box(int a) {
            return a;
        }
        """,
        {"LIMIT": 1, "box": 2, "close_box": 11},
        {"box": (2, 4), "close_box": (11, 13)},
    ),
    "a.rb": (
        "module M\n  class C\n    def self.open?(a)\n      1\n    end\n  end\nend\n",
        {"M": 1, "C": 2, "open?": 3},
        {"M": (1, 7), "open?": (3, 5)},
    ),
    "a.php": (
        "<?php\nfinal class C\n{\n    public static function &open($a)\n    {\n    }\n}\n",
        {"C": 2, "open": 4},
        {"C": (2, 7), "open": (4, 6)},
    ),
    "a.sh": ("go() {\n  echo\n}\nfunction stop {\n  echo\n}\n", {"go": 1, "stop": 4}, {"go": (1, 3), "stop": (4, 6)}),
}


def test_python_is_parsed() -> None:
    found = {d.name: d for d in outline("a.py", PYTHON)}
    assert list(found) == ["LIMIT", "Store", "read", "inner", "write", "fallback"]
    assert (found["Store"].first, found["Store"].line, found["Store"].end) == (6, 10, 20)
    assert (found["read"].line, found["read"].end, found["read"].depth) == (13, 18, 1)
    assert found["read"].signature == "async def read("
    assert found["inner"].depth == 2


def test_python_that_does_not_parse_is_outlined_by_lines() -> None:
    found = outline("a.py", "def broken(:\n    pass\n\nclass Fine:\n    x = 1\n")
    assert [(d.name, d.line, d.end) for d in found] == [("broken", 1, 2), ("Fine", 4, 5)]


def test_an_invalid_escape_is_no_warning_of_ours() -> None:
    assert [d.name for d in outline("a.py", 'def f():\n    return "\\d"\n')] == ["f"]


@pytest.mark.parametrize("path", sorted(SAMPLES))
def test_other_languages_by_their_lines(path: str) -> None:
    text, lines, spans = SAMPLES[path]
    found = {d.name: d for d in outline(path, textwrap.dedent(text))}
    assert {name: found[name].line for name in lines} == lines
    assert {name: (found[name].first, found[name].end) for name in spans} == spans


def test_control_words_are_no_definitions() -> None:
    text = "class A {\n  go() {\n    if (a) {\n    }\n    for (;;) {\n    }\n    return call(a)\n  }\n}\n"
    assert [d.name for d in outline("a.js", text)] == ["A", "go"]


@pytest.mark.parametrize("path", ["notes.txt", "Makefile", "a.unknown"])
def test_what_we_do_not_know_has_no_outline(path: str) -> None:
    assert outline(path, "def f(): pass\n") == ()
    assert names(path, "def f(): pass\n") == []


@given(
    path=st.sampled_from([*SAMPLES, "a.py"]),
    text=st.text(st.sampled_from(list("abc(){}<>:=,;*&#@ \t\n")) | st.characters()),
)
def test_any_text_gives_definitions_inside_it(path: str, text: str) -> None:
    lines = text.split("\n")
    for definition in outline(path, text):
        assert 1 <= definition.first <= definition.line <= definition.end <= len(lines)


def test_a_quick_look_finds_the_same_names() -> None:
    assert {"Store", "read", "inner", "write", "fallback", "LIMIT"} <= set(names("a.py", PYTHON))


@pytest.mark.parametrize("path", [*SAMPLES, "a.py"])
def test_an_endless_line_takes_no_time_and_moves_no_line(path: str) -> None:
    text = "  a(" + "b:c(" * 50_000 + "\n" + textwrap.dedent(SAMPLES.get(path, (PYTHON,))[0])
    assert [d.line - 1 for d in outline(path, text)] == [d.line for d in outline(path, text.split("\n", 1)[1])]
