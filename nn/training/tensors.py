"""Knows what a safetensors file holds, and that the package of that name writes and reads it.

Its format: 8 bytes with the length of a header, the header as JSON, and the bytes of the arrays,
one after another: https://github.com/huggingface/safetensors. This file must not know layers or
paths.
"""

import importlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

DTYPES = frozenset(np.dtype(code) for code in [*"?efdbhiqBHIQ"])  # bool, floats, integers
OURS = "autograd_mini"  # our entry in the notes of the format, which are texts by name


def looks_like_tensors(start: bytes) -> bool:
    """Whether the first bytes of a file may be those of a safetensors file."""
    return len(start) > 8 and start[8:9] == b"{" and int.from_bytes(start[:8], "little") < 2**27


def pack(state: Mapping[str, NDArray[Any]], notes: str) -> bytes:
    """Arrays by name and notes as the bytes of a file.

    Raises ImportError without the package, and TypeError for a dtype that the format lacks.
    """
    arrays = {}
    for name, x in state.items():
        if name == "__metadata__":
            raise ValueError(f"{name} is the name of the notes in a safetensors file")
        dtype = x.dtype.newbyteorder("=")
        if dtype not in DTYPES:
            raise TypeError(f"{name}: safetensors has no dtype {x.dtype}; save it as npz")
        # the package writes the bytes as they lie in memory, whatever their order
        arrays[name] = np.asarray(x, dtype=dtype, order="C")
    texts = {OURS: json.dumps({"names": [*arrays], "notes": notes})}
    return bytes(_package().save(arrays, metadata=texts))


def unpack(content: bytes) -> tuple[dict[str, NDArray[Any]], str, dict[str, str]]:
    """New arrays by name, the notes that `pack` was given or "", and all texts by name.

    Raises ImportError without the package, TypeError for a dtype that NumPy lacks, and what the
    package raises for other bytes.
    """
    package = _package()
    try:
        found = {name: np.array(x) for name, x in package.load(content).items()}
    except KeyError as code:
        raise TypeError(
            f"NumPy has no dtype {code.args[0]}; write it as float32 where it comes from"
        ) from code
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    texts: dict[str, str] = header.get("__metadata__") or {}
    if OURS not in texts:
        return found, "", texts
    ours = json.loads(texts[OURS])
    # other programs may keep our notes when they add arrays or take some out
    order = dict.fromkeys([*ours["names"], *found])
    return {name: found[name] for name in order if name in found}, ours["notes"], texts


def _package() -> Any:
    try:
        return importlib.import_module("safetensors.numpy")
    except ImportError as missing:
        raise ImportError(
            "this format needs safetensors: pip install 'autograd-mini[safetensors]'"
        ) from missing
