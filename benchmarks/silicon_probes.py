"""What `benchmarks.silicon` runs under each CPU: one sha256 per expression, as one JSON object on stdout.

Run by an interpreter that has torch and numpy. Inputs are integers times powers of two, so they are equal
everywhere; every NaN counts as the same NaN, since its sign and payload are no result.
"""

import hashlib
import json
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

Probe = tuple[str, Callable[[], object]]
Formula = tuple[str, Callable[[], list[torch.Tensor]]]

WHOLE = {"f32": torch.float32, "f64": torch.float64}
HALF = {"bf16": torch.bfloat16, "f16": torch.float16}
# Expressions in torch's own names, divided by semicolons; the name of a probe is its expression.
# MKL's vector mathematics (ATen/cpu/vml.h): a rare last bit needs many elements to show.
MKL = """sqrt(x); atan(x); asin(x); acos(x); tan(x); sin(x); cos(x); tanh(x); exp(x); expm1(x); log(x); log2(x);
    log10(x); log1p(x); erf(x); erfc(x); erfinv(x); logit(x); trunc(x)"""
# What a script can write in place of one that differs.
INSTEAD = """complex(x, 0 * x).sqrt().real; 1 / rsqrt(x); pow(x, full_like(x, 0.5)); atan2(x, ones_like(x));
    atan2(x, 1 / rsqrt((1 - x) * (1 + x))); atan2(1 / rsqrt((1 - x) * (1 + x)), x); xlogy(ones_like(x), x);
    xlogy(ones_like(x), x) / log(tensor(2.0)); xlogy(ones_like(x), x / (1 - x)); sin(x) / cos(x);
    polar(ones_like(x), x).imag / polar(ones_like(x), x).real; from_numpy(np.sqrt(x.numpy()))"""
ELEMENTWISE = f"""{MKL}; rsqrt(x); sinh(x); cosh(x); asinh(x); acosh(x); atanh(x); exp2(x); lgamma(x); digamma(x);
    sigmoid(x); reciprocal(x); ceil(x); round(x); frac(x); abs(x); square(x); i0(x); sinc(x); special.ndtri(x);
    special.log_ndtr(x); special.erfcx(x); special.entr(x); special.bessel_j0(x); F.gelu(x); F.silu(x); F.mish(x);
    F.gelu(x, approximate="tanh"); F.softplus(x); F.elu(x); F.celu(x); F.selu(x); F.softsign(x); F.logsigmoid(x);
    F.hardswish(x); F.tanhshrink(x); x / y; x // y; abs(x) ** y; 2 ** x; x ** 0.5; x ** -0.5; x ** 3;
    abs(x) ** 1.5; float_power(x, 0.5); atan2(x, y); hypot(x, y); fmod(x, y); remainder(x, y); logaddexp(x, y);
    xlogy(x, y); lerp(x, y, 0.1); addcdiv(x, x, y, value=0.1); addcmul(x, x, y, value=0.1); argsort(round(x));
    _foreach_sqrt([x, y]); _foreach_norm([x, y]); _foreach_pow([x, y], 0.5); polar(x, y); complex(x, y).abs();
    complex(x, y).angle(); complex(x, y).exp(); complex(x, y).log(); complex(x, y).sqrt(); complex(x, y).tanh();
    complex(x, y).sin(); complex(x, y).acos(); complex(x, y).reciprocal(); complex(x, y) * complex(y, x)"""
REDUCTIONS = """sum(x); sum(x, 0); sum(x, 1); mean(x, 0); mean(x, 1); prod(x, 1); std(x, 1); var(x, 0); norm(x);
    nn.utils.get_total_norm([x, y]); linalg.vector_norm(x, 2, 0); linalg.vector_norm(x, 3); median(x);
    cumsum(x, 1); cumprod(x, 1); logsumexp(x, 1); logcumsumexp(x, 1); softmax(x, 0); softmax(x, 1);
    log_softmax(x, 0); log_softmax(x, 1); F.normalize(x); sort(x); topk(round(x), 5); cdist(x, y);
    cdist(x, y, compute_mode="donot_use_mm_for_euclid_dist"); F.pdist(x); F.pairwise_distance(x, y);
    F.cosine_similarity(x, y); dot(x.view(-1), y.view(-1)); bmm(x.view(4, 64, 256), y.view(4, 256, 64));
    einsum("ij,ik->jk", x, y); fft.fft(x); fft.fft(x[:, :97]); fft.irfft(complex(x, y));
    F.scaled_dot_product_attention(x.view(1, 2, 512, 64), y.view(1, 2, 512, 64), x.view(1, 2, 512, 64))"""
