"""Whether a short Python program can be seen to only read.

Everything that is not on a list is refused: what this accepts has no name, attribute or import through which it could
write, start a program or reach the machinery of Python itself.
"""

from __future__ import annotations

import ast

LONGEST = 4000
SAFE_CALLS = frozenset(
    "abs all any ascii bin bool bytes chr dict divmod enumerate filter float format frozenset hash hex int "
    "isinstance iter len list map max min next oct ord pow print range repr reversed round set sorted str sum tuple "
    "type zip input open".split(),
)
# module -> names that may be taken from it; nothing listed leads to another module or to a write
SAFE_MODULES = {
    name: frozenset(listed.split())
    for name, listed in {
        "json": "load loads dumps JSONDecodeError",
        "sys": "argv stdin version version_info platform executable prefix exit maxsize byteorder path flags",
        "re": (
            "findall search match fullmatch sub split compile finditer escape M I S X MULTILINE IGNORECASE DOTALL "
            "VERBOSE"
        ),
        "math": "sqrt pi e floor ceil log log2 log10 gcd sin cos isclose prod comb factorial",
        "ast": "parse dump walk literal_eval FunctionDef ClassDef AsyncFunctionDef Import ImportFrom unparse",
        "collections": "Counter defaultdict OrderedDict",
        "datetime": "datetime date timedelta timezone UTC",
        "time": "time perf_counter strftime",
        "platform": "python_version system machine platform",
        "tomllib": "load loads",
        "yaml": "safe_load safe_load_all",
        "hashlib": "sha256 sha1 md5",
        "base64": "b64encode b64decode",
        "string": "ascii_letters digits punctuation ascii_lowercase",
        "textwrap": "dedent indent fill",
        "pprint": "pprint pformat",
        "statistics": "mean median stdev",
        "itertools": "chain groupby islice product combinations",
        "os": "getcwd listdir path sep cpu_count environ walk scandir stat getenv getpid name",
        "shutil": "which disk_usage get_terminal_size",
        "socket": "gethostname",
        "inspect": "getsource signature getfile getdoc getsourcefile",
        "configparser": "ConfigParser",
        "fnmatch": "fnmatch filter",
        "functools": "reduce partial",
        "operator": "itemgetter add mul",
        "random": "random randint choice sample seed",
        "uuid": "uuid4 uuid5 NAMESPACE_URL",
        "secrets": "token_hex token_urlsafe",
        "decimal": "Decimal",
        "fractions": "Fraction",
        "locale": "getpreferredencoding",
        "sysconfig": "get_paths get_path get_platform",
        "site": "getsitepackages getusersitepackages",
        "html": "escape unescape",
        "zlib": "crc32",
        "token": "tok_name",
        "keyword": "kwlist iskeyword",
        "calendar": "month monthrange isleap",
        "os.path": "exists join basename dirname isfile isdir getsize abspath splitext realpath",
        "pathlib": "Path PurePath",
        "glob": "glob",
        "csv": "reader DictReader",
        "difflib": "unified_diff",
        "importlib.metadata": "version",
        "urllib.parse": "quote unquote urlparse urlencode",
    }.items()
}
# packages that are asked which version they are
KNOWN_PACKAGES = frozenset(
    "anthropic click django fastapi flask httpx jax jinja2 keras matplotlib numpy openai pandas polars pydantic pytest "
    "requests rich scipy sklearn sqlalchemy tensorflow torch transformers".split()
)
SAFE_MODULES.update(dict.fromkeys(KNOWN_PACKAGES, frozenset({"__version__", "__file__", "VERSION"})))
# methods of plain values; a file object opened for reading has none that writes
SAFE_METHODS = frozenset(
    "get items keys values split rsplit splitlines join strip lstrip rstrip startswith endswith lower upper title "
    "replace format encode decode count index find rfind read readline readlines read_text read_bytes exists "
    "is_file is_dir glob rglob iterdir stat st_size name stem suffix parent parts append extend insert pop sort "
    "reverse add update most_common group groups span isoformat strftime fromisoformat fromtimestamp now utcnow "
    "today timestamp total_seconds year month day hour days hexdigest digest isdigit isalpha zfill ljust rjust "
    "center partition rpartition removeprefix removesuffix elements body lineno end_lineno args id arg names module "
    "major minor micro setdefault union intersection difference capitalize expandtabs buffer scheme netloc query "
    "path cwd home resolve relative_to".split(),
)
REFUSED_NAMES = frozenset(
    "getattr setattr delattr eval exec compile vars globals locals breakpoint exit quit memoryview super object".split()
)
REFUSED = (
    ast.Global,
    ast.Nonlocal,
    ast.Delete,
    ast.ClassDef,
    ast.AsyncFunctionDef,
    ast.Await,
    ast.AsyncFor,
    ast.AsyncWith,
)


