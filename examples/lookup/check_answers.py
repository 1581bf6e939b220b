"""Show that the lookup example answers right, and that it is the stores it answers from.

Runs the real system, a run a question and seed, three times over: with the stores as shipped;
with the facts of two people swapped, where the answers must follow; and with empty stores, where
they must not be right. Prints a line a run and the tallies; exit code 1 when too many are wrong.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
STORES = ("facts", "biographies")
ENOUGH = 27 / 30


@dataclass(frozen=True)
class Question:
    """What is asked, a word of the right answer, and one of the answer once people are swapped."""

    text: str
    word: str
    swapped: str | None


@dataclass(frozen=True)
class World:
    """The stores in one of their three conditions."""

    name: str
    documents: dict[str, list[dict[str, object]]]


def main() -> int:
    """Run all of it; 0 where enough answers are right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="runs a question (default: 10)")
    seeds = range(1, parser.parse_args().seeds + 1)
    spec = json.loads((HERE / "questions.json").read_text(encoding="utf-8"))
    questions = [Question(**fields) for fields in spec["questions"]]
    shipped = {store: _documents(store) for store in STORES}
    swapped = {store: _swap(docs, *spec["swap"]) for store, docs in shipped.items()}
    follow = [Question(q.text, q.swapped, None) for q in questions if q.swapped]
    right = tally(World("as shipped", shipped), questions, seeds)
    followed = tally(World("swapped", swapped), follow, seeds)
    guessed = tally(World("empty", {store: [] for store in STORES}), questions, seeds)
    good = right >= ENOUGH and followed >= ENOUGH and guessed <= 1 - ENOUGH
    print("as it should be" if good else "not as it should be")
    return 0 if good else 1


def tally(world: World, questions: list[Question], seeds: range) -> float:
    """Ask every question with every seed; the share of answers that hold the word."""
    right = 0
    with tempfile.TemporaryDirectory() as folder:
        for question in questions:
            for seed in seeds:
                said = ask(Path(folder), world, question.text, seed)
                hit = question.word in said.lower()
                right += hit
                print(f"{world.name}, seed {seed}: {'+' if hit else '-'} {question.text} {said!r}")
    total = len(questions) * len(seeds)
    print(f"{world.name}: {right} of {total} answers hold the fact\n", flush=True)
    return right / total


def ask(folder: Path, world: World, question: str, seed: int) -> str:
    """One run of the plan with these stores, this question and this seed; its answer."""
    plan = json.loads((HERE / "plan.json").read_text(encoding="utf-8"))
    for store in STORES:
        lines = "".join(json.dumps(document) + "\n" for document in world.documents[store])
        (folder / f"{store}.jsonl").write_text(lines, encoding="utf-8")
    plan["messages"][0]["content"] = question
    plan["resources"]["llm"] = {"default": {"params": {"seed": seed}}}
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    command = [coordinator(), "run", str(folder / "plan.json"), "--json", "--quiet"]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False)  # noqa: S603 our own command
    answers = json.loads(done.stdout)["answers"] if done.stdout else []
    return str(answers[0]["content"]) if answers else ""


def coordinator() -> str:
    """The coordinator's script: the one beside this Python, else the first on the path."""
    found = shutil.which("regions-coordinator", path=Path(sys.executable).parent)
    return found or shutil.which("regions-coordinator") or sys.exit("regions-dist isn't installed")


def _documents(store: str) -> list[dict[str, object]]:
    text = (HERE / f"{store}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def _swap(documents: list[dict[str, object]], one: str, other: str) -> list[dict[str, object]]:
    text = json.dumps(documents).replace(one, "\0").replace(other, one).replace("\0", other)
    swapped: list[dict[str, object]] = json.loads(text)
    return swapped


if __name__ == "__main__":
    sys.exit(main())