PRODUCTS = "x @ y; x @ y.t().contiguous().t(); addmm(y[0], x, y); F.linear(x, y.t(), y[0]); mv(x, y[:, 0])"
LINALG = """linalg.cholesky(x); linalg.qr(x); linalg.svd(x); linalg.eigh(x); linalg.eig(x); linalg.inv(x);
    linalg.det(x); linalg.slogdet(x); linalg.pinv(x); linalg.matrix_exp(x); linalg.lu(x); linalg.solve(x, y);
    linalg.lstsq(x, y).solution; linalg.lstsq(x, y, driver="gels").solution"""
LAYERS = """F.conv1d(x, w[:1536].view(32, 16, 3)); F.conv2d(image, kernels, padding=1);
    F.conv2d(image[:1], kernels); F.conv2d(image, kernels[:8, :1], groups=8);
    F.conv_transpose2d(image, kernels.transpose(0, 1)); _nnpack_spatial_convolution(image, kernels, None, 1);
    F.avg_pool2d(image, 3); F.layer_norm(x, (32,), w[:32]); F.rms_norm(x, (32,), w[:32]);
    F.group_norm(x, 4, w[:16]); F.batch_norm(x, None, None, w[:16], training=True);
    F.scaled_dot_product_attention(x, w[:2048].view(4, 16, 32), x, is_causal=True);
    F.embedding(index, w.view(64, 128)); F.embedding_bag(bags, w.view(64, 128));
    F.cross_entropy(x.view(64, 32), index[:64] % 32);
    F.embedding_bag(bags, w.view(64, 128), per_sample_weights=w[:640].view(64, 10), mode="sum");
    filled(nn.LSTM(32, 24))(x)[0]; filled(nn.GRU(32, 24))(x)[0]; filled(nn.MultiheadAttention(32, 4))(x, x, x)[0];
    filled(nn.TransformerEncoderLayer(32, 4, 64, dropout=0.0))(x); F.gelu(x); F.silu(x); F.mish(x); tanh(x);
    std(x); norm(x); sqrt(abs(x)); abs(x) ** 0.5; abs(x) ** -0.5; softmax(x, 2)"""
DRAWS = """randn_like(x); rand_like(x); poisson(x); bernoulli(x); x.bernoulli_(0.3); F.dropout(x, 0.3);
    rand_like(x) < 0.3; x.normal_(); x.exponential_(); x.log_normal_(); x.cauchy_(); x.geometric_(0.3);
    randperm(1000); multinomial(x, 5); _standard_gamma(x); nn.init.trunc_normal_(x); nn.init.orthogonal_(x);
    nn.init.kaiming_uniform_(x); nn.init.xavier_normal_(x); F.gumbel_softmax(x)"""
OPTIMISERS = """SGD; SGD momentum; SGD momentum fused; Adam; Adam foreach; Adam fused; Adam fused amsgrad; AdamW;
    AdamW foreach; AdamW fused; Adagrad; Adagrad fused; RMSprop; RMSprop foreach; NAdam; RAdam; Adamax; Adadelta;
    Rprop; ASGD; Adafactor; LBFGS; Muon"""
NUMPY = """np.sqrt(x); np.exp(x); np.exp2(x); np.expm1(x); np.log(x); np.log2(x); np.log10(x); np.log1p(x);
    np.sin(x); np.cos(x); np.tan(x); np.arcsin(x); np.arctan(x); np.sinh(x); np.cosh(x); np.tanh(x); np.cbrt(x);
    np.sum(x); np.prod(x); np.std(x); np.sort(x); np.argsort(x); np.argsort(np.round(x)); np.cumsum(x); x @ x;
    m @ m.T; p @ m; np.linalg.svd(p); np.linalg.qr(p); np.linalg.cholesky(p); np.linalg.inv(p); np.linalg.eigh(p);
    np.linalg.solve(p, m); np.random.default_rng(0).normal(size=1000).astype(x.dtype); np.fft.fft(x)"""
