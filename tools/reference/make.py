"""Writes test/reference/*.json: values of every operator from PyTorch and NumPy, computed in float64.

Run with a Python that has torch and numpy:  python tools/reference/make.py
"""

import json
import math
import pathlib
import random
from fractions import Fraction

import numpy as np
import torch
import torch.nn.functional as F

FOLDER = pathlib.Path(__file__).parents[2] / "test" / "reference"
VERSIONS = {"torch": torch.__version__.split("+")[0], "numpy": np.__version__}
torch.set_default_dtype(torch.float64)
torch.manual_seed(0)

EDGES = [0.0, 1e-8, 1e-3, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 50.0, 88.0, 100.0, 700.0, 708.0, 710.0, 1000.0, 1e5]
REALS = torch.tensor(EDGES + [-x for x in EDGES[1:]])
POSITIVE = torch.tensor([5e-324, 1e-300, 1e-8, 0.1, 0.5, 1.0, 2.0, 3.0, 10.0, 1e10, 1e300])
cases = []


def numbers(array):
    """JSON has no infinities and no NaN."""
    return [x if math.isfinite(x) else str(x) for x in array.reshape(-1).tolist()]


def tensor(value):
    array = value.numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
    dtype = {"float64": "float64", "int64": "int64", "bool": "bool"}[str(array.dtype)]
    kept = array.astype(np.float64) if dtype != "int64" else array
    return {"shape": list(array.shape), "dtype": dtype, "values": numbers(kept)}


def case(op, attrs, inputs, function):
    """Rational attributes are given as text."""
    output = function(*inputs)
    cases.append({"op": op, "attrs": attrs, "inputs": [tensor(x) for x in inputs], "output": tensor(output)})


def integers(*shape):
    return torch.randint(-9, 10, shape)


def booleans(*shape):
    return torch.randint(0, 2, shape).bool()


def elementwise():
    for op, function in {
        "Neg": torch.neg, "Exp": torch.exp, "Sin": torch.sin, "Cos": torch.cos, "Erf": torch.erf, "Abs": torch.abs,
        "Square": torch.square, "Tanh": torch.tanh, "Sigmoid": torch.sigmoid, "Relu": torch.relu, "Elu": F.elu,
        "Silu": F.silu, "Softplus": F.softplus, "StopGradient": torch.detach,
    }.items():  # fmt: skip
        for x in [REALS, torch.randn(2, 1, 3), torch.randn(())]:
            case(op, {}, [x], function)
    for op, function in {"Log": torch.log, "Sqrt": torch.sqrt, "Reciprocal": torch.reciprocal}.items():
        case(op, {}, [POSITIVE[1:] if op == "Reciprocal" else POSITIVE], function)
    for slope in ["1/100", "3/10"]:
        case("LeakyRelu", {"slope": slope}, [REALS], lambda x: F.leaky_relu(x, float(Fraction(slope))))
    for form in ["none", "tanh"]:
        case("Gelu", {"approximate": form}, [REALS], lambda x: F.gelu(x, approximate=form))
    for exponent in ["2", "3", "-1", "-2", "1/2", "-1/2", "1/3", "3/4", "0"]:
        x = torch.tensor([-2.0, -0.5, 0.25, 1.0, 3.0]) if "/" not in exponent else torch.tensor([0.25, 1.0, 3.0, 1e6])
        case("Power", {"exponent": exponent}, [x], lambda x: torch.pow(x, float(Fraction(exponent))))
    for op in [torch.neg, torch.abs]:
        case(op.__name__.capitalize(), {}, [integers(5)], op)
    case("Not", {}, [booleans(5)], torch.logical_not)
    case("Cast", {"dtype": "float64"}, [integers(2, 3)], lambda x: x.double())
    case("Cast", {"dtype": "int64"}, [booleans(4)], lambda x: x.long())
    case("Cast", {"dtype": "bool"}, [integers(6)], lambda x: x.bool())


