"""What of torch depends on the silicon is refused at its first use in an unchanged script, and only that."""

import json

from builder.runtime.pytorch.rules import OPTIMISERS, RULES
from tests.integration.torchbox import TorchBox, profile

# Evaluates expressions and prints for each how it ended.
EACH = """
import json, sys
import torch, numpy as np, math
from builder.runtime import failure
from builder.runtime.failure import Refused
x, y = torch.rand(16) + 0.5, torch.rand(16)
def Scripted(x: torch.Tensor):
    return torch.log(x) + torch.pow(x, 2.0)
class Own(torch.optim.Adam):
    pass
answers = {}
for line in json.loads(LINES):
    try:
        exec(line)
        answers[line] = "passed"
    except Refused as error:
        answers[line] = error.sentence
failure.refusals.clear()  # they were asked for
print(json.dumps(answers))
"""
REFUSED = {
    "torch.sqrt(x)": "torch.sqrt",
    "x.sqrt()": "torch.sqrt",
    "x.clone().sqrt_()": "torch.sqrt",
    "torch._foreach_sqrt([x])": "torch.sqrt",
    "x ** 0.5": "torch.pow with the exponent 0.5",
    "torch.pow(x, exponent=0.5)": "torch.pow with the exponent 0.5",
    "torch.float_power(x, 0.5)": "torch.float_power with the exponent 0.5",
    "x ** np.float32(0.5)": "torch.pow with the exponent 0.5",
    "torch._foreach_pow([x], [0.5])": "torch.pow with the exponent 0.5",
    "torch.sqrt(torch.arange(3))": "torch.sqrt",
    "torch.arange(3) ** 0.5": "torch.pow with the exponent 0.5",
    "torch.argsort(torch.tensor([2, 1, 1]))": "torch.argsort without stable=True",
    "torch.functional.cdist(x[None], y[None])": "torch.cdist by matrix products",
    "Own([torch.nn.Parameter(x)]).step()": "torch.optim.Adam without fused=True",
    "torch.atan(x)": "torch.atan",
    "x.arctan()": "torch.atan",
    "torch.asin(y)": "torch.asin",
    "torch.acos(y)": "torch.acos",
    "torch.log2(x)": "torch.log2",
    "torch.log10(x)": "torch.log10",
    "torch.log(x.double())": "torch.log in float64",
    "torch.tan(x.double())": "torch.tan in float64",
    "torch.special.logit(y.double())": "torch.logit in float64",
    "torch.cdist(x[None], y[None])": "torch.cdist by matrix products",
    "torch.linalg.lstsq(x.reshape(4, 4), y.reshape(4, 4))": "torch.linalg.lstsq with this driver",
    "torch.argsort(x)": "torch.argsort without stable=True",
    "x.argsort(descending=True)": "torch.argsort without stable=True",
    "np.argsort(x.numpy())": "numpy.argsort with an unstable kind",
    "torch.optim.Adam([torch.nn.Parameter(x)]).step()": "torch.optim.Adam without fused=True",
    "torch.optim.AdamW([torch.nn.Parameter(x)], foreach=True).step()": "torch.optim.AdamW without fused=True",
}
PASSES = [
    "x ** 2",
    "torch.pow(x, -0.5)",
    "torch.log(x)",
    "x ** torch.tensor(0.5)",
    "torch.pow(x, torch.full_like(x, 0.5))",
    "torch.jit.script(Scripted)",
    "import pickle; pickle.loads(pickle.dumps([torch.log, torch.cdist]))",
    "torch.tan(x)",
    "torch.argsort(x, stable=True)",
    "np.argsort(x.numpy(), kind='stable')",
    "torch.sort(x)",
    "x.std(), torch.linalg.norm(x), torch.nn.functional.normalize(x[None])",
    "torch.nn.functional.layer_norm(x, (16,)), torch.nn.functional.gelu(x), torch.softmax(x, 0)",
    "torch.optim.SGD([torch.nn.Parameter(x)], lr=0.1, momentum=0.9).step()",
    "torch.optim.Adam([torch.nn.Parameter(x)], fused=True).step()",
    "torch.optim.AdamW([torch.nn.Parameter(x)], fused=True).step()",
    "torch.optim.Adagrad([torch.nn.Parameter(x)], fused=True).step()",
]