MATH = """math.exp(v); math.exp2(v); math.expm1(v); math.log(v); math.log2(v); math.log10(v); math.log1p(v);
    math.sin(v); math.cos(v); math.tan(v); math.asinh(v); math.atan(v); math.sinh(v); math.cosh(v); math.tanh(v);
    math.sqrt(v); math.cbrt(v); math.erf(v); math.gamma(v); math.lgamma(v); v ** 1.3; random.Random(v).gauss()"""


def numbers(shape: tuple[int, ...], dtype: torch.dtype, *, seed: int = 1, scale: int = 2) -> torch.Tensor:
    """Returns numbers in [-2**scale, 2**scale): a Weyl sequence with as many bits as the type holds."""
    bits = 53 if dtype == torch.float64 else 24
    sequence = np.arange(1, math.prod(shape) + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    sequence += np.uint64((seed * 0xD1342543DE82EF95) % 2**64)
    whole = (sequence >> np.uint64(64 - bits)).astype(np.int64) - 2 ** (bits - 1)
    array = np.ldexp(whole.astype(np.float64), scale + 1 - bits)
    return torch.from_numpy(array).to(dtype).reshape(shape)


def wide(shape: tuple[int, ...], dtype: torch.dtype, *, seed: int = 1) -> torch.Tensor:
    """Returns numbers of many magnitudes, the special ones first."""
    count = math.prod(shape)
    powers = torch.from_numpy(np.ldexp(1.0, np.arange(count) * 7 % 33 - 16)).to(dtype)
    values = numbers((count,), dtype, seed=seed, scale=1) * powers
    limits = torch.finfo(dtype)
    special = [0.0, -0.0, math.inf, -math.inf, math.nan, limits.tiny, limits.tiny / 4, limits.max, 1.0, -1.0]
    values[: len(special)] = torch.tensor(special, dtype=dtype)[:count]
    return values.reshape(shape)


def digest(result: object) -> str:
    """Returns the sha256 over every tensor, array and number in a result."""
    total = hashlib.sha256()
    for data in _parts(result):
        total.update(data)
    return total.hexdigest()


def _parts(result: object) -> Iterator[bytes]:
    if isinstance(result, torch.Tensor):
        tensor = torch.view_as_real(result) if result.is_complex() else result
        tensor = tensor.detach().clone()
        tensor[tensor.isnan()] = math.nan if tensor.is_floating_point() else 0
        yield tensor.contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    elif isinstance(result, np.ndarray):
        yield from _parts(torch.from_numpy(np.ascontiguousarray(result)))
    elif isinstance(result, (list, tuple)):
        for part in result:
            yield from _parts(part)
    else:
        yield repr(result).encode()


def expressions(text: str, words: str, *scopes: dict[str, object]) -> Iterator[Formula]:
    """Yields each expression of a text, evaluated in every scope."""

    def evaluate(expression: str) -> list[torch.Tensor]:
        torch.manual_seed(0)
        return [eval(expression, {**vars(torch), "F": F, "np": np, **scope}) for scope in scopes]

    for expression in text.split(";"):
        name = " ".join(expression.split())
        yield f"{name}  [{words}]", partial(evaluate, name)


def elementwise(name: str, dtype: torch.dtype) -> Iterator[Probe]:
    """Yields functions of each element: kernels choose their path by size and strides."""
    for words, shape in (("65536", (256, 256)), ("10", (10,)), ("1", (1,)), ("strided", (256, 8))):
        x, y, z = wide(shape, dtype), numbers(shape, dtype, scale=0), wide(shape, dtype, seed=5)
        if words == "strided":
            x, y, z = x[:, ::3].t(), y[:, ::3].t(), z[:, ::3].t()
        yield from expressions(ELEMENTWISE, f"{name} {words}", {"x": x, "y": z}, {"x": y, "y": x})
    if name in WHOLE:
        million = [{"x": numbers((2**20,), dtype, scale=scale)} for scale in (0, 3, 10)]
        yield from expressions(MKL, f"{name} a million", *million)
        yield from expressions(INSTEAD, f"{name} instead", *million)


def matrices(name: str, dtype: torch.dtype) -> Iterator[Probe]:
    """Yields reductions, products, decompositions and transforms."""
    x = numbers((256, 256), dtype)
    yield from expressions(REDUCTIONS, name, {"x": x, "y": x.flip(0)})
    for m, k, n in ((1, 8, 8), (3, 5, 7), (100, 784, 64), (256, 256, 256), (16, 20_000, 17)):
        factors: dict[str, object] = {"x": numbers((m, k), dtype), "y": numbers((k, n), dtype, seed=3)}
        yield from expressions(PRODUCTS, f"{name} {m}x{k}x{n}", factors)
    square = x[:48, :48].contiguous()
    positive = square @ square.t() + 48 * torch.eye(48, dtype=dtype)
    yield from expressions(LINALG, name, {"x": positive, "y": square})


def layers(name: str, dtype: torch.dtype) -> Iterator[Probe]:
    """Yields what a network is made of, forward and backward."""

    def both_ways(forward: Callable[[], list[torch.Tensor]], leaves: list[torch.Tensor]) -> object:
        (result,) = forward()
        return result, torch.autograd.grad(result.square().sum(), leaves, allow_unused=True)

    def filled(module: nn.Module) -> nn.Module:
        module = module.to(dtype)
        for parameter in module.parameters():
            parameter.data = numbers(tuple(parameter.shape), dtype, scale=-2)
        return module

    x = numbers((4, 16, 32), dtype).requires_grad_()
    w = numbers((8192,), dtype, seed=2, scale=0).requires_grad_()
    index = torch.arange(640) * 7 % 61
    scope = {"x": x, "w": w, "nn": nn, "filled": filled, "index": index, "bags": index.view(64, 10)}
    scope |= {"image": x.view(4, 8, 8, 8), "kernels": w[:864].view(12, 8, 3, 3)}
    for words, forward in expressions(LAYERS, f"{name} backward", scope):
        yield words, partial(both_ways, forward, [x, w])


def optimisers() -> Iterator[Probe]:
    """Yields eight steps of each optimiser."""
    for words in OPTIMISERS.split(";"):
        name, *options = words.split()
        yield " ".join(["optim", name, *options]), partial(steps, name, options)


def steps(name: str, options: list[str]) -> object:
    """Returns a parameter after eight steps with exact gradients."""
    parameter = nn.Parameter(numbers((256, 64), torch.float32, scale=0))
    chosen = {option: 0.9 if option == "momentum" else True for option in options}
    optimiser = getattr(torch.optim, name)([parameter], lr=0.01, **chosen)

    def closure() -> torch.Tensor:
        parameter.grad = 2 * parameter.detach() + 0.5
        return (parameter * parameter).sum()

    for _ in range(8):
        optimiser.step(closure)
    return parameter


def outside_torch() -> Iterator[Probe]:
    """Yields numpy's functions and Python's."""
    for name, dtype in WHOLE.items():
        square = numbers((64, 64), dtype).numpy()
        scope = {"m": square, "p": square @ square.T + 64 * np.eye(64, dtype=square.dtype)}
        inputs = (wide((65_536,), dtype), numbers((65_536,), dtype))
        yield from expressions(NUMPY, name, *({**scope, "x": x.numpy()} for x in inputs))
    line = [abs(float(value)) + 0.01 for value in numbers((5000,), torch.float64)]
    yield from expressions(
        MATH, "5000 floats", *({"math": math, "random": random, "v": value} for value in line)
    )


def probes() -> Iterator[Probe]:
    """Yields every probe."""
    for name, dtype in {**WHOLE, **HALF}.items():
        for family in (elementwise, matrices, layers):
            yield from family(name, dtype)
    for name, dtype in WHOLE.items():
        halves = [{"x": torch.full(shape, 0.5, dtype=dtype)} for shape in ((2, 5), (64, 32))]
        yield from expressions(DRAWS, f"{name} drawn", *halves)
    yield from optimisers()
    yield from outside_torch()


def main() -> None:
    """Prints the digest of every probe; one that this torch does not implement is digested as its error."""
    warnings.simplefilter("ignore")
    found = {}
    for name, probe in probes():
        try:
            found[name] = digest(probe())
        except (RuntimeError, TypeError, ValueError) as error:
            found[name] = f"error: {error}"
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
