#!/usr/bin/env python3
"""Checks that PyTorch computes from a model file of Ambulo what Ambulo computes.

    python3 scripts/check_torch.py RUN_OR_MODEL.safetensors REFERENCE.safetensors

The model (a `model.safetensors`, or a run directory that holds one) is rebuilt from torch.nn's layers as
its metadata describes, its weights are loaded, and it is run on `x` [batch, time, channel] of the reference file, which is
already preprocessed and normalised. The result is compared with `logits` [batch, class] of that file, made by Ambulo.

Prints the largest absolute difference. Exit code 0: at most the tolerance (1e-4); 1: more; 2: could not compare.
"""

import argparse
import json
import pathlib
import sys


def stop(message, hint=None):
    print(f"error: {message}", file=sys.stderr)
    if hint:
        print(f"hint: {hint}", file=sys.stderr)
    sys.exit(2)


try:
    import torch
    from safetensors import SafetensorError, safe_open
except ImportError as error:
    stop(f"Python package `{error.name}` is missing", "python3 -m pip install torch safetensors numpy")


def read(path):
    """All tensors and the metadata of a safetensors file."""
    if not path.is_file():
        stop(f"{path}: no such file")
    try:
        with safe_open(path, framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}, file.metadata() or {}
    except OSError as error:
        stop(f"{path}: {error}")
    except SafetensorError as error:
        stop(f"{path}: {error}", "give a file in safetensors format")


def layers_of(path, metadata):
    try:
        layers = json.loads(metadata["ambulo"])["architecture"]["layers"]
    except KeyError as error:
        stop(f"{path}: the metadata has no {error}", "give a model.safetensors written by `ambulo train`")
    except (TypeError, ValueError) as error:
        stop(f"{path}: the metadata `ambulo` cannot be read: {error}")
    if not isinstance(layers, list) or not layers:
        stop(f"{path}: the metadata names no layers")
    return layers


def take(path, tensors, prefix):
    """Removes the tensors of one layer and returns them under PyTorch's names."""
    own = {name[len(prefix) :]: tensors.pop(name) for name in list(tensors) if name.startswith(prefix)}
    if not own:
        stop(f"{path}: no tensors of layer {prefix[:-1]} (`{prefix}…`)")
    return own


def load(path, index, module, weights):
    try:
        module.load_state_dict(weights, strict=True)
    except RuntimeError as error:
        stop(f"{path}: layer {index} does not fit torch.nn.{type(module).__name__}: {error}")
    return module.eval()


POOLS = {"last": lambda x: x[:, -1, :], "mean": lambda x: x.mean(dim=1), "max": lambda x: x.amax(dim=1)}
ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}


def over_time(module):
    """PyTorch's layers over time want [batch, channel, time]."""
    return lambda x: module(x.transpose(1, 2)).transpose(1, 2)


