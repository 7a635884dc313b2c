"""What a peer makes of a case."""

from dataclasses import dataclass
from typing import Callable


@dataclass
class Prepared:
    """A case that is ready to run."""

    # Trainable values.
    parameters: int
    # Ways to do the same work, by name; the usual one first.
    variants: dict[str, Callable[[], object]]
    # Values that PyTorch's form of the layers has besides: a second bias that is added to the first.
    merged: int = 0


def unsupported(spec):
    """The error for a layer that a peer has not been taught."""
    return NotImplementedError(f"no layer of this kind here: {spec}")
