"""The Python that runs functions, which has `awslambdaric` and boto3 and nothing else."""

from pathlib import Path
from typing import Final

FUNCTION_PYTHON: Final = Path(__file__).parents[2] / "runtime" / ".venv" / "bin" / "python"
"""In the environment of its own project, `local/runtime`."""
