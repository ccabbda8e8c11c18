"""FSDP between processes on CPUs: `torchrun world_sharded.py OUT NAME`, one case a launch.

Accelerate takes FSDP between GPUs alone, so it is told here that these CPUs are some. What runs is
FSDP itself (torch shards over gloo), through the same code as on GPUs; NCCL is not in it.
"""

import sys
from dataclasses import replace
from pathlib import Path

import world_runs
from accelerate import PartialState
from accelerate.utils import DistributedType
from torch.distributed.tensor import DTensor
from train_local import die_tasks, small_local

from evenodds.measure.exact import measure_exact
from evenodds.train import run, strategy

own_init, own_possible = PartialState.__init__, strategy.possible


def as_gpus(self, *args, **more):
    own_init(self, *args, **more)
    if PartialState._shared_state.get("distributed_type") == DistributedType.MULTI_CPU:
        PartialState._shared_state["distributed_type"] = DistributedType.MULTI_GPU


def taught(out, name, **more):
    options = replace(world_runs.CASES[name](), average=0.0, **more)
    local, tasks = small_local(), die_tasks()

    def probe():
        return {"tv": measure_exact(local, tasks[0])["tv"]}

    run.train(local, tasks, options, Path(out) / name, replay=world_runs.REPLAY, probe=probe)
    assert bool(more) == any(isinstance(p, DTensor) for p in local.model.parameters())


if __name__ == "__main__":
    PartialState.__init__ = as_gpus
    run.possible = lambda config, world, on_cpu: own_possible(config, world, on_cpu=False)
    taught(sys.argv[1], sys.argv[2], strategy="fsdp")
