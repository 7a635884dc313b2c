"""PyTorch's side: modules in eager mode."""

import itertools

import torch
from torch import nn
from torch.nn import functional

from prepared import Prepared, unsupported

LEARNING_RATE = 1e-5


def version():
    return torch.__version__


class AttentionPool(nn.Module):
    """Softmax over time of `context . tanh(weight h + bias)` weighs the steps."""

    def __init__(self, channels, hidden):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(hidden, channels) * channels**-0.5)
        self.bias = nn.Parameter(torch.zeros(hidden))
        self.context = nn.Parameter(torch.randn(hidden) * hidden**-0.5)

    def forward(self, x):
        scores = torch.tanh(functional.linear(x, self.weight, self.bias)) @ self.context
        return torch.bmm(scores.softmax(1).unsqueeze(1), x).squeeze(1)


class Pool(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.kind = kind

    def forward(self, x):
        return {"last": lambda: x[:, -1], "mean": lambda: x.mean(1), "max": lambda: x.amax(1)}[self.kind]()


class Classifier(nn.Module):
    """The layers of an architecture under their indices, so that parameters have the same names on both sides."""

    # Layers that take `[batch, channels, time]`; the others take `[batch, time, channels]`.
    CHANNELS_FIRST = (nn.Conv1d, nn.BatchNorm1d)
    RECURRENT = (nn.LSTM, nn.GRU)

    def __init__(self, architecture, channels):
        super().__init__()
        for index, spec in enumerate(architecture["layers"]):
            layer, channels = build(spec, channels)
            self.add_module(str(index), layer)

    def forward(self, x, state=None):
        """`x [batch, time, channels]` to logits; with a state of the recurrent layer, to logits and the next state."""
        channels_first = False
        following = None
        for layer in self.children():
            # The order of the axes changes only where it must.
            if not isinstance(layer, nn.ReLU) and isinstance(layer, self.CHANNELS_FIRST) != channels_first:
                x = x.transpose(1, 2)
                channels_first = not channels_first
            if isinstance(layer, self.RECURRENT):
                x, following = layer(x, state)
            else:
                x = layer(x)
        return x if state is None else (x, following)


def build(spec, channels):
    """A layer and the channels of its result."""
    match spec:
        case {"type": "lstm" | "gru" as kind, "hidden": hidden, "layers": layers}:
            module = nn.LSTM if kind == "lstm" else nn.GRU
            both = spec.get("bidirectional", False)
            layer = module(channels, hidden, layers, batch_first=True, bidirectional=both)
            return layer, hidden * (2 if both else 1)
        case {"type": "conv", "out": out, "kernel": kernel, "stride": stride, "padding": padding}:
            groups = channels if spec["depthwise"] else 1
            return nn.Conv1d(channels, out, kernel, stride, padding, groups=groups, bias=spec["bias"]), out
        case {"type": "batch-norm"}:
            return nn.BatchNorm1d(channels), channels
        case {"type": "activation", "kind": "relu"}:
            return nn.ReLU(), channels
        case {"type": "pool", "kind": kind}:
            return Pool(kind), channels
        case {"type": "attention-pool", "hidden": hidden}:
            return AttentionPool(channels, hidden), channels
        case {"type": "linear", "out": out}:
            return nn.Linear(channels, out), out
    raise unsupported(spec)


def prepare(case):
    torch.set_num_threads(case["threads"])
    torch.manual_seed(1)
    model = Classifier(case["architecture"], case["channels"])
    work = {"train": training, "infer": inference, "window": inference}[case["kind"]]
    run = work(model, case)

    def variant(enabled):
        def run_so():
            torch.backends.mkldnn.enabled = enabled
            run()

        return run_so

    parameters = sum(p.numel() for p in model.parameters())
    return Prepared(parameters, {"oneDNN": variant(True), "without oneDNN": variant(False)})


def training(model, case):
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, fused=True)
    x = torch.randn(case["windows"], case["time"], case["channels"])
    labels = torch.arange(case["windows"]) % case["classes"]
    batches = itertools.cycle(list(zip(x.split(case["batch"]), labels.split(case["batch"]))))

    def run():
        x, labels = next(batches)
        optimiser.zero_grad()
        functional.cross_entropy(model(x), labels).backward()
        optimiser.step()

    return run


def inference(model, case):
    model.eval()
    x = torch.randn(case["batch"], case["time"], case["channels"])

    def run():
        with torch.inference_mode():
            model(x)

    return run


def outputs(case, weights, x):
    model = Classifier(case["architecture"], case["channels"]).eval()
    tensors = {name: torch.tensor(w["values"]).reshape(w["shape"]) for name, w in weights.items()}
    # Only the count of batches that batch normalisation keeps may be missing.
    tensors |= {name: value for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}
    model.load_state_dict(tensors)
    with torch.inference_mode():
        return model(torch.tensor(x).reshape(-1, case["time"], case["channels"])).flatten().tolist()
