"""How long importing a command line library keeps `--help` waiting. Decision 0006 rests on this.

python benchmarks/command_lines.py
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

PROGRAMS = {
    "nothing": "pass",
    "argparse": "import argparse; argparse.ArgumentParser().add_argument('--x')",
    "click": "import click; click.Command('x', params=[click.Option(['--x'])])",
    "typer": "import typer; typer.Typer().command()(lambda x=1: None)",
}


def seconds(program: str, times: int = 15) -> float | None:
    """Return the median time from start to end of a program; None where it cannot run."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        ended = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
        taken.append(time.perf_counter() - start)
        if ended.returncode:
            return None
    return statistics.median(taken)


def main() -> None:
    """Measure, and print each as a multiple of Python's own start."""
    bare = seconds(PROGRAMS["nothing"])
    for name, program in PROGRAMS.items():
        taken = seconds(program)
        print(f"{name:<9}", "is not installed" if taken is None or bare is None else f"{taken / bare:.2f}")


if __name__ == "__main__":
    main()