def only_reads(source: str) -> bool:
    """Tell whether ``source`` is seen to only read; False also when it is long or not understood."""
    if len(source) > LONGEST:
        return False
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return False
    modules: dict[str, str] = {}
    safe: set[str] = set(SAFE_CALLS)
    nodes = list(ast.walk(tree))
    for node in nodes:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and not _import(node, modules, safe):
            return False
    if any(name in modules or name in SAFE_CALLS for name in _bound(nodes)):
        return False  # a safe name given another meaning
    if _opens_the_path(nodes):
        return False
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    loose = [node for node in nodes if id(node) not in called]
    if any(_only_for_calls(node) for node in loose):
        return False
    return all(_allowed(node, modules, safe) for node in nodes)


def _opens_the_path(nodes: list[ast.AST]) -> bool:
    """Tell whether the program could change where Python looks for modules."""
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    changing = {"append", "insert", "extend", "add", "update"} & attributes
    stored = any(isinstance(node, ast.AugAssign) or _stores_item(node) for node in nodes)
    return any(_is_path(node) for node in nodes) and bool(changing or stored)


def _is_path(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and ast.unparse(node).endswith("sys.path")


def _stores_item(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load)


def _only_for_calls(node: ast.AST) -> bool:
    """Tell whether ``node`` is a name whose arguments must be seen: ``open`` and the two kinds of ``replace``."""
    return (isinstance(node, ast.Name) and node.id == "open") or (
        isinstance(node, ast.Attribute) and node.attr == "replace"
    )


def _import(node: ast.Import | ast.ImportFrom, modules: dict[str, str], safe: set[str]) -> bool:
    """Note the names an import binds; False when it takes something that is not listed."""
    if isinstance(node, ast.ImportFrom):
        allowed = SAFE_MODULES.get(node.module or "", frozenset())
        safe.update(each.asname or each.name for each in node.names)
        return node.level == 0 and all(each.name in allowed and each.name != "path" for each in node.names)
    for each in node.names:
        top, inner, _ = each.name.partition(".")
        bound = each.asname or top
        if each.name not in SAFE_MODULES or (inner and not each.asname and each.name != "os.path"):
            return False
        modules[bound] = each.name if each.asname else top
    return True


def _bound(nodes: list[ast.AST]) -> set[str]:
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    return stored | defined | {node.arg for node in nodes if isinstance(node, ast.arg)}


def _allowed(node: ast.AST, modules: dict[str, str], safe: set[str]) -> bool:
    if isinstance(node, REFUSED):
        return False
    if isinstance(node, ast.FunctionDef):
        return not node.decorator_list
    if isinstance(node, ast.Name):
        return (node.id == "_" or not node.id.startswith("_")) and node.id not in REFUSED_NAMES
    if isinstance(node, ast.Attribute):
        return _attribute(node, modules)
    if isinstance(node, ast.Call):
        return _call(node, modules, safe)
    return True


def _attribute(node: ast.Attribute, modules: dict[str, str]) -> bool:
    if not isinstance(node.ctx, ast.Load):
        return False
    if isinstance(node.value, ast.Name) and node.value.id in modules:
        if node.attr in {"__version__", "__file__", "__name__", "__doc__", "__path__"}:
            return True
        return node.attr in SAFE_MODULES.get(modules[node.value.id], ())
    if ast.unparse(node.value) == "os.path" and modules.get("os") == "os":
        return node.attr in SAFE_MODULES["os.path"]
    return node.attr in SAFE_METHODS


def _call(node: ast.Call, modules: dict[str, str], safe: set[str]) -> bool:
    target = node.func
    if any(
        keyword.arg in {"file", "opener", "default", "object_hook", "cls", "stream", None} for keyword in node.keywords
    ):
        return False
    if isinstance(target, ast.Name):
        if target.id == "open":
            return _opens_to_read(node)
        return target.id in safe or target.id not in modules
    if isinstance(target, ast.Attribute) and target.attr == "replace":  # str.replace takes two; Path.replace takes one
        return len(node.args) > 1 and not any(isinstance(each, ast.Starred) for each in node.args)
    return isinstance(target, ast.Attribute)


def _opens_to_read(node: ast.Call) -> bool:
    modes = [*node.args[1:2], *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
    plain = not node.args[2:] and not any(isinstance(each, ast.Starred) for each in node.args)
    return plain and all(isinstance(mode, ast.Constant) and mode.value in {"r", "rb", "rt"} for mode in modes)
