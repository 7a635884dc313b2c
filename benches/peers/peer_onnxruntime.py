"""ONNX Runtime's side: inference of an LSTM classifier whose graph is built here."""

import numpy as np
import onnxruntime
from onnx import TensorProto, checker, helper, numpy_helper

from prepared import Prepared, unsupported

OPSET = 21


def version():
    return onnxruntime.__version__


def specs_of(case):
    """The LSTM and the linear layer of the one architecture that is known here."""
    match case["architecture"]["layers"]:
        case [{"type": "lstm"} as lstm, {"type": "pool", "kind": "last"}, {"type": "linear"} as linear]:
            if not lstm.get("bidirectional", False):
                return lstm, linear
    raise unsupported(case["architecture"])


def random_weights(case):
    """Weights with PyTorch's names and shapes."""
    lstm, linear = specs_of(case)
    hidden = lstm["hidden"]
    shapes = {}
    for level in range(lstm["layers"]):
        width = hidden if level else case["channels"]
        shapes[f"0.weight_ih_l{level}"] = (4 * hidden, width)
        shapes[f"0.weight_hh_l{level}"] = (4 * hidden, hidden)
        shapes[f"0.bias_ih_l{level}"] = shapes[f"0.bias_hh_l{level}"] = (4 * hidden,)
    shapes["2.weight"], shapes["2.bias"] = (linear["out"], hidden), (linear["out"],)
    random = np.random.default_rng(1)
    bound = hidden**-0.5
    return {name: random.uniform(-bound, bound, shape).astype(np.float32) for name, shape in shapes.items()}


def onnx_gates(array):
    """From PyTorch's order of the gates, i f g o, to that of ONNX, i o f g."""
    i, f, g, o = np.split(array, 4)
    return np.concatenate([i, o, f, g])


def build(case, weights):
    """`x [batch, time, channels]` to logits `[batch, classes]`."""
    lstm, linear = specs_of(case)
    hidden, batch = lstm["hidden"], case["batch"]
    constants = {"axis_1": np.array([1])}
    nodes = [helper.make_node("Transpose", ["x"], ["x_0"], perm=[1, 0, 2])]
    for level in range(lstm["layers"]):
        weight = {part: weights[f"0.{part}_l{level}"] for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        constants[f"W_{level}"] = onnx_gates(weight["weight_ih"])[None]
        constants[f"R_{level}"] = onnx_gates(weight["weight_hh"])[None]
        constants[f"B_{level}"] = np.concatenate([onnx_gates(weight["bias_ih"]), onnx_gates(weight["bias_hh"])])[None]
        inputs = [f"x_{level}", f"W_{level}", f"R_{level}", f"B_{level}"]
        results = [f"y_{level}", f"last_h_{level}"]
        nodes.append(helper.make_node("LSTM", inputs, results, hidden_size=hidden))
        nodes.append(helper.make_node("Squeeze", [f"y_{level}", "axis_1"], [f"x_{level + 1}"]))
    constants |= {"first": np.array(0), "weight": weights["2.weight"], "bias": weights["2.bias"]}
    # h of the last step, [1, batch, hidden].
    nodes.append(helper.make_node("Gather", [f"last_h_{lstm['layers'] - 1}", "first"], ["last"], axis=0))
    nodes.append(helper.make_node("Gemm", ["last", "weight", "bias"], ["logits"], transB=1))
    # The last level's whole sequence is not used.
    del nodes[-3]

    def values(name, shape):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)]

    graph = helper.make_graph(
        nodes,
        "lstm",
        values("x", [batch, case["time"], case["channels"]]),
        values("logits", [batch, linear["out"]]),
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=10)
    checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = case["threads"]
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def prepare(case):
    weights = random_weights(case)
    session = build(case, weights)
    x = np.random.default_rng(1).standard_normal((case["batch"], case["time"], case["channels"]), dtype=np.float32)
    variants = {"run": lambda: session.run(None, {"x": x}), "io binding": bound(session, x)}
    return Prepared(sum(value.size for value in weights.values()), variants)


def bound(session, x):
    """Input and output bound to memory beforehand."""
    binding = session.io_binding()
    binding.bind_ortvalue_input("x", onnxruntime.OrtValue.ortvalue_from_numpy(x))
    binding.bind_output("logits")
    return lambda: session.run_with_iobinding(binding)


def outputs(case, weights, x):
    arrays = {name: np.array(w["values"], np.float32).reshape(w["shape"]) for name, w in weights.items()}
    session = build(case, arrays)
    x = np.array(x, np.float32).reshape(case["batch"], case["time"], case["channels"])
    return session.run(None, {"x": x})[0].flatten().tolist()
