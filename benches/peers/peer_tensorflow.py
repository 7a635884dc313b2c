"""TensorFlow's side: Keras layers inside a `tf.function`."""

import itertools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

from prepared import Prepared, unsupported

LEARNING_RATE = 1e-5
# Unrolled over more steps than this, a recurrent layer takes minutes to compile.
LONGEST_UNROLLED = 128


def version():
    return tf.__version__


class AttentionPool(layers.Layer):
    """Softmax over time of `context . tanh(weight h + bias)` weighs the steps."""

    def __init__(self, hidden):
        super().__init__()
        self.projection = layers.Dense(hidden, activation="tanh")
        self.context = layers.Dense(1, use_bias=False)

    def call(self, x):
        weights = ops.softmax(self.context(self.projection(x)), axis=1)
        return ops.squeeze(ops.matmul(ops.transpose(weights, (0, 2, 1)), x), 1)


class LastStep(layers.Layer):
    def call(self, x):
        return x[:, -1]


def build(architecture, time, channels, unroll):
    """The model, and how many biases PyTorch's form has besides: Keras' LSTM has one where PyTorch's has two."""
    model = keras.Sequential([keras.Input((time, channels))])
    merged = 0
    specs = architecture["layers"]
    for index, spec in enumerate(specs):
        match spec:
            case {"type": "lstm" | "gru" as kind, "hidden": hidden, "layers": depth}:
                both = spec.get("bidirectional", False)
                last_only = specs[index + 1] == {"type": "pool", "kind": "last"} and not both
                for level in range(depth):
                    layer = (layers.LSTM if kind == "lstm" else layers.GRU)(
                        hidden, return_sequences=level + 1 < depth or not last_only, unroll=unroll
                    )
                    model.add(layers.Bidirectional(layer) if both else layer)
                    merged += 4 * hidden * (1 + both) if kind == "lstm" else 0
            case {"type": "conv", "out": out, "kernel": kernel, "stride": stride, "padding": padding}:
                # With stride 2 and an even number of steps, "same" puts the zeros elsewhere than PyTorch, at the same
                # cost; with an odd number of steps, the results are the same.
                names = {0: "valid", (kernel - 1) // 2: "same"}
                if padding not in names:
                    raise unsupported(spec)
                options = {"strides": stride, "padding": names[padding], "use_bias": spec["bias"]}
                depthwise = spec["depthwise"]
                model.add(
                    layers.DepthwiseConv1D(kernel, **options) if depthwise else layers.Conv1D(out, kernel, **options)
                )
            case {"type": "batch-norm"}:
                model.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
            case {"type": "activation", "kind": "relu"}:
                model.add(layers.ReLU())
            case {"type": "pool", "kind": "last"}:
                if len(model.output_shape) == 3:
                    model.add(LastStep())
            case {"type": "pool", "kind": "mean"}:
                model.add(layers.GlobalAveragePooling1D())
            case {"type": "pool", "kind": "max"}:
                model.add(layers.GlobalMaxPooling1D())
            case {"type": "attention-pool", "hidden": hidden}:
                model.add(AttentionPool(hidden))
            case {"type": "linear", "out": out}:
                model.add(layers.Dense(out))
            case _:
                raise unsupported(spec)
    return model, merged


def prepare(case):
    # Takes effect before the first operation only: one process serves one number of threads.
    tf.config.threading.set_intra_op_parallelism_threads(case["threads"])
    tf.config.threading.set_inter_op_parallelism_threads(case["threads"])
    keras.utils.set_random_seed(1)
    work = {"train": training, "infer": inference, "window": inference}.get(case["kind"])
    if work is None:
        raise NotImplementedError(f"cases of kind {case['kind']} are not built here")
    recurrent = any(spec["type"] in ("lstm", "gru") for spec in case["architecture"]["layers"])
    settings = {"graph": (False, False)}
    if case["trial"]:
        settings["XLA"] = (False, True)
        if recurrent and case["time"] <= LONGEST_UNROLLED:
            settings["unrolled"] = (True, False)
    variants = {}
    for name, (unroll, jit) in settings.items():
        model, merged = build(case["architecture"], case["time"], case["channels"], unroll)
        variants[name] = work(model, case, jit)
    parameters = sum(v.shape.num_elements() for v in model.trainable_variables)
    return Prepared(parameters, variants, merged)


def training(model, case, jit):
    weights = model.trainable_variables
    optimiser = keras.optimizers.AdamW(LEARNING_RATE, weight_decay=0.01, epsilon=1e-8)
    optimiser.build(weights)
    cross_entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function(jit_compile=jit)
    def step(x, labels):
        with tf.GradientTape() as tape:
            loss = cross_entropy(labels, model(x, training=True))
        optimiser.apply_gradients(zip(tape.gradient(loss, weights), weights))
        return loss

    # Made batch by batch: a slice of a tensor would be a copy. Only whole batches, for one compiled shape.
    size = case["batch"]
    shape = (size, case["time"], case["channels"])
    labels = tf.range(size) % case["classes"]
    batches = [(tf.random.normal(shape), labels) for _ in range(case["windows"] // size)]
    batches = itertools.cycle(batches)
    return lambda: step(*next(batches)).numpy()


def inference(model, case, jit):
    @tf.function(jit_compile=jit)
    def infer(x):
        return model(x, training=False)

    x = tf.random.normal((case["batch"], case["time"], case["channels"]))
    return lambda: infer(x).numpy()


def outputs(case, weights, x):
    model, _ = build(case["architecture"], case["time"], case["channels"], unroll=False)
    arrays = {name: np.array(w["values"], np.float32).reshape(w["shape"]) for name, w in weights.items()}
    model.set_weights(keras_weights(case["architecture"], arrays))
    return model(np.array(x, np.float32).reshape(-1, case["time"], case["channels"])).numpy().flatten().tolist()


def keras_weights(architecture, weights):
    """PyTorch's weights by name as Keras' in order."""
    result = []
    for index, spec in enumerate(architecture["layers"]):
        of = lambda name: weights[f"{index}.{name}"]
        match spec["type"]:
            case "lstm" | "gru" as kind:
                # Keras' GRU has z first, then r; the LSTM's order is PyTorch's.
                order = [0, 1, 2, 3] if kind == "lstm" else [1, 0, 2]
                gates = lambda array: np.concatenate([np.split(array, len(order))[gate] for gate in order])
                directions = ["", "_reverse"] if spec.get("bidirectional", False) else [""]
                for level, direction in itertools.product(range(spec["layers"]), directions):
                    w_ih, w_hh, b_ih, b_hh = (
                        gates(of(f"{part}_l{level}{direction}"))
                        for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    )
                    result += [w_ih.T, w_hh.T, b_ih + b_hh if kind == "lstm" else np.stack([b_ih, b_hh])]
            case "conv":
                result += [of("weight").transpose(2, 0, 1) if spec["depthwise"] else of("weight").transpose(2, 1, 0)]
                result += [of("bias")] if spec["bias"] else []
            case "batch-norm":
                result += [of(name) for name in ("weight", "bias", "running_mean", "running_var")]
            case "attention-pool":
                result += [of("weight").T, of("bias"), of("context")[:, None]]
            case "linear":
                result += [of("weight").T, of("bias")]
    return result
