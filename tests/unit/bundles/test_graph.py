from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_kit.bundles.grammars import grammar
from agentops_kit.bundles.graph import Graph, Source, dump, graph, load
from agentops_kit.bundles.imports import written

CASES: dict[str, tuple[dict[str, str], dict[str, list[str]]]] = {
    "python, absolute, relative, packages and source folders": (
        {
            "src/pkg/__init__.py": "from .a import f\n",
            "src/pkg/a.py": "import os\nimport pkg.sub.b\nfrom pkg.sub import (\n    b,\n    c as d,\n)\n",
            "src/pkg/sub/__init__.py": "from ..a import f  # comment\n",
            "src/pkg/sub/b.py": "def f():\n    from . import c\n",
            "src/pkg/sub/c.py": "import numpy as np, pkg\n",
        },
        {
            "src/pkg/__init__.py": ["src/pkg/a.py"],
            "src/pkg/a.py": ["src/pkg/sub/b.py", "src/pkg/sub/c.py"],
            "src/pkg/sub/__init__.py": ["src/pkg/a.py"],
            "src/pkg/sub/b.py": ["src/pkg/sub/c.py"],
            "src/pkg/sub/c.py": ["src/pkg/__init__.py"],
        },
    ),
    "scripts, relative, indexes, workspace packages and aliases": (
        {
            "packages/app/src/index.ts": "import { a } from './a.js'\nexport * from './parts'\n"
            "import x from '@org/shared'\n",
            "packages/app/src/a.ts": "const b = require('../lib/b')\nconst c = import('@/parts/c')\nimport 'react'\n",
            "packages/app/src/parts/index.ts": "",
            "packages/app/src/parts/c.vue": "",
            "packages/app/lib/b.js": "",
            "packages/shared/src/index.ts": "",
        },
        {
            "packages/app/src/index.ts": [
                "packages/app/src/a.ts",
                "packages/app/src/parts/index.ts",
                "packages/shared/src/index.ts",
            ],
            "packages/app/src/a.ts": ["packages/app/lib/b.js", "packages/app/src/parts/c.vue"],
        },
    ),
    "go, packages are folders": (
        {
            "main.go": 'package main\n\nimport (\n\t"fmt"\n\tb "example.com/org/app/store"\n)\n',
            "store/store.go": 'package store\n\nimport "example.com/org/app"\n',
            "store/store_test.go": "package store\n",
            "fmt/fmt.go": "package fmt\n",
        },
        {"main.go": ["store/store.go"], "store/store.go": ["main.go"]},
    ),
    "rust, crates, modules and braces": (
        {
            "core-lib/src/lib.rs": "mod a;\npub mod b;\n",
            "core-lib/src/a.rs": "use crate::b::{c::D, E};\nuse self::inner::X;\n",
            "core-lib/src/a/inner.rs": "use super::super::b;\n",
            "core-lib/src/b/mod.rs": "mod c;\n",
            "core-lib/src/b/c.rs": "use std::io;\n",
            "app/src/main.rs": "use core_lib::b::c::D;\n",
        },
        {
            "core-lib/src/lib.rs": ["core-lib/src/a.rs", "core-lib/src/b/mod.rs"],
            "core-lib/src/a.rs": ["core-lib/src/a/inner.rs", "core-lib/src/b/c.rs", "core-lib/src/b/mod.rs"],
            "core-lib/src/a/inner.rs": ["core-lib/src/b/mod.rs"],
            "core-lib/src/b/mod.rs": ["core-lib/src/b/c.rs"],
            "app/src/main.rs": ["core-lib/src/b/c.rs"],
        },
    ),
    "java and kotlin classes": (
        {
            "src/main/java/org/x/A.java": "import org.x.util.B;\nimport static org.x.util.C.go;\n"
            "import java.util.List;\n",
            "src/main/java/org/x/util/B.java": "",
            "src/main/kotlin/org/x/util/C.kt": "import org.x.A\n",
        },
        {
            "src/main/java/org/x/A.java": ["src/main/java/org/x/util/B.java", "src/main/kotlin/org/x/util/C.kt"],
            "src/main/kotlin/org/x/util/C.kt": ["src/main/java/org/x/A.java"],
        },
    ),
    "c includes, beside and by their end": (
        {"src/a.c": '#include "a.h"\n#include <lib/b.h>\n#include <stdio.h>\n', "src/a.h": "", "include/lib/b.h": ""},
        {"src/a.c": ["include/lib/b.h", "src/a.h"]},
    ),
    "ruby": (
        {"lib/x.rb": "require 'x/store'\nrequire_relative 'x/cache'\n", "lib/x/store.rb": "", "lib/x/cache.rb": ""},
        {"lib/x.rb": ["lib/x/cache.rb", "lib/x/store.rb"]},
    ),
    "php": (
        {"src/A.php": "<?php\nuse Org\\Kit\\Util\\B;\nuse Psr\\Log;\n", "src/Util/B.php": "<?php\n"},
        {"src/A.php": ["src/Util/B.php"]},
    ),
    "c sharp": (
        {"src/A.cs": "using Org.Kit.Util.B;\n", "src/Util/B.cs": ""},
        {"src/A.cs": ["src/Util/B.cs"]},
    ),
    "lua, elixir, dart, proto, shell": (
        {
            "lua/m.lua": 'local x = require("sub.x")\n',
            "lua/sub/x.lua": "",
            "lib/app/user_store.ex": "",
            "lib/a.ex": "alias App.UserStore\n",
            "d/lib/a.dart": "import 'package:d/b.dart';\nimport './c.dart';\n",
            "d/lib/b.dart": "",
            "d/lib/c.dart": "",
            "p/a.proto": 'import "p/b.proto";\n',
            "p/b.proto": "",
            "s/a.sh": "#!/bin/sh\n. ./b.sh\n",
            "s/b.sh": "",
        },
        {
            "lua/m.lua": ["lua/sub/x.lua"],
            "lib/a.ex": ["lib/app/user_store.ex"],
            "d/lib/a.dart": ["d/lib/b.dart", "d/lib/c.dart"],
            "p/a.proto": ["p/b.proto"],
            "s/a.sh": ["s/b.sh"],
        },
    ),
}


