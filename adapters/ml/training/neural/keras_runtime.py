"""Loads Keras on TensorFlow: silent, offline, without a file in the home directory, and with repeatable results.

Nothing else imports these libraries, and only a training with `Algorithm.NEURAL` calls this module.
"""

from __future__ import annotations

import logging
import os
import random
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

import numpy as np

PACKAGES = ("keras", "tensorflow")


def is_installed() -> bool:
    return all(find_spec(package) is not None for package in PACKAGES)


def keras_versions() -> dict[str, str]:
    return {"keras": version("keras")} | {"tensorflow": _tensorflow_version()}


def _tensorflow_version() -> str:
    import tensorflow as tf

    return str(tf.__version__)


@contextmanager
def repeatable_keras(seed: int) -> Iterator[Any]:
    """Keras, seeded. The random states of Python and NumPy, which Keras seeds too, are restored afterwards."""
    keras = _keras()
    of_python, of_numpy = random.getstate(), np.random.get_state()
    keras.utils.set_random_seed(seed % 2**32)
    try:
        yield keras
    finally:
        keras.backend.clear_session()
        random.setstate(of_python)
        np.random.set_state(of_numpy)


@contextmanager
def _settings_in(folder: str) -> Iterator[None]:
    """Keras writes its settings into this folder while it is imported, instead of the home directory."""
    before = os.environ.get("KERAS_HOME")
    os.environ["KERAS_HOME"] = folder
    try:
        yield
    finally:
        del os.environ["KERAS_HOME"]
        if before is not None:
            os.environ["KERAS_HOME"] = before


def _keras() -> Any:
    """Import Keras at the first call. One thread, because sums in another order differ in the last digits."""
    os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="3", TF_ENABLE_ONEDNN_OPTS="0")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with tempfile.TemporaryDirectory() as home, _settings_in(home):
            import keras
            import tensorflow as tf
    if tf.config.threading.get_intra_op_parallelism_threads() != 1:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.config.experimental.enable_op_determinism()
    return keras