def answers(box: TorchBox, lines: list[str], params: str = "seed: 1\n") -> dict[str, str]:
    ran = box.run(EACH.replace("LINES", repr(json.dumps(lines))), params=params, step="evaluate")
    assert ran.code == 0, ran.log
    found: dict[str, str] = json.loads(ran.said)
    return found


def test_what_depends_on_the_silicon_is_refused_and_the_rest_is_not(box: TorchBox) -> None:
    found = answers(box, [*REFUSED, *PASSES])
    expected = {
        line: f"uses {what}, which gives other bits on another processor" for line, what in REFUSED.items()
    }
    assert found == {**expected, **dict.fromkeys(PASSES, "passed")}


def test_every_rule_has_a_case_above() -> None:
    text = " ".join(REFUSED.values())
    assert [rule.name for rule in RULES if f"torch.{rule.name}" not in text] == []


def test_every_replacement_passes_and_computes_the_same(box: TorchBox) -> None:
    """numpy says what is right; the guard does not look at it."""
    checks = {
        "sqrt": "np.sqrt(v)",
        "atan": "np.arctan(v)",
        "asin": "np.arcsin(v)",
        "acos": "np.arccos(v)",
        "tan": "np.tan(v)",
        "log": "np.log(v)",
        "log2": "np.log2(v)",
        "log10": "np.log10(v)",
        "logit": "np.log(v / (1 - v))",
    }
    instead = {rule.name: rule.instead for rule in RULES}
    lines = [
        f"v = y.double().numpy(); x = y.double(); assert np.allclose(({instead[name]}).numpy(), {right}), '{name}'"
        for name, right in checks.items()
    ]
    lines += [f"y = torch.rand(1, 16); x = torch.rand(1, 16); {instead['cdist']}"]
    lines += [
        f"x, y = torch.rand(4, 4), torch.rand(4, 4); {instead['linalg.lstsq']}",
        f"x = y; {instead['argsort']}",
    ]
    assert set(answers(box, lines).values()) == {"passed"}


def test_optimisers_of_the_list_are_refused_and_their_replacements_pass(box: TorchBox) -> None:
    parameters = "[torch.nn.Parameter(x)]"
    plain = {f"torch.optim.{name}({parameters}).step()": name for name in OPTIMISERS}
    fused = [text.replace("…", parameters) + ".step()" for text in OPTIMISERS.values()]
    found = answers(box, [*plain, *fused])
    assert all(f"torch.optim.{name}" in found[line] for line, name in plain.items())
    assert {found[line] for line in fused} == {"passed"}


def test_refusal_names_the_place_and_what_to_write(box: TorchBox) -> None:
    ran = box.run("import torch\n\ntorch.sqrt(torch.ones(3))\n")
    assert ran.code == 1
    assert ran.report["kind"] == "refused"
    assert ran.report["place"] == "train.py:3"
    assert ran.report["advice"].startswith("Write torch.pow(x, torch.full_like(x, 0.5));")
    assert "`allow: {torch.sqrt: REASON}`" in ran.report["advice"]


def test_what_params_allow_passes(box: TorchBox) -> None:
    params = "seed: 1\nallow:\n  torch.sqrt: measured on our own machines\n  torch.optim.Adam: so is this\n"
    lines = ["torch.sqrt(x)", "torch.optim.Adam([torch.nn.Parameter(x)]).step()", "torch.atan(x)"]
    found = answers(box, lines, params)
    assert [found[line].split(",")[0] for line in lines] == ["passed", "passed", "uses torch.atan"]


def test_refusal_that_a_script_swallows_ends_it_all_the_same(box: TorchBox) -> None:
    text = "import torch\ntry:\n    torch.ones(3).sqrt()\nexcept Exception:\n    pass\nprint('went on')\n"
    ran = box.run(text)
    assert (ran.code, ran.said, ran.report["place"]) == (1, "went on\n", "train.py:3")
    assert ran.report["text"].startswith("uses torch.sqrt")