@pytest.mark.parametrize("case", sorted(CASES))
def test_imports_lead_to_files(case: str) -> None:
    files, arrows = CASES[case]
    sources = [Source(path, grammar(path), written(grammar(path), text)) for path, text in sorted(files.items())]

    found = graph(sources)

    assert {
        sources[number].path: [sources[target].path for target in targets]
        for number, targets in enumerate(found.of)
        if targets
    } == arrows
    for number, targets in enumerate(found.of):
        assert all(number in found.by[target] for target in targets)


def test_the_nearest_of_equal_names_is_meant() -> None:
    sources = [
        Source("a/include/x.h", "c", ()),
        Source("a/src/m.c", "c", ("include/x.h",)),
        Source("b/include/x.h", "c", ()),
    ]

    assert graph(sources).of == ((), (0,), ())


@pytest.mark.parametrize("kind", ["", "doc", "haskell"])
def test_a_language_whose_imports_are_not_known_imports_nothing(kind: str) -> None:
    assert written(kind, "import a\nfrom b import c\n") == ()
    assert graph([Source("a", kind, ("b",)), Source("b", kind, ())]).of == ((), ())


def test_a_list_of_very_many_imports_is_cut() -> None:
    assert len(written("python", "".join(f"import a{number}\n" for number in range(999)))) == 200


def test_braces_that_do_not_close_are_no_trouble() -> None:
    assert written("rust", "use a::{b, c::{d};\nuse }{};\n") == ("a::b", "a::c::d")
    assert written("rust", "use a::{b, c::{d, e}, f};\n") == ("a::b", "a::c::d", "a::c::e", "a::f")


@given(of=st.lists(st.lists(st.integers(0, 2**32 - 1)).map(tuple)).map(tuple))
def test_a_graph_is_read_as_it_was_written(of: tuple[tuple[int, ...], ...]) -> None:
    assert load(dump(Graph(of))) == Graph(of)
