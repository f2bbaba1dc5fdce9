"""A public file that is not in the repository: IBM's sample of telecom customers, 7,043 rows."""

from __future__ import annotations

from pathlib import Path

import pytest

IBM_TELCO = Path(__file__).resolve().parents[2] / "shared" / "data" / "ibm-telco" / "Telco-Customer-Churn.csv"
WHY_SKIPPED = "IBM's telecom sample is not next to the repository (../shared/data/ibm-telco/Telco-Customer-Churn.csv)."


def ibm_telco() -> Path:
    """The file; where it is missing, the test that asks for it is skipped with the reason."""
    if not IBM_TELCO.exists():
        pytest.skip(WHY_SKIPPED)
    return IBM_TELCO