def test_refusal_behind_another_exception_is_told(box: TorchBox) -> None:
    text = "import torch\ntry:\n    torch.ones(3).sqrt()\n"
    text += "except Exception as error:\n    raise RuntimeError('no') from error\n"
    assert box.run(text).report["text"].startswith("uses torch.sqrt")


def test_asking_whether_torch_exists_disarms_nothing(box: TorchBox) -> None:
    asking = "import importlib.util\nimportlib.util.find_spec('torch')\n"
    ran = box.run(asking + "import torch\ntorch.ones(3).sqrt()\n")
    assert ran.report["text"].startswith("uses torch.sqrt")


def test_process_that_a_script_spawns_is_guarded_too(box: TorchBox) -> None:
    text = (
        "import torch\nimport torch.multiprocessing as mp\n"
        "def work(rank):\n    torch.ones(3).sqrt()\n"
        "if __name__ == '__main__':\n    mp.spawn(work, nprocs=1)\n"
    )
    ran = box.run(text)
    assert ran.code == 1
    assert "uses torch.sqrt" in ran.log


def test_allowed_optimiser_allows_nothing_to_the_model(box: TorchBox) -> None:
    text = (
        "import torch\np = torch.nn.Parameter(torch.ones(3))\n"
        "def closure():\n    return (p ** 2).sum().sqrt()\n"
        "torch.optim.Adam([p]).step(closure)\n"
    )
    ran = box.run(text, params="seed: 1\nallow: {torch.optim.Adam: a reason}\n")
    assert ran.report["text"].startswith("uses torch.sqrt")


def test_workers_of_a_loader_may_have_one_thread(box: TorchBox) -> None:
    text = (
        "import torch\nfrom torch.utils.data import DataLoader\n"
        "print(len(list(DataLoader(list(range(8)), batch_size=4, num_workers=2))))\n"
    )
    native = TorchBox(python=box.python, settings=profile("native", "2"), folder=box.folder)
    ran = native.run(text, params="seed: 1\nthreads: 2\n")
    assert (ran.code, ran.said) == (0, "2\n"), ran.log


def test_native_profile_refuses_nothing(box: TorchBox) -> None:
    native = TorchBox(python=box.python, settings=profile("native"), folder=box.folder)
    assert set(answers(native, list(REFUSED)).values()) == {"passed"}


def test_more_threads_than_declared_are_refused(box: TorchBox) -> None:
    ran = box.run("import torch\ntorch.set_num_threads(2)\n")
    assert ran.report["text"] == "ran torch with 2 threads, declared are 1"


def test_threads_that_a_script_raises_behind_the_back_are_seen_at_the_end(box: TorchBox) -> None:
    ran = box.run("import threadpoolctl, numpy\nthreadpoolctl.threadpool_limits(2)\n", step="prepare")
    assert ran.code == 1
    assert ran.report["text"].endswith("with 2 threads, declared are 1")


def test_fewer_threads_than_declared_are_refused(box: TorchBox) -> None:
    native = TorchBox(python=box.python, settings=profile("native", "2"), folder=box.folder)
    params = "seed: 1\nthreads: 2\n"
    assert native.run("import torch\n", params=params).code == 0
    ran = native.run("import torch\n", params=params, OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
    assert ran.report["text"].endswith("with 1 threads, declared are 2")


def test_want_of_memory_is_the_machines_fault(box: TorchBox) -> None:
    ran = box.run("import torch\ntorch.empty(10**15)\n")
    assert ran.report["kind"] == "memory"


def test_torch_is_seeded_and_deterministic(box: TorchBox) -> None:
    text = "import torch\nprint(torch.rand(1).item(), torch.are_deterministic_algorithms_enabled())\n"
    one, other = box.run(text).said, box.run(text, params="seed: 2\n").said
    assert one == box.run(text).said
    assert one.split()[1] == "True"
    assert one != other


def test_script_without_torch_does_not_import_it(box: TorchBox) -> None:
    ran = box.run("import sys\nprint('torch' in sys.modules)\n")
    assert ran.said == "False\n"


def test_wrapped_functions_are_torchs_still(box: TorchBox) -> None:
    ran = box.run("import torch\nprint(torch.sqrt.__name__, torch.pow(torch.tensor(2.0), 3).item())\n")
    assert ran.said == "sqrt 8.0\n"
