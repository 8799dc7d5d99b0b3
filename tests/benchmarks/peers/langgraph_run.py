"""The same on langgraph with its SQLite checkpointer, each superstep kept before the next begins."""
# mypy: ignore-errors

from __future__ import annotations

import asyncio
import operator
import sys
import time
from typing import Annotated, TypedDict

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from said import say

FIRST: list[float] = []


class State(TypedDict):
    """What the steps give."""

    given: Annotated[list, operator.add]
    count: int


async def src(state: State) -> dict:
    FIRST or FIRST.append(time.time())
    return {"given": []}


async def step(state: dict) -> dict:
    return {"given": [state["number"]]}


async def sink(state: State) -> dict:
    return {}


def fan(state: State) -> list[Send]:
    return [Send("step", {"number": number}) for number in range(state["count"])]


async def main(count: int, database: str) -> None:
    graph = StateGraph(State)
    for name, does in (("src", src), ("step", step), ("sink", sink)):
        graph.add_node(name, does)
    graph.add_edge(START, "src")
    graph.add_conditional_edges("src", fan, ["step"])
    graph.add_edge("step", "sink")
    graph.add_edge("sink", END)
    async with AsyncSqliteSaver.from_conn_string(database) as saver:
        settings = {"configurable": {"thread_id": "1"}, "max_concurrency": 16, "recursion_limit": 50}
        made = graph.compile(checkpointer=saver)
        state = await made.ainvoke({"given": [], "count": count}, settings, durability="sync")
    say(FIRST[0], len(state["given"]) == count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
