"""Figures of the house: modules, lines, names, and what is large. Run `python tools/house.py [FOLDER]`.

Migrations are left out: they are written once and never edited.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from pathlib import Path
from statistics import median

ROOT = Path("digest")
LONG = 40  # lines of a function
MANY = 6  # parameters of a function, `self` and `cls` not counted


def modules(room: Path) -> dict[Path, str]:
    """The source of each module below a folder, by its path."""
    found = sorted(room.rglob("*.py"))
    return {path: path.read_text("utf-8") for path in found if "migrations" not in path.parts}


def public_names(tree: ast.Module) -> int:
    """How many classes, functions and constants at the top level another module may use."""
    names = set[str]()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names.update(target.id for target in targets if isinstance(target, ast.Name))
    return sum(not name.startswith("_") for name in names)


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How many arguments a call may give."""
    args = function.args
    return sum(a.arg not in {"self", "cls"} for a in (*args.posonlyargs, *args.args, *args.kwonlyargs))


def imported(tree: ast.Module) -> set[str]:
    """The modules that a module imports, as dotted names; for `from a import b`, both `a` and `a.b`."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def main(room: Path) -> None:
    """Print the figures."""
    sources = modules(room)
    trees = {path: ast.parse(text) for path, text in sources.items()}
    lines = {path: len(text.splitlines()) for path, text in sources.items()}
    functions = [
        node
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    importers: Counter[str] = Counter()
    for tree in (ast.parse(text) for text in modules(ROOT).values()):
        importers.update(imported(tree))
    once = [
        path
        for path in trees
        if path.name != "__init__.py" and importers[".".join(path.with_suffix("").parts)] <= 1
    ]
    longest = max(lines, key=lambda path: lines[path])
    print(f"modules                  {len(lines)}")
    print(f"lines                    {sum(lines.values())}")
    print(f"median module            {median(lines.values()):.0f}")
    print(f"biggest module           {lines[longest]} ({longest})")
    print(f"public names             {sum(map(public_names, trees.values()))}")
    print(f"functions over {LONG} lines  {sum((f.end_lineno or 0) - f.lineno + 1 > LONG for f in functions)}")
    print(f"over {MANY} parameters        {sum(parameters(f) > MANY for f in functions)}")
    print(f"used by one module only  {len(once)}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT)
