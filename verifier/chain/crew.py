"""Who rebuilds: slots on this machine's cores, and other machines."""

import os
from dataclasses import replace

from verifier.chain.asked import Asked
from verifier.chain.pieces import base_of
from verifier.chain.places import Place, Slot
from verifier.chain.schedule import Worker
from verifier.errors import BadInput
from verifier.rebuild.build import Build
from verifier.rebuild.gpu import sandbox_paths
from verifier.rebuild.options import Chain, Options
from verifier.rebuild.plan import Plan

HERE = "local"
THREADS = "SAMEBITS_THREADS"


def workers_of(plan: Plan, options: Options, chain: Chain) -> list[Worker]:
    """Returns all workers: those on this machine, then one for each rebuilder.

    Raises:
        BadInput: there would be none.
    """
    local = _slots(plan, options, chain)
    workers = [Worker(name=f"{HERE} {number}", place=HERE) for number in range(1, local + 1)]
    hosts: dict[str, int] = {}
    for remote in options.rebuilders:
        hosts[remote.host] = hosts.get(remote.host, 0) + 1
        number = hosts[remote.host]
        name = remote.host if number == 1 else f"{remote.host} ({number})"
        workers.append(Worker(name=name, place=name))
    if not workers:
        raise BadInput("--workers 0 leaves nobody", advice="Give at least 1, or a --rebuilder.")
    return workers


def _slots(plan: Plan, options: Options, chain: Chain) -> int:
    """Returns how many pieces are rebuilt at a time on this machine: a device is for one, a core for a thread."""
    if sandbox_paths(plan.builds):
        return min(1, 1 if chain.workers is None else chain.workers)
    if chain.workers is not None:
        return chain.workers
    return 0 if options.rebuilders else max(1, len(os.sched_getaffinity(0)) // threads_of(plan))


def threads_of(plan: Plan) -> int:
    """Returns how many threads the training declares."""
    train = next(build for build in plan.builds if build.path == plan.model.steps["train"])
    said = train.environment.get(THREADS, "1")
    return max(1, int(said)) if said.isdecimal() and len(said) < 6 else 1


def slots_of(workers: list[Worker], asked: Asked, ours: Build) -> dict[str, Slot]:
    """Returns the slots of workers by their names, each with its place; nothing is opened yet.

    `ours` is what this machine built of what is not claimed.
    """
    plan, options = asked.plan, asked.options
    base = replace(plan, builds=base_of(plan, tuple(asked.pieces.values())))
    stores = dict(zip([w.name for w in workers if w.place != HERE], options.rebuilders, strict=True))
    shared = sandbox_paths(plan.builds)
    second = options.stores.get(shared, options.second_nix) if workers[0].place == HERE else None
    places: dict[str, Place] = {}
    for worker in workers:
        if worker.place not in places:
            remote = stores.get(worker.name)
            store = remote.store if remote else second.store if second else asked.machine
            places[worker.place] = Place(
                name=worker.place,
                store=store,
                plan=base,
                machine=asked.machine,
                claims=asked.claims,
                ours=ours,
                host=worker.name if remote else None,
            )
    local = [worker for worker in workers if worker.place == HERE]
    return {
        worker.name: Slot(
            worker=worker,
            place=places[worker.place],
            pieces=asked.pieces,
            listen=options.live.listen,
            cores=_cores(local.index(worker), len(local)) if worker in local else frozenset(),
            second=second if worker in local else None,
        )
        for worker in workers
    }


def _cores(index: int, slots: int) -> frozenset[int]:
    """Returns the cores of a slot: a share of those that are there, and never all of them if there are two."""
    present = sorted(os.sched_getaffinity(0))
    if slots == 1:
        return frozenset(present[-1:])
    share = max(1, len(present) // slots)
    begin = (index * share) % len(present)
    return frozenset(present[begin : begin + share])
