"""What a call costs: the genai-prices table over the usage the provider reported, or prices a workspace gives itself.

A model whose price nobody knows costs None, never zero. Two providers really cost nothing by the call: ``scripted``
calls no one, and ``ollama`` runs on a machine of one's own (its ``-cloud`` models do not, and count as unknown).
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from agentops_kit.errors import ContentInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from agentops_kit.models.base import Usage

FILE = Path(".agentops/prices.yaml")
"""Where a workspace keeps prices of its own: name to ``{input, output, cache_read, cache_write}`` in US dollars per
million tokens."""
MILLION = Decimal(1_000_000)
_TABLED = {"openai": "openai", "azure": "azure", "anthropic": "anthropic", "google": "google"}
"""Our provider's name to the table's."""
_DEAREST_INPUT = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "input_text_mtok")
_DEAREST_OUTPUT = ("output_mtok", "output_text_mtok", "output_reasoning_mtok")


class Rate(NamedTuple):
    """US dollars per million tokens; None where a price of its own is not given, which then is the input's."""

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_write: Decimal | None = None


class Ceiling(NamedTuple):
    """The most a model may charge in US dollars: per token in, per token out, and once per call."""

    input: Decimal
    output: Decimal
    call: Decimal = Decimal(0)


FREE = Ceiling(Decimal(0), Decimal(0))


class Offer(NamedTuple):
    """Who answers under which name, and where; ``address`` is the base URL, by which a price may be known too."""

    provider: str
    model: str
    address: str = ""


def cost(offer: Offer, usage: Usage, own: Mapping[str, Rate]) -> Decimal | None:
    """Return what a call cost in US dollars, None when nobody knows the model's price."""
    rate = own.get(offer.model)
    if rate is not None:
        return _by_rate(rate, usage)
    if is_free(offer):
        return Decimal(0)
    return _by_table(offer, usage)


def ceiling(offer: Offer, own: Mapping[str, Rate]) -> Ceiling | None:
    """Return the highest prices a call may be charged at, in whatever tier or at whatever hour; None for unknown."""
    rate = own.get(offer.model)
    if rate is not None:
        dearest = max(price for price in (rate.input, rate.cache_read, rate.cache_write) if price is not None)
        return Ceiling(dearest / MILLION, rate.output / MILLION)
    if is_free(offer):
        return FREE
    found = _find(offer)
    return None if found is None else _highest(found)


def is_free(offer: Offer) -> bool:
    """Say whether a call of this provider costs nothing by its nature."""
    if offer.provider == "scripted":
        return True
    away = offer.model.endswith("-cloud") or "ollama.com" in offer.address
    return offer.provider == "ollama" and not away


def read(workspace: Path) -> dict[str, Rate]:
    """Return the prices a workspace gives itself; ``ContentInvalid`` names the model and what is wrong."""
    import yaml

    path = workspace / FILE
    if not path.is_file():
        return {}
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{FILE} cannot be read: {' '.join(str(error).split())}."
        raise ContentInvalid(message, remedy="Mend the place it names.") from error
    if not isinstance(said, dict):
        message = f"{FILE} is no mapping of a model to its prices."
        raise ContentInvalid(message, remedy=_EXAMPLE)
    return {str(model): _rate(str(model), prices) for model, prices in said.items()}


_EXAMPLE = "Write, in US dollars per million tokens: `my-model: {input: 0.5, output: 1.5}`."


def _rate(model: str, said: Any) -> Rate:
    if not isinstance(said, dict) or not {"input", "output"} <= said.keys() <= set(Rate._fields):
        message = f"{FILE}: {model} needs `input` and `output`, and may have `cache_read` and `cache_write`."
        raise ContentInvalid(message, remedy=_EXAMPLE)
    values = {}
    for name, value in said.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
            message = f"{FILE}: {model}.{name} is {value!r}, which is no price."
            raise ContentInvalid(message, remedy=_EXAMPLE)
        values[name] = Decimal(str(value))
    return Rate(**values)


def _by_rate(rate: Rate, usage: Usage) -> Decimal:
    plain = max(usage.input - usage.cache_read - usage.cache_write, 0)
    read_at = rate.input if rate.cache_read is None else rate.cache_read
    write_at = rate.input if rate.cache_write is None else rate.cache_write
    parts = (
        plain * rate.input,
        usage.cache_read * read_at,
        usage.cache_write * write_at,
        usage.output * rate.output,
    )
    return sum(parts, Decimal(0)) / MILLION


def _by_table(offer: Offer, usage: Usage) -> Decimal | None:
    found = _find(offer)
    if found is None:
        return None
    from datetime import UTC, datetime

    from genai_prices import Usage as Counted

    counted = Counted(
        input_tokens=max(usage.input, usage.cache_read + usage.cache_write),
        cache_read_tokens=usage.cache_read,
        cache_write_tokens=usage.cache_write,
        output_tokens=usage.output,
    )
    return Decimal(found.get_prices(datetime.now(UTC)).calc_price(counted)["total_price"])


def _find(offer: Offer) -> Any:
    """Return the table's entry of a model, None when it has none."""
    from genai_prices.data_snapshot import get_snapshot

    provider = _TABLED.get(offer.provider)
    if provider is None and not offer.address:
        return None
    try:
        _, model = get_snapshot().find_provider_model(offer.model, None, provider, None if provider else offer.address)
    except LookupError:
        return None
    return model


def _highest(model: Any) -> Ceiling:
    prices = [one.prices for one in model.prices] if isinstance(model.prices, list) else [model.prices]
    per_thousand = _most(prices, ("requests_kcount",))
    return Ceiling(
        _most(prices, _DEAREST_INPUT) / MILLION,
        _most(prices, _DEAREST_OUTPUT) / MILLION,
        per_thousand / 1000,
    )


def _most(prices: Iterable[Any], keys: tuple[str, ...]) -> Decimal:
    return max(
        (amount for price in prices for key in keys for amount in _amounts(vars(price).get(key))), default=Decimal(0)
    )


def _amounts(value: Any) -> list[Decimal]:
    if value is None:
        return []
    if isinstance(value, Decimal):
        return [value]
    return [value.base, *(tier.price for tier in value.tiers)]
