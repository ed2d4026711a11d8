#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""PyTorch as a peer of the benches: Debian's python3-torch, or a newer one of PyPI. Speaks the
protocol of bench/README.md on stdin and stdout. Argument: where this PyTorch comes from."""
import array
import itertools
import json
import logging
import os
import sys
import time

import torch
from torch import nn
from torch.nn import functional

HAS_COMPILE = hasattr(torch, "compile")
logging.getLogger("torch").setLevel(logging.ERROR)  # of its own library it misses GPU parts


def read_numbers(path, code):
    values = array.array(code)
    with open(path, "rb") as file:
        values.frombytes(file.read())
    return torch.frombuffer(values, dtype=torch.float32 if code == "f" else torch.int64)


class Net(nn.Module):
    """The chain of layers of a case, with its initial weights."""

    def __init__(self, layers, weights):
        super().__init__()
        at, parts = 0, []
        for layer in layers:
            part = self.part(layer)
            for parameter in part.parameters():
                count = parameter.numel()
                with torch.no_grad():
                    parameter.copy_(weights[at:at + count].view(parameter.shape))
                at += count
            parts.append(part)
        self.chain = nn.Sequential(*parts)

    @staticmethod
    def part(layer):
        if layer["op"] == "conv":
            out, inner, height, width = layer["weights"]
            return nn.Conv2d(inner, out, (height, width), padding=layer["pad"])
        if layer["op"] == "dense":
            return nn.Linear(layer["weights"][1], layer["weights"][0])
        return {"relu": nn.ReLU, "flatten": nn.Flatten}[layer["op"]]() \
            if layer["op"] != "pool" else nn.MaxPool2d(2)

    def forward(self, x):
        return self.chain(x)


class Work:
    """What all kinds of work share: the rows, and the setting."""

    def __init__(self, work):
        setting = work["setting"]
        torch.set_num_threads(setting.get("threads", 1))
        torch.set_flush_denormal(setting.get("flush_denormals", False))
        self.batch = work["batch"]
        self.features = read_numbers(work["features"], "f").view(-1, *work["row"])
        self.labels = read_numbers(work["labels"], "q")
        self.nhwc = setting.get("layout") == "nhwc"

    def laid_out(self, x):
        return x.contiguous(memory_format=torch.channels_last) if self.nhwc else x

    def batches(self):
        count = len(self.labels) // self.batch
        pieces = [(self.laid_out(self.features[i * self.batch:(i + 1) * self.batch]),
                   self.labels[i * self.batch:(i + 1) * self.batch]) for i in range(count)]
        return itertools.cycle(pieces)

    def net(self, work):
        if HAS_COMPILE:
            torch._dynamo.reset()  # or the eighth compiled net silently runs eagerly
        net = Net(work["layers"], read_numbers(work["weights"], "f"))
        return net.to(memory_format=torch.channels_last) if self.nhwc else net


class Train(Work):
    def __init__(self, work):
        super().__init__(work)
        setting = work["setting"]
        self.model = self.net(work)
        more = {"fused": True} if setting.get("fused") else {}
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=work["rate"],
                                         momentum=work["momentum"], **more)
        self.autocast = setting.get("autocast", False)
        self.forward = torch.compile(self.loss) if setting.get("mode") == "compile" else self.loss
        self.feed = self.batches()

    def loss(self, x, y):
        if not self.autocast:
            return functional.cross_entropy(self.model(x), y)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return functional.cross_entropy(self.model(x), y)

    def iterate(self):
        x, y = next(self.feed)
        self.optimizer.zero_grad(set_to_none=True)
        loss = self.forward(x, y)
        loss.backward()
        self.optimizer.step()
        return loss

    def answer(self, count):
        return [self.iterate().item() for _ in range(count)]


class Infer(Work):
    def __init__(self, work):
        super().__init__(work)
        setting = work["setting"]
        self.model = self.net(work).eval()
        self.feed = self.batches()
        self.forward = self.model
        if setting.get("mode") == "compile":
            self.forward = torch.compile(self.model)
        elif setting.get("mode") == "traced":
            x, _ = next(self.batches())
            with torch.no_grad():
                self.forward = torch.jit.freeze(torch.jit.trace(self.model, x))

    def iterate(self):
        with torch.inference_mode():
            return self.forward(next(self.feed)[0])

    def answer(self, count):
        return [value for _ in range(count) for value in self.iterate().flatten().tolist()]


class Load(Work):
    def __init__(self, work):
        super().__init__(work)
        if work["how"] == "dataloader":
            data = torch.utils.data.TensorDataset(self.features, self.labels)
            loader = torch.utils.data.DataLoader(data, batch_size=self.batch, shuffle=True,
                                                 num_workers=0)
            self.epoch = lambda: iter(loader)
        else:
            self.epoch = self.indexed
        self.feed = itertools.chain.from_iterable(self.epoch() for _ in itertools.count())

    def indexed(self):
        order = torch.randperm(len(self.labels))
        for first in range(0, len(order), self.batch):
            rows = order[first:first + self.batch]
            yield self.features[rows], self.labels[rows]

    def iterate(self):
        return next(self.feed)

    def answer(self, _):
        rows = first = labels = 0
        for x, y in self.epoch():
            rows += len(y)
            first += x[:, 0].double().sum().item()
            labels += y.sum().item()
        return [rows, first, labels]


KINDS = {"train": Train, "infer": Infer, "load": Load}


def train_settings(threads, precision):
    more = {"autocast": True} if precision == "bf16" else {}
    for t in range(1, threads + 1):
        for layout in ("nchw", "nhwc"):
            yield {"threads": t, "mode": "eager", "layout": layout, **more}
            if HAS_COMPILE:
                yield {"threads": t, "mode": "eager", "layout": layout, "fused": True,
                       "flush_denormals": True, **more}
                yield {"threads": t, "mode": "compile", "layout": layout, "fused": True,
                       "flush_denormals": True, **more}


def infer_settings(threads):
    for t in range(1, threads + 1):
        for layout in ("nchw", "nhwc"):
            for mode in ("eager", "traced") + (("compile",) if HAS_COMPILE else ()):
                yield {"threads": t, "mode": mode, "layout": layout}


def hello(question):
    kind, threads = question["kind"], question.get("threads", 1)
    settings = {"train": lambda: list(train_settings(threads, question.get("precision"))),
                "infer": lambda: list(infer_settings(threads)),
                "load": lambda: [{"threads": t} for t in range(1, threads + 1)]}[kind]()
    return {"name": "PyTorch", "version": torch.__version__,
            "source": sys.argv[1] if len(sys.argv) > 1 else "unknown", "settings": settings}


def run(task, count):
    times, iterate, clock = [], task.iterate, time.perf_counter
    cpu_begin, begin = time.process_time(), clock()
    last = begin
    for _ in range(count):
        iterate()
        now = clock()
        times.append(now - last)
        last = now
    cpu = time.process_time() - cpu_begin
    times.sort()
    return {"iterations": count, "wall_s": last - begin, "cpu_s": cpu, "min_s": times[0],
            "p50_s": times[(count - 1) // 2], "p99_s": times[int(0.99 * (count - 1))]}


def prepare(question):
    begin = time.perf_counter()
    task = KINDS[question["kind"]](question)
    ready = time.perf_counter()
    out = {"prepare_s": ready - begin, "kernels": []}
    if question.get("cold"):
        task.iterate()
        out["first_s"] = time.perf_counter() - ready
        task = KINDS[question["kind"]](question)
    return task, out


def main():
    # The protocol has stdout to itself: what libraries print goes to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    task = None
    for line in sys.stdin:
        question = json.loads(line)
        what = question["do"]
        try:
            if what == "hello":
                reply = hello(question)
            elif what == "prepare":
                task, reply = prepare(question)
            elif what == "run":
                reply = run(task, question["n"])
            elif what == "answer":
                reply = {"values": task.answer(question["n"])}
            else:
                reply = {}
        except Exception as error:  # whatever the library throws is an answer, not our end
            reply = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        try:
            answers.write(json.dumps(reply) + "\n")
            answers.flush()
        except BrokenPipeError:  # nobody listens any more
            os._exit(1)
        if what == "quit":
            return


main()
