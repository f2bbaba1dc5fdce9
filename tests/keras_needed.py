"""Tests that train neural models are skipped where the optional libraries are missing."""

from __future__ import annotations

import pytest

from adapters.ml.training.neural.keras_runtime import is_installed

needs_keras = pytest.mark.skipif(not is_installed(), reason="TensorFlow is not installed: “make neural” installs it")