def binary():
    shapes = [((2, 3), (2, 3)), ((3,), (2, 1)), ((2, 1, 3), (4, 1)), ((), (2,)), ((1, 1), (3,))]
    functions = {
        "Add": torch.add, "Sub": torch.sub, "Mul": torch.mul, "Div": torch.div, "Maximum": torch.maximum,
        "Minimum": torch.minimum, "Less": torch.lt, "Equal": torch.eq,
    }  # fmt: skip
    for op, function in functions.items():
        for left, right in shapes:
            case(op, {}, [torch.randn(left), torch.randn(right)], function)
            if op != "Div":
                case(op, {}, [integers(*left), integers(*right)], function)
    for left, right in shapes:
        case("And", {}, [booleans(*left), booleans(*right)], torch.logical_and)
        case("Where", {}, [booleans(*left), torch.randn(right), torch.randn(left)], torch.where)
        case("Where", {}, [booleans(*left), integers(*right), integers(*left)], torch.where)
    for op, function in {"Add": torch.add, "Mul": torch.mul}.items():
        case(op, {}, [booleans(8), booleans(8)], function)
    infinite = torch.tensor([-math.inf, 0.0, -math.inf])
    case("Maximum", {}, [infinite, torch.tensor([1.0, -math.inf, -math.inf])], torch.maximum)
    case("Less", {}, [infinite, torch.tensor([1.0, -math.inf, -math.inf])], torch.lt)


def reductions():
    for shape, axes in [((2, 3, 4), [1]), ((2, 3, 4), [0, 2]), ((5,), [0]), ((2, 1, 3), [1]), ((2, 1, 3), [0, 1, 2])]:
        x = torch.randn(shape)
        case("Sum", {"axes": axes}, [x], lambda x: torch.sum(x, axes))
        case("Sum", {"axes": axes}, [integers(*shape)], lambda x: torch.sum(x, axes))
        case("Max", {"axes": axes}, [x], lambda x: torch.amax(x, axes))
        case("Max", {"axes": axes}, [integers(*shape)], lambda x: torch.amax(x, axes))
        case("Mean", {"axes": axes}, [x], lambda x: torch.mean(x, axes))
        case("Variance", {"axes": axes, "correction": 0}, [x], lambda x: torch.var(x, axes, correction=0))
        if math.prod(shape[axis] for axis in axes) > 1:
            case("Variance", {"axes": axes, "correction": 1}, [x], lambda x: torch.var(x, axes, correction=1))
    case("Sum", {"axes": [1]}, [booleans(2, 5)], lambda x: torch.sum(x, 1))
    large = torch.tensor([[1000.0, 999.0, -1000.0], [-1e5, -1e5, -1e5], [710.0, 0.0, -745.0], [0.0, 1e-9, -1e-9]])
    masked = torch.tensor([[0.5, -math.inf, 1.5], [-math.inf, 2.0, -math.inf], [-1e9, 1.0, 2.0]])
    for x in [large, masked, torch.randn(2, 3, 4), torch.randn(3, 1)]:
        for axis in range(x.ndim):
            if x is masked and axis == 0:
                continue
            case("Softmax", {"axis": axis}, [x], lambda x: torch.softmax(x, axis))
            case("LogSoftmax", {"axis": axis}, [x], lambda x: torch.log_softmax(x, axis))
            rest = x.sum(axis).shape
            labels = torch.arange(math.prod(rest)).reshape(rest) % x.shape[axis]
            case("TakeAlong", {"axis": axis}, [x, labels],
                 lambda x, k: x.gather(axis, k.unsqueeze(axis)).squeeze(axis))
            # NumPy says which of equal elements it is.
            for op, place in {"Argmax": np.argmax, "Argmin": np.argmin}.items():
                case(op, {"axis": axis}, [x], lambda x, place=place: torch.tensor(place(x.numpy(), axis)))
            case("CrossEntropy", {"axis": axis}, [x, labels],
                 lambda x, k: F.cross_entropy(x.movedim(axis, 1), k, reduction="none"))
            case("LogSumExp", {"axis": axis}, [x], lambda x: torch.logsumexp(x, axis))
    for shape, axes in [((2, 3, 4), [2]), ((2, 3, 4), [1, 2]), ((3, 1), [1]), ((6,), [0])]:
        for epsilon in ["1/100000", "1/10"]:
            sizes = [shape[axis] for axis in axes]
            x, attrs = torch.randn(shape), {"axes": axes, "epsilon": epsilon}
            case("Normalize", attrs, [x], lambda x: F.layer_norm(x, sizes, eps=float(Fraction(epsilon))))
            case("RmsNormalize", attrs, [x], lambda x: F.rms_norm(x, sizes, eps=float(Fraction(epsilon))))
    x = torch.randn(2, 3, 4)
    case("Normalize", {"axes": [0, 2], "epsilon": "1/10"}, [x], lambda x: F.instance_norm(
        x.permute(1, 0, 2).reshape(1, 3, 8), eps=0.1).reshape(3, 2, 4).permute(1, 0, 2).contiguous())


