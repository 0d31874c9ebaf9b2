/** @file Functions written in PyTorch, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { calledFunctions } from "../../src/cli/toys/call.ts";
import type { FunctionOutcome, FunctionVerdict } from "../../src/result/functions.ts";
import { parseResult } from "../../src/result/result.ts";
import { functionProblems } from "../../src/toys/functions/catalogue.ts";
import { gan } from "../../src/toys/functions/problems/gan.ts";
import { optimizer } from "../../src/toys/functions/problems/optimizer.ts";
import { assay, inFolderWith, root } from "../cli/support.ts";

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
});

const source = `
import torch
from torch import distributions, nn
from torch.nn import functional
from torch.optim import lr_scheduler

def token_loss(logits, targets, mask):
    return functional.cross_entropy(logits.flatten(0, 1), targets.masked_fill(mask == 0, -100).flatten())

def kl(mean, log_variance):
    standard = distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))
    return distributions.kl_divergence(distributions.Normal(mean, (log_variance / 2).exp()), standard).sum(-1).mean()

def divergence(logits, other):
    return functional.kl_div(other.log_softmax(-1), logits.softmax(-1), reduction="batchmean")

def ctc(logs, labels):
    return functional.ctc_loss(logs[:, None], labels[None], [len(logs)], [len(labels)], reduction="sum")

def clip(gradients, most):
    parameters = [nn.Parameter(torch.zeros_like(gradient)) for gradient in gradients]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient
    nn.utils.clip_grad_norm_(parameters, most)
    return [parameter.grad for parameter in parameters]

def schedule(step):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    rising = lr_scheduler.LinearLR(optimizer, 0.1, 1, 20)
    falling = lr_scheduler.CosineAnnealingLR(optimizer, 180, 0.001)
    both = lr_scheduler.SequentialLR(optimizer, [rising, falling], [20])
    for _ in range(step):
        optimizer.step()
        both.step()
    return both.get_last_lr()[0]

def advantages(rewards, values, next_values, terminated, truncated, gamma, lam):
    found, last = torch.zeros_like(rewards), 0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + gamma * next_values[t] * (1 - terminated[t]) - values[t]
        last = delta + gamma * lam * (1 - terminated[t]) * (1 - truncated[t]) * last
        found[t] = last
    return found

def returns(rewards, terminated, gamma):
    found = []
    for reward, end in zip(rewards.flip(0), terminated.flip(0)):
        found.insert(0, reward + gamma * (0 if end else (found[0] if found else 0)))
    return found

def policy_loss(now, old, advantages, epsilon):
    ratio = (now - old).exp()
    return -torch.min(ratio * advantages, ratio.clamp(1 - epsilon, 1 + epsilon) * advantages).mean()

def trained(late=(), detach=True, holds_both=False):
    """A training of two models as the tutorials have it, with an optimizer each."""

    def gan(generator, discriminator, real, noise, learning_rate):
        theta, psi = nn.Parameter(generator.clone()), nn.Parameter(discriminator.clone())
        ours = torch.optim.SGD([theta, psi] if holds_both else [theta], learning_rate)
        theirs = torch.optim.SGD([psi], learning_rate)
        visited = []

        def stepped(optimizer, loss):
            name = "ours" if optimizer is ours else "theirs"
            if name not in late:
                optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if name in late:
                optimizer.zero_grad()

        def said(points, label):
            logits = points @ psi
            return functional.binary_cross_entropy_with_logits(logits, torch.full_like(logits, label))

        for x, z in zip(real, noise):
            made = theta + z
            stepped(theirs, said(x, 1.0) + said(made.detach() if detach else theta + z, 0.0))
            stepped(ours, said(made, 1.0))
            visited.append((theta.detach().clone(), psi.detach().clone()))
        return [torch.stack(models) for models in zip(*visited)]

    return gan

right = dict(
    cross_entropy=functional.cross_entropy,
    binary_cross_entropy=functional.binary_cross_entropy_with_logits,
    token_loss=token_loss,
    squared_error=functional.mse_loss,
    kl=kl,
    divergence=divergence,
    ctc=ctc,
    clip=clip,
    schedule=schedule,
    gan=trained(),
    schedule_is=dict(kind="cosine", peak=0.01, start=0.001, end=0.001, warm_up=20, steps=200),
    optimizer=torch.optim.AdamW,
    optimizer_is=dict(kind="adamw", weight_decay=0.01),
    advantages=advantages,
    returns=returns,
    q_targets=lambda rewards, values, terminated, gamma: rewards + gamma * (1 - terminated) * values.amax(-1),
    policy_loss=policy_loss,
    policy_gradient=lambda logs, weights: -(logs * weights).mean(),
    entropy=lambda logits: distributions.Categorical(logits=logits).entropy(),
)

class ByHand(torch.optim.Optimizer):
    """Adam whose correction is forgotten."""

    def __init__(self, parameters, lr):
        super().__init__(parameters, dict(lr=lr))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                state = self.state[parameter]
                if not state:
                    state["m"], state["v"] = torch.zeros_like(parameter), torch.zeros_like(parameter)
                state["m"].lerp_(parameter.grad, 0.1)
                state["v"].lerp_(parameter.grad**2, 0.001)
                parameter -= group["lr"] * state["m"] / (state["v"].sqrt() + 1e-8)

class wrong:
    cross_entropy = lambda logits, labels: functional.cross_entropy(logits.softmax(-1), labels)
    binary_cross_entropy = lambda logits, labels: functional.binary_cross_entropy_with_logits(logits.sigmoid(), labels)
    token_loss = lambda logits, targets, mask: functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
    squared_error = lambda outputs, targets: functional.mse_loss(outputs[:, None], targets)
    kl = lambda mean, log_variance: -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).mean()
    divergence = lambda logits, other: functional.kl_div(logits.log_softmax(-1), other.softmax(-1), reduction="batchmean")
    ctc = lambda logs, labels: functional.ctc_loss(logs[:, None], labels[None], [len(logs)], [len(labels)], 3)
    clip = lambda gradients, most: [clip([gradient], most)[0] for gradient in gradients]
    optimizer, optimizer_is = ByHand, dict(kind="adam")
`;

const verdictsOf = (functions: readonly FunctionOutcome[]): Record<string, FunctionVerdict> =>
  Object.fromEntries(functions.map(({ problem, verdict }) => [problem, verdict]));

async function functionsOf(name: string): Promise<readonly FunctionOutcome[]> {
  inFolderWith({ "net.py": source });
  const only = functionProblems.map((problem) => problem.name);
  const { output } = await assay("toys", `net.py:${name}`, "--only", ...only, "--json");
  const result = parseResult(JSON.parse(output));
  if (result.schema !== "assay/toys@1") throw new Error(`a result of toys, not ${result.schema}`);
  return result.functions;
}

test("PyTorch's own functions reach all problems", { timeout: 300_000 }, async () => {
  const functions = await functionsOf("right");
  expect(functions.map(({ problem }) => problem)).toEqual(functionProblems.map(({ name }) => name));
  for (const { problem, verdict } of functions)
    expect(verdict, problem).toMatchObject({ kind: "reached", unseen: [] });
});

test("wrong uses of them are named", { timeout: 300_000 }, async () => {
  expect(verdictsOf(await functionsOf("wrong"))).toMatchObject({
    "cross-entropy": { kind: "stuck", rungs: [{ name: "softmax twice" }] },
    "binary-cross-entropy": { kind: "stuck", rungs: [{ name: "sigmoid twice" }] },
    "token-loss": { kind: "stuck", rungs: [{ name: "padding counted" }] },
    "squared-error": { kind: "stuck", rungs: [{ name: "every row against every other" }] },
    kl: { kind: "inconclusive", is: [{ name: "mean over everything" }] },
    divergence: { kind: "stuck", rungs: [{ name: "other direction" }] },
    ctc: { kind: "inconclusive", is: [{ name: "last class is the blank, divided by labels" }] },
    clip: { kind: "inconclusive", is: [{ name: "each tensor by its own norm" }] },
    optimizer: { kind: "stuck", rungs: [{ name: "no bias correction" }] },
  });
});

test.each([
  ["holds_both=True", "generator's step moves both"],
  ["late=['theirs']", "generator's loss moves the discriminator"],
  ["late=['ours'], detach=False", "discriminator's loss moves the generator"],
  ["late=['ours', 'theirs'], detach=False", "both losses move both models"],
])("trained(%s) is told: %s", { timeout: 120_000 }, async (options, name) => {
  inFolderWith({ "net.py": `${source}\nbroken = dict(gan=trained(${options}), gan_is="alternating")` });
  const [outcome] = await calledFunctions({
    entry: "net.py:broken",
    calls: [{ problem: gan, claim: "alternating" }],
    seed: 0,
    milliseconds: 100_000,
    onCalled: () => undefined,
  });
  expect(outcome?.verdict).toMatchObject({ kind: "stuck", rungs: [{ name }] });
});

const optimizers: readonly (readonly [code: string, claim: object])[] = [
  ["torch.optim.Adam", { kind: "adam" }],
  [
    "lambda p: torch.optim.Adam(p, 0.02, (0.8, 0.99), 1e-6, 0.1)",
    { kind: "adam", learningRate: 0.02, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.1 },
  ],
  ["lambda p, lr: torch.optim.AdamW(p, lr, weight_decay=0.1)", { kind: "adamw", weightDecay: 0.1 }],
  ["torch.optim.SGD", { kind: "sgd" }],
  [
    "lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, weight_decay=0.01)",
    { kind: "sgd", momentum: 0.9, weightDecay: 0.01 },
  ],
  [
    "lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, nesterov=True)",
    { kind: "sgd", momentum: 0.9, nesterov: true },
  ],
  [
    "lambda p, lr: torch.optim.SGD(p, lr, momentum=0.9, dampening=0.5)",
    { kind: "sgd", momentum: 0.9, dampening: 0.5 },
  ],
  ["lambda p, lr: torch.optim.RMSprop(p, lr, alpha=0.9)", { kind: "rmsprop", beta2: 0.9 }],
];

async function verdictOn(make: string, claim?: object): Promise<FunctionVerdict | undefined> {
  inFolderWith({ "net.py": `import torch\nmake = dict(optimizer=${make})\n` });
  const [outcome] = await calledFunctions({
    entry: "net.py:make",
    calls: [{ problem: optimizer, claim }],
    seed: 0,
    milliseconds: 100_000,
    onCalled: () => undefined,
  });
  return outcome?.verdict;
}

test.each(optimizers)("%s is what it says", { timeout: 120_000 }, async (make, claim) => {
  expect(await verdictOn(make, claim)).toMatchObject({ kind: "reached", unseen: [] });
});

test("an optimizer of PyTorch of which nothing is said is named", { timeout: 120_000 }, async () => {
  const nadam = await verdictOn("lambda p: torch.optim.NAdam(p, 0.1)");
  expect(nadam).toEqual({ kind: "inconclusive", is: [] });
  const descent = await verdictOn("lambda p: torch.optim.SGD(p, 0.03, 0.9)");
  expect(descent).toMatchObject({ kind: "reached", is: ["SGD, learning rate 0.03, momentum 0.9"] });
});