def build(path, layers, tensors):
    """A list of functions from [batch, time, channel] to [batch, class], one for each layer."""
    steps, pooled = [], False
    for index, layer in enumerate(layers):
        kind, prefix = layer.get("type"), f"{index}."
        if kind == "dropout":
            # Nothing is dropped outside training.
            continue
        if kind == "pool":
            pool = layer.get("kind")
            if pool not in POOLS:
                stop(f"{path}: layer {index}: pooling {pool!r} is unknown here, expected one of: {', '.join(POOLS)}")
            steps.append(POOLS[pool])
            pooled = True
        elif kind == "activation":
            steps.append(ACTIVATIONS[layer["kind"]])
        elif kind in ("lstm", "gru"):
            weights = take(path, tensors, prefix)
            if "weight_ih_l0" not in weights:
                stop(f"{path}: layer {index}: no tensor `{prefix}weight_ih_l0`")
            if pooled:
                stop(f"{path}: layer {index}: an LSTM after pooling has no time to run over")
            inputs = weights["weight_ih_l0"].shape[1]
            cell = torch.nn.LSTM if kind == "lstm" else torch.nn.GRU
            both = layer.get("bidirectional", False)
            recurrent = cell(inputs, layer["hidden"], layer["layers"], batch_first=True, bidirectional=both)
            steps.append(lambda x, run=load(path, index, recurrent, weights): run(x)[0])
        elif kind == "conv":
            weights = take(path, tensors, prefix)
            out, width, kernel = weights["weight"].shape
            if layer.get("depthwise"):
                stop(f"{path}: layer {index}: depthwise convolutions are not compared here")
            conv = torch.nn.Conv1d(
                width, out, kernel, layer.get("stride", 1), layer.get("padding", 0), bias="bias" in weights
            )
            steps.append(over_time(load(path, index, conv, weights)))
        elif kind == "batch-norm":
            weights = take(path, tensors, prefix)
            weights["num_batches_tracked"] = torch.tensor(0)
            norm = torch.nn.BatchNorm1d(len(weights["weight"]), eps=layer.get("epsilon", 1e-5))
            steps.append(over_time(load(path, index, norm, weights)))
        elif kind == "attention-pool":
            w = take(path, tensors, prefix)
            steps.append(
                lambda x, w=w: (
                    torch.softmax(torch.tanh(x @ w["weight"].T + w["bias"]) @ w["context"], dim=1).unsqueeze(2) * x
                ).sum(dim=1)
            )
            pooled = True
        elif kind == "linear":
            weights = take(path, tensors, prefix)
            if "weight" not in weights:
                stop(f"{path}: layer {index}: no tensor `{prefix}weight`")
            linear = torch.nn.Linear(weights["weight"].shape[1], layer["out"], bias="bias" in weights)
            steps.append(load(path, index, linear, weights))
        else:
            stop(f"{path}: layer {index}: type {kind!r} is unknown here")
    if tensors:
        stop(f"{path}: tensors that belong to no layer: {', '.join(sorted(tensors))}")
    return steps


def reference(path):
    tensors, _ = read(path)
    for name, dimensions in (("x", 3), ("logits", 2)):
        if name not in tensors:
            stop(f"{path}: no tensor `{name}`, found: {', '.join(sorted(tensors)) or 'none'}")
        if tensors[name].dim() != dimensions:
            stop(f"{path}: `{name}` has shape {list(tensors[name].shape)}, expected {dimensions} dimensions")
    return tensors["x"].float(), tensors["logits"].float()


def main():
    parser = argparse.ArgumentParser(description="Compare PyTorch's output of an Ambulo model with Ambulo's own.")
    parser.add_argument("model", type=pathlib.Path, help="model.safetensors, or a run directory that holds it")
    parser.add_argument("reference", type=pathlib.Path, help="safetensors file with `x` and Ambulo's `logits`")
    parser.add_argument("--tolerance", type=float, default=1e-4, help="largest absolute difference (default: 1e-4)")
    arguments = parser.parse_args()
    model = arguments.model / "model.safetensors" if arguments.model.is_dir() else arguments.model

    tensors, metadata = read(model)
    layers = layers_of(model, metadata)
    try:
        steps = build(model, layers, tensors)
    except (AttributeError, KeyError) as error:
        stop(f"{model}: the description of a layer is incomplete: {error}")
    x, expected = reference(arguments.reference)

    with torch.no_grad():
        found = x
        try:
            for step in steps:
                found = step(found)
        except RuntimeError as error:
            stop(f"`x` of shape {list(x.shape)} does not fit the model: {error}")
    if found.shape != expected.shape:
        stop(f"PyTorch's logits have shape {list(found.shape)}, those of {arguments.reference} {list(expected.shape)}")
    if found.numel() == 0:
        stop(f"{arguments.reference}: no windows to compare")

    difference = (found - expected).abs().max().item()
    agrees = (found.argmax(dim=1) == expected.argmax(dim=1)).sum().item()
    print(f"windows {len(x)}, same class {agrees}, largest absolute difference {difference:.3g}")
    # Written this way round so that NaN fails.
    if not difference <= arguments.tolerance:
        print(f"error: more than {arguments.tolerance:g}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