def leaves():
    for size in [0, 1, 5]:
        case("Iota", {"size": size, "dtype": "int64"}, [], lambda: torch.arange(size))


def structure():
    for equation, left, right in [
        ("ab,bc->ac", (2, 3), (3, 4)), ("ab,cb->ac", (2, 3), (4, 3)), ("ab,ac->bc", (3, 2), (3, 4)),
        ("abcd,abed->abce", (2, 1, 3, 4), (2, 1, 5, 4)), ("a,a->", (5,), (5,)), ("a,b->ab", (2,), (3,)),
        ("ab,b->a", (2, 3), (3,)), ("abc,cde->abde", (2, 3, 4), (4, 2, 2)), ("ab,ab->ab", (2, 3), (2, 3)),
        ("ab,ab->", (2, 3), (2, 3)), (",a->a", (), (3,)), ("ab,ca->bc", (1, 2), (3, 1)), ("abc,dab->cd", (2, 3, 2), (3, 2, 3)),
    ]:  # fmt: skip
        for draw in [np.random.default_rng(0).standard_normal, lambda shape: integers(*shape).numpy()]:
            case("Contract", {"equation": equation}, [draw(left), draw(right)], lambda x, y: np.einsum(equation, x, y))
    for x in [np.random.default_rng(1).standard_normal((2, 3, 4)), integers(2, 3, 4).numpy()]:
        for permutation in [[2, 0, 1], [0, 2, 1], [0, 1, 2]]:
            case("Transpose", {"permutation": permutation}, [x], lambda x: np.transpose(x, permutation))
        for shape in [[24], [6, 4], [4, 1, 6]]:
            case("Reshape", {"shape": shape}, [x], lambda x: np.reshape(x, shape))
        case("Broadcast", {"shape": [5, 2, 3, 4]}, [x], lambda x: np.broadcast_to(x, (5, 2, 3, 4)))
        case("Broadcast", {"shape": [2, 3, 4]}, [x[:, :1]], lambda x: np.broadcast_to(x, (2, 3, 4)))
        for axis in range(3):
            case("Concat", {"axis": axis}, [x, x + 1, x], lambda *parts: np.concatenate(parts, axis))
        case("Concat", {"axis": 1}, [x, x[:, :1]], lambda *parts: np.concatenate(parts, 1))
        for start, stop, step in [(0, 4, 1), (1, 4, 2), (0, 4, 3), (2, 2, 1)]:
            attrs = {"axis": 2, "start": start, "stop": stop, "step": step}
            case("Slice", attrs, [x], lambda x: x[:, :, start:stop:step])
        case("Slice", {"axis": 1, "start": 1, "stop": 3, "step": 1}, [x], lambda x: x[:, 1:3])
        for indices in [np.array([1, 0, 1, -1]), np.array([[0], [1]]), np.array(1)]:
            case("Take", {}, [x, indices], lambda x, i: x[i])
    case("Concat", {"axis": 0}, [np.array([1, 2]), np.array([0.5])], lambda *parts: np.concatenate(parts))
    case("Constant", {"value": "44715/1000000", "dtype": "float64"}, [], lambda: np.array(0.044715))
    case("Constant", {"value": "-3", "dtype": "int64"}, [], lambda: np.array(-3))
    for name, value in {"pi": math.pi, "e": math.e, "negative infinity": -math.inf}.items():
        case("NamedConstant", {"name": name, "dtype": "float64"}, [], lambda: np.array(value))


