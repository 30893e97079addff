"""A few noons of chaos, always the same ones; `make chaos` runs hundreds."""

from __future__ import annotations

from pathlib import Path

from chaos.noons import Day, run
from chaos.verdict import judge


async def test_what_is_promised_holds_while_everything_goes_wrong(database_url: str, tmp_path: Path) -> None:
    """F38, F55-F57, F62: nothing lost, nobody twice, and a record of everything that was taken."""
    sqlite = database_url.startswith("sqlite")
    url = "sqlite:///var/digest.db" if sqlite else database_url

    def tell(_: Day) -> None: ...

    it = await run(tmp_path / "config", url, noons=5, people=20, seed=11, crew=1 if sqlite else 3, tell=tell)

    verdict = judge(it)
    assert verdict.broken == []
    assert verdict.taken >= 20 * 5
    assert sum(verdict.troubles.values()) + sum(verdict.lies.values()) >= 5, "nothing much went wrong"
