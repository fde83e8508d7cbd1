"""Measures RE-Control's loop in PyTorch: before each token is chosen, the state climbs the value function's gradient, step by step.

As in the paper's code, every step is a forward and a backward pass by autograd. The head is a multilayer perceptron with PyTorch's own
initialization, as `rudder bench` makes its heads. 32 tokens are generated whatever the test asks for: a shorter cache, in PyTorch's favour.
"""

import time

import torch

from peer import Request, arguments, prompt, serve
from torch_model import Llama

TOKENS = 32


class ReControl:
    """A loaded model, and a head of each shape that was asked for."""

    def __init__(self, path: str, threads: int) -> None:
        torch.set_num_threads(threads)
        self._model = Llama(path)
        self._heads: dict[tuple[int, int], torch.nn.Sequential] = {}

    def measure(self, request: Request) -> float:
        """Generates once; tokens a second."""
        if request.kind != "tg" or request.sequences != 1 or request.depth:
            raise ValueError("only tg tests of one sequence, from an empty cache")
        count = min(request.tokens, TOKENS)
        head = None if request.steps is None else self._head(request.units, request.layers)
        model = self._model
        model.clear(count)
        token = prompt(1, model.vocabulary)[0]
        start = time.perf_counter()
        for _ in range(count):
            state = model.state(token)
            if head is not None:
                state = self._climb(head, state, request.steps)
            token = model.next_token(state)
        return count / (time.perf_counter() - start)

    @staticmethod
    def _climb(head: torch.nn.Sequential, state: torch.Tensor, steps: int) -> torch.Tensor:
        for _ in range(steps):
            state.requires_grad_(True)
            (gradient,) = torch.autograd.grad(head(state).sum(), state)
            state = (state + gradient).detach()
        return state

    def _head(self, units: int, layers: int) -> torch.nn.Sequential:
        if (units, layers) not in self._heads:
            torch.manual_seed(1)
            widths = [self._model.width] + [units] * (layers - 1)
            parts: list[torch.nn.Module] = []
            for inputs, outputs in zip(widths, widths[1:]):
                parts += [torch.nn.Linear(inputs, outputs), torch.nn.ReLU()]
            head = torch.nn.Sequential(*parts, torch.nn.Linear(widths[-1], 1))
            # The paper's code leaves the parameters' gradients on; only the state's are asked for.
            self._heads[units, layers] = head.requires_grad_(False)
        return self._heads[units, layers]


if __name__ == "__main__":
    options = arguments("Measures RE-Control in PyTorch, one test for each line of standard input.")
    serve(ReControl(options.model, options.threads).measure)
