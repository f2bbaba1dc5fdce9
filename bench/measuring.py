"""Measures CPU seconds of this process, wall time and peak memory, and describes the machine."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ENVIRONMENT = {"OMP_WAIT_POLICY": "passive", "OMP_NUM_THREADS": "1"}


@dataclass
class Stages:
    """CPU and wall seconds by stage."""

    cpu: dict[str, float] = field(default_factory=dict)
    wall: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        cpu, wall = time.process_time(), time.perf_counter()
        try:
            yield
        finally:
            self.cpu[name] = self.cpu.get(name, 0.0) + time.process_time() - cpu
            self.wall[name] = self.wall.get(name, 0.0) + time.perf_counter() - wall

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any, **named: Any) -> Any:
            with self.stage(name):
                return work(*given, **named)

        return run

    def timed_iterator(self, name: str, items: Iterator[Any]) -> Iterator[Any]:
        while True:
            with self.stage(name):
                item = next(items, None)
            if item is None:
                return
            yield item


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def in_fresh_process(module: str, *arguments: str) -> dict[str, Any]:
    """Run `python -m module arguments` and return its JSON output."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=os.environ | ENVIRONMENT,
        stdout=subprocess.PIPE,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def medians(measurements: list[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure over repeats, including nested figures."""
    first = measurements[0]
    return {
        name: medians([one[name] for one in measurements])
        if isinstance(value, dict)
        else statistics.median(one[name] for one in measurements)
        for name, value in first.items()
    }


def machine(*more: str) -> dict[str, Any]:
    """The machine, and the versions of libraries, including `more` if they are installed."""
    libraries = ("numpy", "pyarrow", "duckdb", "pandas", "scikit-learn", *(name for name in more if find_spec(name)))
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load_before": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in libraries} | {"xgboost": _xgboost()},
    }


def _xgboost() -> str:
    import xgboost

    return str(xgboost.__version__)


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
