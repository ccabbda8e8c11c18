"""Each loss against its equation, its zero, and finite differences."""

import math

import torch

from evenodds.train.losses import answer_cross_entropy, js, kl_forward, kl_reverse, smoothed

TARGET = torch.tensor([[0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], dtype=torch.float64)
MODEL = torch.tensor([[0.25, 0.5, 0.25], [0.6, 0.2, 0.2]], dtype=torch.float64)
WEIGHT = torch.tensor([1.0, 0.5], dtype=torch.float64)


def test_answer_cross_entropy_by_hand():
    logprob = MODEL.log()
    loss = answer_cross_entropy(
        logprob, torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2]), torch.tensor([0.5, 0.5, 1.0])
    )
    by_hand = -(0.5 * math.log(0.25) + 0.5 * math.log(0.5) + math.log(0.2))
    assert math.isclose(loss.item(), by_hand, rel_tol=1e-12)


def test_kl_forward_by_hand():
    first = 0.5 * math.log(2)
    second = 0.2 * math.log(0.2 / 0.6) + 0.3 * math.log(0.3 / 0.2) + 0.5 * math.log(0.5 / 0.2)
    assert math.isclose(kl_forward(TARGET, MODEL.log(), WEIGHT).item(), first + second / 2)


def test_kl_reverse_is_kl_forward_with_the_arguments_exchanged():
    inside = smoothed(TARGET, 0.1)
    forward = kl_forward(MODEL, inside.log(), WEIGHT)
    assert torch.allclose(kl_reverse(inside, MODEL.log(), WEIGHT), forward)


def test_kl_reverse_is_infinite_off_the_target():
    assert kl_reverse(TARGET, MODEL.log(), WEIGHT).item() == math.inf


def test_js_is_symmetric_and_bounded():
    one_way, other = js(TARGET, MODEL.log(), WEIGHT), js(MODEL, TARGET.log(), WEIGHT)
    assert torch.allclose(one_way, other) or other.isnan()
    apart = torch.eye(2, dtype=torch.float64)
    most = js(apart, apart.flip(0).clamp_min(1e-300).log(), torch.ones(2, dtype=torch.float64))
    assert math.isclose(most.item(), 2 * math.log(2), rel_tol=1e-9)


def test_what_is_called_kl_or_js_is_zero_at_the_target():
    inside = smoothed(TARGET, 0.1)
    for divergence in (kl_forward, kl_reverse, js):
        assert abs(divergence(inside, inside.log(), WEIGHT).item()) < 1e-12
        assert divergence(inside, MODEL.log(), WEIGHT).item() > 0.05


def test_smoothed_targets_are_laws():
    assert torch.allclose(smoothed(TARGET, 0.1).sum(-1), torch.ones(2, dtype=torch.float64))


def test_gradients_against_finite_differences():
    inside = smoothed(TARGET, 0.05)
    logits = torch.randn(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    logits.requires_grad_()
    for divergence in (kl_forward, kl_reverse, js):
        assert torch.autograd.gradcheck(
            lambda z, d=divergence: d(inside, z.log_softmax(-1), WEIGHT), logits
        )


def test_the_gradient_of_the_cross_entropy_is_model_minus_target():
    logits = torch.randn(1, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    logits.requires_grad_()
    edges = torch.tensor([0, 0, 0]), torch.tensor([0, 1, 2]), TARGET[1]
    answer_cross_entropy(logits.log_softmax(-1), *edges).backward()
    assert torch.allclose(logits.grad, logits.detach().softmax(-1) - TARGET[1])
