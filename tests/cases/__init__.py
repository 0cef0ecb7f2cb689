"""Files from the field, details replaced. Each stands for a whole kind."""

from pathlib import Path


def case(name: str) -> bytes:
    """The bytes of one of the files beside this one."""
    return Path(__file__).with_name(name).read_bytes()
