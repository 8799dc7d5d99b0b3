"""Which parts of a syntax tree define something, per language: one line a kind, in tree-sitter's query language.

``kind: pattern pattern ...``; a pattern is a node type or an expression in parentheses. ``wrap``
marks what belongs to the definition inside it, decorators above all. Perl is left to line patterns:
its grammar never comes back from some texts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Query

_SCRIPT = """
wrap: export_statement
function: function_declaration generator_function_declaration
function: (variable_declarator value: [(arrow_function) (function_expression) (generator_function) (class)])
function: (pair value: [(arrow_function) (function_expression) (generator_function)])
function: (assignment_expression right: [(arrow_function) (function_expression) (generator_function) (class)])
class: class_declaration
def: method_definition
test: (call_expression function: (identifier) @_k (#any-of? @_k "describe" "it" "test" "suite" "context" "beforeEach"))
top: (variable_declarator name: (identifier)) (assignment_expression left: (member_expression))
"""
_TYPED = """
wrap: ambient_declaration
function: (public_field_definition value: [(arrow_function) (function_expression)]) function_signature
class: abstract_class_declaration
interface: interface_declaration
enum: enum_declaration
type: type_alias_declaration
namespace: internal_module module
def: method_signature abstract_method_signature
"""
_C = """
define: preproc_def preproc_function_def
struct: (struct_specifier name: (_) body: (_))
union: (union_specifier name: (_) body: (_))
enum: (enum_specifier name: (_) body: (_))
typedef: type_definition
def: function_definition
top: (declaration declarator: (_))
"""
_TABLES = {
    "python": """
wrap: decorated_definition
def: function_definition
class: class_definition
value: (assignment left: (identifier)) type_alias_statement
""",
    "javascript": _SCRIPT + "function: (field_definition value: [(arrow_function) (function_expression)])\n",
    "typescript": _SCRIPT + _TYPED,
    "tsx": _SCRIPT + _TYPED,
    "go": """
func: function_declaration method_declaration method_elem
type: type_spec type_alias
const: const_spec
var: var_spec
""",
    "rust": """
fn: function_item function_signature_item
struct: struct_item
enum: enum_item
trait: trait_item
impl: impl_item
mod: mod_item
union: union_item
type: type_item associated_type
const: const_item
static: static_item
macro_rules: macro_definition
""",
    "java": """
class: class_declaration
interface: interface_declaration annotation_type_declaration
enum: enum_declaration
record: record_declaration
def: method_declaration constructor_declaration compact_constructor_declaration annotation_type_element_declaration
const: (field_declaration (modifiers "static" "final"))
""",
    "c": _C,
    "cpp": _C
    + """
wrap: template_declaration
class: (class_specifier name: (_) body: (_))
namespace: (namespace_definition name: (_))
using: alias_declaration
concept: concept_definition
method: (field_declaration declarator: (function_declarator))
""",
    "csharp": """
namespace: namespace_declaration file_scoped_namespace_declaration
class: class_declaration
struct: struct_declaration
interface: interface_declaration
enum: enum_declaration
record: record_declaration
delegate: delegate_declaration
def: method_declaration constructor_declaration destructor_declaration local_function_statement
property: property_declaration event_declaration
const: (field_declaration (modifier) (variable_declaration))
""",
    "ruby": """
module: module
class: class
def: method singleton_method
const: (assignment left: (constant))
""",
    "php": """
namespace: (namespace_definition body: (_))
class: class_declaration
interface: interface_declaration
trait: trait_declaration
enum: enum_declaration
function: function_definition method_declaration
const: const_element
""",
    "kotlin": """
class: class_declaration
object: object_declaration companion_object
fun: function_declaration secondary_constructor
typealias: type_alias
top: property_declaration
""",
    "swift": """
class: class_declaration
protocol: protocol_declaration
func: function_declaration protocol_function_declaration init_declaration deinit_declaration
typealias: typealias_declaration
top: property_declaration
""",
    "scala": """
object: object_definition package_object
class: class_definition
trait: trait_definition
enum: enum_definition
def: function_definition function_declaration given_definition
type: type_definition
top: val_definition var_definition
val: (template_body (val_definition) @val)
""",
    "bash": """
function: function_definition
top: variable_assignment
""",
    "lua": """
function: function_declaration
function: (assignment_statement (variable_list) (expression_list value: (function_definition)))
function: (field name: (identifier) value: (function_definition))
top: (assignment_statement (variable_list))
""",
    "elixir": """
module: (call target: (identifier) @_k (#any-of? @_k "defmodule" "defprotocol" "defimpl"))
def: (call target: (identifier) @_k (#any-of? @_k "def" "defp" "defmacro" "defmacrop" "defguard" "defdelegate"))
""",
    "dart": """
class: class_definition mixin_declaration extension_declaration
enum: enum_declaration
def: method_signature
def: (program (function_signature) @def)
typedef: type_alias
""",
    "julia": """
function: function_definition macro_definition
struct: struct_definition
module: module_definition
""",
    "haskell": """
def: signature
type: data_type newtype class
""",
    "ocaml": """
let: let_binding
type: type_binding
module: module_binding
""",
    "erlang": """
def: function_clause
""",
    "proto": """
message: message
service: service
rpc: rpc
enum: enum
""",
    "hcl": """
block: (body (block) @block)
""",
    "graphql": """
type: object_type_definition input_object_type_definition interface_type_definition enum_type_definition
""",
}
_BY_SUFFIX = {
    "python": "py pyi pyw",
    "javascript": "js jsx mjs cjs",
    "typescript": "ts mts cts vue svelte",
    "tsx": "tsx",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "c": "c h",
    "cpp": "cc cpp cxx hpp hh hxx ipp cu",
    "csharp": "cs",
    "ruby": "rb rake gemspec",
    "php": "php",
    "kotlin": "kt kts",
    "swift": "swift",
    "scala": "scala sc",
    "bash": "sh bash zsh",
    "lua": "lua",
    "elixir": "ex exs",
    "dart": "dart",
    "julia": "jl",
    "haskell": "hs",
    "ocaml": "ml",
    "erlang": "erl",
    "proto": "proto",
    "hcl": "tf hcl",
    "graphql": "graphql gql",
}
_GRAMMARS = {suffix: name for name, suffixes in _BY_SUFFIX.items() for suffix in suffixes.split()}
_PATTERN = re.compile(r"\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)|\w+")
TOP = "top"
"""The kind of what counts only when it stands at the left edge: variables of a module."""
WRAP = "wrap"

LANGUAGES = tuple(sorted(_TABLES))
"""Every grammar whose definitions are known here."""


def grammar(path: str) -> str:
    """Return the grammar a path's suffix asks for, ``""`` when there is none."""
    name, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return _GRAMMARS.get(suffix.lower(), "") if name and dot else ""


def query_text(name: str) -> str:
    """Return a language's table as a tree-sitter query."""
    lines = []
    for line in _TABLES[name].strip().splitlines():
        kind, _, patterns = line.partition(": ")
        for pattern in _PATTERN.findall(patterns):
            node = pattern if pattern.startswith("(") else f"({pattern})"
            lines.append(node if f"@{kind}" in node else f"{node} @{kind}")
    return "\n".join(lines)


@cache
def tools(name: str) -> tuple[Language, Query]:
    """Return a grammar and its query, loaded from the installed wheel; nothing is fetched."""
    from tree_sitter import Query
    from tree_sitter_language_pack import get_language

    language = get_language(name)  # type: ignore[arg-type]
    return language, Query(language, query_text(name))
