"""A run's money as its steps see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_kit.workflows.ledger import budget
from agentops_kit.workflows.ledger.money import dollars, known, units
from agentops_kit.workflows.steps.base import StepFailed

if TYPE_CHECKING:
    from decimal import Decimal

    from agentops_kit.workflows.ledger.handle import Ledger


class RunPurse:
    """The purse of a run with a cap, shared with its sub-workflows and all workers."""

    def __init__(self, ledger: Ledger, root: str) -> None:
        """``root`` is the run the cap belongs to."""
        self._ledger = ledger
        self._root = root

    async def left(self) -> Decimal | None:
        """Return what may still be reserved."""
        state = await self._ledger.ask(budget.state, self._root)
        return None if state is None else dollars(state.left)

    async def reserve(self, dollars: Decimal) -> Held:
        """Set ``dollars`` aside; raises ``StepFailed`` of kind ``cost_cap`` when the cap would be passed."""
        now = self._ledger.clock.now()
        number = await self._ledger.ask(budget.hold, self._root, self._ledger.worker, units(dollars), now)
        if number is None:
            message = f"The run's cost cap does not leave the {dollars.normalize():f} dollars this call may cost."
            raise StepFailed("cost_cap", message)
        return Held(self._ledger, number)


class Held:
    """Money set aside in the database."""

    def __init__(self, ledger: Ledger, number: str) -> None:
        """``number`` is the hold's id."""
        self._ledger = ledger
        self._number = number

    async def settle(self, dollars: Decimal | None) -> None:
        """Spend what the call cost and free the rest; None spends what was held."""
        await self._ledger.ask(budget.settle, self._number, known(dollars))


class OpenPurse:
    """The purse of a run without a cap, and of a replay."""

    async def left(self) -> Decimal | None:
        """Return None: nothing limits it."""
        return None

    async def reserve(self, dollars: Decimal) -> Unheld:
        """Allow it."""
        del dollars
        return Unheld()


class Unheld:
    """Nothing set aside."""

    async def settle(self, dollars: Decimal | None) -> None:
        """Forget it: what a step cost is in its row."""