def heads():
    x = integers(2, 3, 8)
    for count in [1, 2, 4]:
        case("SplitHeads", {"heads": count}, [x], lambda x, n=count: x.unflatten(-1, (n, -1)).transpose(-3, -2))
    for z in [integers(2, 4, 3, 2), integers(4, 3, 1)]:
        case("MergeHeads", {}, [z], lambda z: z.transpose(-3, -2).flatten(-2))
    case("RotateHalf", {}, [x], lambda x: torch.cat((-x[..., 4:], x[..., :4]), -1))
    for base in ["2", "10000", "1/3"]:
        b = float(Fraction(base))
        case("PowerOf", {"base": base}, [torch.randn(2, 3)], lambda x, b=b: torch.pow(b, x))
    for axis, count in [(0, 1), (1, 2), (2, 3)]:
        case("Repeat", {"axis": axis, "count": count}, [x],
             lambda x, n=count, axis=axis: x.repeat_interleave(n, axis))


def attention():
    hidden = torch.ones(4, 4, dtype=torch.bool).triu(1)
    case("Causal", {}, [integers(2, 4, 4).double()], lambda s: s.masked_fill(hidden, -math.inf))
    far = hidden | torch.ones(4, 4, dtype=torch.bool).tril(-2)
    case("Causal", {"window": 2}, [integers(2, 4, 4).double()], lambda s: s.masked_fill(far, -math.inf))
    padding = torch.tensor([[False, True, False], [True, False, False]])
    case("Hide", {}, [integers(2, 3, 2, 3).double(), padding],
         lambda s, p: s.masked_fill(p[:, None, None, :], -math.inf))
    q, angles = torch.randn(2, 3, 8), torch.randn(3, 4)

    def halves(q, angles):
        both = torch.cat((angles, angles), -1)
        return q * both.cos() + torch.cat((-q[..., 4:], q[..., :4]), -1) * both.sin()

    def neighbours(q, angles):
        pairs = torch.view_as_complex(q.unflatten(-1, (-1, 2)).contiguous())
        return torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).flatten(-2)

    case("Rotary", {"neighbours": False}, [q, angles], halves)
    case("Rotary", {"neighbours": True}, [q, angles], neighbours)
    case("Interleave", {}, [angles, -angles], lambda x, y: torch.stack((x, y), -1).flatten(-2))
    for axis in range(3):
        case("Stack", {"axis": axis}, [angles, -angles], lambda x, y, axis=axis: torch.stack((x, y), axis))


def channels():
    x, mean, gain, shift = torch.randn(2, 3, 4), torch.randn(3), torch.randn(3), torch.randn(3)
    case("BatchNormalize", {"axis": 1, "epsilon": "1/100000"}, [x, mean, torch.rand(3), gain, shift],
         lambda x, mean, variance, gain, shift: F.batch_norm(x, mean, variance, gain, shift, eps=1e-5))
    wide, gain, shift = torch.randn(2, 6, 4), torch.randn(6), torch.randn(6)
    for groups in [1, 2, 6]:
        case("GroupNormalize", {"axis": 1, "groups": groups, "epsilon": "1/100000"}, [wide, gain, shift],
             lambda x, gain, shift, groups=groups: F.group_norm(x, groups, gain, shift, eps=1e-5))
    windows = {"strides": [2], "padding": [[1, 1]], "dilation": [1], "groups": 1}
    case("BiasedConvolution", windows, [integers(2, 3, 7), integers(4, 3, 3), integers(4)],
         lambda x, w, b: F.conv1d(x, w, b, stride=2, padding=1))


