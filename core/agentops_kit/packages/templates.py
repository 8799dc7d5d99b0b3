"""Templates of a package from elsewhere: looked at before they are rendered, so that none can grow or loop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jinja2 import Environment

    from agentops_kit.content.library import Loaded

_PLAIN = frozenset(
    "And Assign Call Compare CondExpr Const If Include Keyword Name Not Operand Or Output Template TemplateData".split()
)
"""What a text needs: words, conditions, partials, a name for a word. No loop, macro, filter, sum or attribute."""
_MOST_PARTIALS = 200


def require_plain(loaded: Loaded, partials: Mapping[str, str]) -> None:
    """Refuse, with ``ContentInvalid``, templates that do more than fill in words and include paragraphs."""
    from jinja2 import Environment

    environment = Environment(autoescape=False)  # noqa: S701 - only parsed here, never rendered
    bodies = [(item.where, item.body) for item in (*loaded.commands, *loaded.personas, *loaded.skills)]
    own = [(f"{loaded.where}: partial {name}", text) for name, text in loaded.partials]
    included = {name: tuple(_read(environment, text, name)) for name, text in partials.items()}
    for where, text in (*bodies, *own):
        named = tuple(_read(environment, text, where))
        if _grown(named, included, ()) > _MOST_PARTIALS:
            message = f"{where}: its partials include each other in a loop, or more than {_MOST_PARTIALS} times."
            raise ContentInvalid(message, remedy="Include each paragraph once.")


def _read(environment: Environment, text: str, where: str) -> Iterator[str]:
    """Yield the partials that a template includes; a template that does not parse is reported when it is rendered."""
    from jinja2 import TemplateSyntaxError, nodes

    try:
        tree = environment.parse(text)
    except TemplateSyntaxError:
        return
    for node in tree.find_all(nodes.Node):
        kind = type(node).__name__
        if kind not in _PLAIN or (isinstance(node, nodes.Include) and not isinstance(node.template, nodes.Const)):
            message = f"{where}: line {node.lineno} of the template uses {kind}, which a package may not."
            raise ContentInvalid(message, remedy="Use plain text, the words of templates and include.")
        if isinstance(node, nodes.Include) and isinstance(node.template, nodes.Const):
            yield str(node.template.value)


def _grown(named: Iterable[str], included: Mapping[str, tuple[str, ...]], chain: tuple[str, ...]) -> int:
    """Return how many paragraphs these come to, counting no further than the limit; a loop is over it."""
    total = 0
    for name in named:
        if name in chain or total > _MOST_PARTIALS:
            return _MOST_PARTIALS + 1
        total += 1 + _grown(included.get(name, ()), included, (*chain, name))
    return total
