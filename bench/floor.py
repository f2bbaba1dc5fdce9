"""Measures the minimum cost of scoring a file: parse, bare prediction, Parquet. Prints one JSON object.

python -m bench.floor FOLDER FILE
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from adapters.ml.scoring.encoding import PREFIX, Vocabulary
from bench.measuring import Stages, peak_mb
from bench.path import application_in
from bench.reference import booster_of, champion


def measured(folder: Path, file: Path) -> dict[str, Any]:
    application = application_in(folder)
    vocabulary = Vocabulary.of(
        application.predictions.score_run.scoring_pass.registry.scorer(champion(application)).schema
    )
    booster = booster_of(folder)
    booster.inplace_predict(np.zeros((1, len(vocabulary.names)), np.float32))
    kinds = {
        name: pa.float64() if levels is None else pa.dictionary(pa.int32(), pa.string())
        for name, levels in zip(vocabulary.names, vocabulary.levels, strict=True)
    }
    stages = Stages()
    with stages.stage("parse"):
        table = pa.csv.read_csv(
            file,
            read_options=pa.csv.ReadOptions(use_threads=False),
            convert_options=pa.csv.ConvertOptions(column_types=kinds),
        )
    with stages.stage("codes"):
        data = table.unify_dictionaries().rename_columns(
            [PREFIX + name if name in kinds else name for name in table.column_names]
        )
        matrix = np.ascontiguousarray(vocabulary.codes(data))
    with stages.stage("predict"):
        probability = booster.inplace_predict(matrix)
    with stages.stage("parquet"):
        scored = table.append_column("churn_probability", pa.array(probability))
        pq.write_table(scored, folder / "floor.parquet", compression="zstd", compression_level=1)
    return {
        "rows": len(probability),
        "cpu_s": sum(stages.cpu.values()),
        "wall_s": sum(stages.wall.values()),
        "cpu_us_per_row": sum(stages.cpu.values()) / len(probability) * 1e6,
        "stages_cpu_s": stages.cpu,
        "predict_us_per_row": stages.cpu["predict"] / len(probability) * 1e6,
        "peak_mb": peak_mb(),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("file", type=Path)
    options = arguments.parse_args()
    print(json.dumps(measured(options.folder, options.file)))


if __name__ == "__main__":
    main()