def windows():
    """Whole numbers, so that sums are exact in any order."""
    x = torch.randint(-9, 10, (2, 4, 7, 6)).double()
    inner = np.arange(12.0).reshape(3, 4)
    case("Pad", {"axis": 1, "before": 2, "after": 1, "interior": 0}, [inner, np.array(-1.0)],
         lambda x, fill: np.pad(x, ((0, 0), (2, 1)), constant_values=fill))  # fmt: skip
    case("Pad", {"axis": 0, "before": 0, "after": 0, "interior": 1}, [inner, np.array(0.0)],
         lambda x, _: np.stack([x[0], 0 * x[0], x[1], 0 * x[0], x[2]]))  # fmt: skip
    for size, step, dilation in [(2, 1, 1), (3, 2, 1), (2, 1, 3)]:
        def view(x, size=size, step=step, dilation=dilation):
            span = dilation * (size - 1) + 1
            return np.lib.stride_tricks.sliding_window_view(x, span, 2)[:, :, ::step, :, ::dilation].transpose(0, 1, 2, 4, 3)
        case("Windows", {"axis": 2, "size": size, "step": step, "dilation": dilation}, [x.numpy()], view)
    for stride, padding, dilation, groups in [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 2), (3, 1, 1, 4)]:
        kernel = torch.randint(-9, 10, (8, 4 // groups, 3, 2)).double()
        attrs = {"strides": [stride] * 2, "padding": [[padding] * 2] * 2, "dilation": [dilation] * 2, "groups": groups}
        case("Convolution", attrs, [x, kernel],
             lambda x, k: F.conv2d(x, k, None, stride, padding, dilation, groups))  # fmt: skip
    for size, stride, padding in [(2, 2, 0), (3, 1, 1), (3, 2, 1)]:
        attrs = {"sizes": [size] * 2, "strides": [stride] * 2, "padding": [[padding] * 2] * 2}
        case("MaxPool", {**attrs, "dilation": [1, 1]}, [x], lambda x: F.max_pool2d(x, size, stride, padding))
        for counted in (True, False):
            case("AveragePool", {**attrs, "countPadding": counted}, [x],
                 lambda x: F.avg_pool2d(x, size, stride, padding, count_include_pad=counted))  # fmt: skip


def order():
    """Places in the order along an axis; equal numbers keep their own."""
    def ranks(x, axis):
        return torch.argsort(torch.argsort(x, dim=axis, descending=True, stable=True), dim=axis, stable=True)
    for x in [torch.randn(2, 3, 4), integers(3, 5), torch.tensor([[0.5, -math.inf, 1.5, -math.inf], [1.0, 1.0, 2.0, 1.0]])]:
        for axis in range(x.ndim):
            case("Rank", {"axis": axis}, [x], lambda x: ranks(x, axis))


def named_functions():
    halves = torch.tensor([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.49999999999999994, 2.0**52 + 1, -7.25, math.inf])
    unit = torch.tensor([-1.0, -0.999999999, -0.75, -0.5, -1e-3, -1e-10, 0.0, 1e-300, 0.1, 0.5, 0.9, 0.99999999999, 1.0])
    gamma = torch.tensor([1e-5, 0.1, 0.5, 1.0, 1.4616, 2.0, 2.5, 7.0, 30.5, 1e3, 1e8, -0.5, -1.5, -3.7, -20.25])
    for name, function, x in [
        ("floor", torch.floor, torch.cat([halves, REALS])), ("round", torch.round, torch.cat([halves, REALS])),
        ("asin", torch.asin, unit), ("acos", torch.acos, unit), ("atan", torch.atan, REALS),
        ("lgamma", torch.lgamma, gamma), ("digamma", torch.digamma, gamma), ("erfinv", torch.erfinv, unit),
    ]:  # fmt: skip
        case("Function", {"name": name}, [x], function)
    signed = torch.tensor([0.0, 1.0, -1.0, 2.5, -2.5, math.inf])
    case("Function", {"name": "atan2"}, [signed.reshape(6, 1), signed], torch.atan2)
    case("Function", {"name": "pow"}, [signed.reshape(6, 1), torch.tensor([0.0, 2.0, -3.0, 0.5, 1.5])], torch.pow)
    for left, right in [((2, 3), (2, 3)), ((40,), (40,)), ((5, 1), (7,))]:
        divisor = integers(*right)
        divisor[divisor == 0] = 3
        case("Quotient", {}, [integers(*left), divisor], lambda x, y: torch.div(x, y, rounding_mode="floor"))
    large = torch.tensor([2**53 - 1, -(2**53 - 1), 2**53 - 1])
    case("Quotient", {}, [large, torch.tensor([2, 2, 3])], lambda x, y: torch.div(x, y, rounding_mode="floor"))
    for name, function in {
        "and": torch.bitwise_and, "or": torch.bitwise_or, "xor": torch.bitwise_xor,
    }.items():  # fmt: skip
        case("Bitwise", {"operation": name}, [integers(30), integers(30)], function)
    shifts = torch.randint(0, 9, (30,))
    case("Bitwise", {"operation": "left"}, [integers(30), shifts], torch.bitwise_left_shift)
    case("Bitwise", {"operation": "right"}, [integers(30), shifts], torch.bitwise_right_shift)
    case("Cast", {"dtype": "int64"}, [torch.cat([halves[:7], REALS])], lambda x: x.long())


def broadcast_shapes():
    draw = random.Random(0)
    made = []
    for _ in range(300):
        shapes = [[draw.choice([0, 1, 1, 2, 3]) for _ in range(draw.randrange(4))] for _ in range(draw.randrange(1, 4))]
        try:
            result = list(np.broadcast_shapes(*map(tuple, shapes)))
        except ValueError:
            result = None
        made.append({"shapes": shapes, "result": result})
    return made


def rationals():
    """Python's division of integers is correctly rounded."""
    draw = random.Random(1)
    made = []
    for bits, shift in [(5, 0), (60, 0), (200, 0), (64, 1000), (64, 1080), (53, 1074), (80, 960)]:
        for _ in range(20):
            n, d = draw.getrandbits(bits) + 1, draw.getrandbits(bits) + 1
            n, d = (n << shift, d) if draw.random() < 0.5 and shift < 1000 else (n, d << shift)
            value = Fraction(draw.choice([-1, 1]) * n, d)
            made.append((value.numerator, value.denominator))
    ties = [(2**53 + 1, 1), (2**53 + 3, 1), (2**54 + 2, 1), (2**54 + 6, 1), (1, 2**1075), (3, 2**1075), (2**53 - 1, 2**1075)]
    return [{"numerator": str(n), "denominator": str(d), "value": n / d} for n, d in made + ties]


def sfc32(seed, count):
    """Doty-Humphrey's sfc32 as PractRand has it, with Assay's seeding."""
    mask = 0xFFFFFFFF
    a, b, c, counter = 0x9E3779B9, (seed >> 32) & mask, seed & mask, 1
    made = []
    for _ in range(15 + count):
        total = (a + b + counter) & mask
        counter = (counter + 1) & mask
        a = b ^ (b >> 9)
        b = (c + (c << 3)) & mask
        c = (((c << 21) | (c >> 11)) + total) & mask
        made.append(total)
    return made[15:]


def write(name, **content):
    text = json.dumps({"versions": VERSIONS, **content}, separators=(",", ":"))
    (FOLDER / name).write_text(text.replace('{"op"', '\n{"op"').replace('{"shapes"', '\n{"shapes"') + "\n")


elementwise()
binary()
reductions()
structure()
leaves()
windows()
order()
named_functions()
heads()
channels()
attention()
write("operators.json", cases=cases)
write("shapes.json", cases=broadcast_shapes())
write("numbers.json",
      erf=[[x, math.erf(x)] for x in [i / 64 for i in range(-400, 401)]],
      rationals=rationals(),
      sfc32=[{"seed": seed, "values": sfc32(seed, 5)} for seed in [0, 1, 42, 2**32 + 7, 2**53 - 1]])
