"""The cases: one network, one shape and one kind of work each, in the form that all sides read."""

import fnmatch

CLASSES = 6
ALL_PEERS = ("torch", "tensorflow", "onnxruntime")
TRAINING_PEERS = ("torch", "tensorflow")


def lstm(hidden, layers=2, bidirectional=False):
    layer = {"type": "lstm", "hidden": hidden, "layers": layers, "dropout": 0.0}
    # Left out when false: the plain form is the one that every version reads.
    return {**layer, "bidirectional": True} if bidirectional else layer


def gru(hidden, layers=2):
    return {"type": "gru", "hidden": hidden, "layers": layers, "dropout": 0.0, "bidirectional": False}


def conv(out, kernel=5, stride=1, padding=0, depthwise=False):
    sizes = {"out": out, "kernel": kernel, "stride": stride, "padding": padding}
    return {"type": "conv", **sizes, "depthwise": depthwise, "bias": True}


def conv_block(stride):
    return [conv(64, stride=stride, padding=2), BATCH_NORM, RELU]


def pool(kind):
    return {"type": "pool", "kind": kind}


BATCH_NORM = {"type": "batch-norm"}
RELU = {"type": "activation", "kind": "relu"}
LINEAR = {"type": "linear", "out": CLASSES}
ATTENTION = {"type": "attention-pool", "hidden": 32}


def classifier(hidden):
    return [lstm(hidden), pool("last"), LINEAR]


# The backward half of a bidirectional LSTM has seen one step only at the last one: that one takes the mean.
COMPOSED = {
    "gru 2x64": [gru(64), pool("last"), LINEAR],
    "bilstm 2x64": [lstm(64, bidirectional=True), pool("mean"), LINEAR],
    "cnn": [*conv_block(1), *conv_block(2), *conv_block(2), pool("mean"), LINEAR],
    "cnn-lstm": [*conv_block(2), *conv_block(2), lstm(64, layers=1), pool("last"), LINEAR],
    "deepconvlstm": [*[conv(64), RELU] * 4, lstm(128), pool("last"), LINEAR],
    "cnn-lstm-attention": [*conv_block(2), *conv_block(2), lstm(64, layers=1), ATTENTION, LINEAR],
    "tiny": [
        *[conv(15, stride=2, padding=2, depthwise=True), conv(16, kernel=1), BATCH_NORM, RELU],
        *[gru(16, layers=1), pool("mean"), LINEAR],
    ],
}


def case(name, kind, layers, peers, threads=2, batch=1, time=128, channels=9, windows=None):
    return {
        "name": name,
        "peers": peers,
        "kind": kind,
        "architecture": {"layers": layers},
        "time": time,
        "channels": channels,
        "batch": batch,
        "windows": windows or batch,
        "threads": threads,
        "classes": CLASSES,
    }


def standard():
    """What a run measures unless it is told otherwise."""
    shapes = [(32, 64), (64, 64), (128, 64), (64, 256)]
    for hidden, batch in shapes:
        name = f"train lstm 2x{hidden} batch {batch}"
        yield case(name, "train", classifier(hidden), TRAINING_PEERS, batch=batch)
    for hidden, batch in shapes[:3]:
        name = f"train lstm 2x{hidden} batch {batch} 1 thread"
        yield case(name, "train", classifier(hidden), ("torch",), batch=batch, threads=1)
    for hidden in (32, 64, 128):
        yield case(f"one window lstm 2x{hidden}", "window", classifier(hidden), ALL_PEERS, threads=1)
    for_many = ("torch", "onnxruntime")
    yield case("1024 windows lstm 2x64", "infer", classifier(64), for_many, batch=1024)
    for name, layers in COMPOSED.items():
        yield case(f"train {name}", "train", layers, TRAINING_PEERS, batch=64, channels=15)


def scaling():
    """Growth with the length of a window and with the number of windows."""
    sizes = [16, 32, 64, 128, 256, 512, 1024]
    for kind in ("train", "infer"):
        for time in sizes:
            name = f"scaling {kind} steps {time}"
            yield case(name, kind, classifier(64), ("torch",), batch=64, time=time)
        for batch in sizes:
            name = f"scaling {kind} windows {batch}"
            yield case(name, kind, classifier(64), ("torch",), batch=batch)


def memory():
    """Training on a whole data set that is held in memory."""
    name = "memory train lstm 2x64"
    yield case(name, "train", classifier(64), TRAINING_PEERS, batch=64, channels=15, windows=7415)


def selected(cases, pattern, peers):
    """The cases of this name or, without one, whose names hold `pattern` or match it as a glob.

    Each has those of its peers that are wanted.
    """
    cases = list(cases)
    exact = any(one["name"] == pattern for one in cases)
    for one in cases:
        name = one["name"]
        named = name == pattern if exact else pattern in name or fnmatch.fnmatchcase(name, pattern)
        wanted = tuple(peer for peer in one["peers"] if peer in peers)
        if named and wanted:
            yield {**one, "peers": wanted}
