/** @file JAX models in `.py` files, from the file to the verdict; needs the environment of `npm run python:setup`. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { assay, inFolderWith, root } from "../cli/support.ts";

/** A LeNet or an encoder is traced in some seconds, and proved in as many. */
const proofTimeout = 300_000;

const example = (name: string): string => join(root, "examples", name);
const network = (name: string): string => join(root, "test/fixtures/networks", `flax_networks.py:${name}`);

beforeAll(() => {
  process.env["ASSAY_PYTHON"] ??= join(root, ".venv/bin/python");
});

const gan = `
import jax
import jax.numpy as jnp
from flax import nnx

class Net(nnx.Module):
    def __init__(self, size, out, seed):
        self.first = nnx.Linear(size, 5, rngs=nnx.Rngs(seed))
        self.second = nnx.Linear(5, out, rngs=nnx.Rngs(seed))

    def __call__(self, x):
        return self.second(jnp.tanh(self.first(x)))

def losses(generator, critic, real, noise):
    fake = generator(noise)
    d_loss = jnp.mean(critic(jax.lax.stop_gradient(fake))) - jnp.mean(critic(real))
    g_loss = -jnp.mean(critic(fake))
    return d_loss, g_loss

def make():
    return losses, (Net(2, 3, 0), Net(3, 1, 1), jnp.zeros((4, 3)), jnp.zeros((4, 2)))
`;

describe("read", () => {
  test("a module of flax.linen has the names of its parameters, and lines", async () => {
    const { code, output } = await assay("read", `${example("two_layer_jax.py")}:Mlp`, "--source");
    expect(output).toMatch(/^Mlp\(x : \[B, 4\]\) -> output : \[B, 2\] {3}58 parameters\n/);
    expect(output).toMatch(/\n {2}output = tanh\(x W_1 \+ b_1\) W_2 \+ b_2 +two_layer_jax\.py:20\n/);
    expect(output).toMatch(
      /\nwhere W_1 : \[4, 8\], b_1 : \[8\], W_2 : .* {3}params\.\{first,second\}\.\{kernel,bias\}\n/,
    );
    expect(code).toBe(0);
  });

  test("a function of its parameters has their paths", async () => {
    const { output } = await assay("read", `${example("two_layer_jax.py")}:make_function`);
    expect(output).toMatch(/\nwhere W_1 : \[4, 8\], b_1 : \[8\], W_2 : .* {3}\{first,second\}\.\{w,b\}\n/);
  });

  test("what a text says of it is a specification that it meets", async () => {
    const target = `${example("two_layer_jax.py")}:make_normalised`;
    const { output } = await assay("read", target);
    inFolderWith({ "net.txt": output });
    const { code, output: verdict } = await assay("check", target, "--spec", "net.txt");
    expect(verdict).toMatch(/^equal /);
    expect(code).toBe(0);
  });
});

test("a function of several models says how they feed each other, and each is defined once", async () => {
  inFolderWith({ "gan.py": gan });
  const { output } = await assay("read", "gan.py:make");
  expect(output).toMatch(/^losses\(real : \[B, 3\], noise : \[B, 2\]\) -> d_loss : \[\], g_loss : \[\]\n/);
  expect(output).toMatch(/ fake = Generator\(noise\) /);
  expect(output).toMatch(/ d_loss = mean\(Critic_1\(stop_gradient\(fake\)\)\) - mean\(Critic_1\(real\)\) /);
  expect(output).toMatch(/ g_loss = -mean\(Critic_1\(fake\)\) /);
  expect(output.match(/^(?:Generator|Critic)\(/gm)).toEqual(["Generator(", "Critic("]);
});

describe("the same networks in PyTorch and in JAX", () => {
  test.each([
    ["make_mlp", "Mlp"],
    ["make_mlp", "make_function"],
    ["make_normalised", "make_normalised"],
    ["make_attention_pool", "make_attention_pool"],
  ])("%s and %s are proved equal", async (torch, jax) => {
    const { code, output } = await assay(
      "diff",
      `${example("two_layer.py")}:${torch}`,
      `${example("two_layer_jax.py")}:${jax}`,
    );
    expect(output).toMatch(/^equal /);
    expect(code).toBe(0);
  });

  test("another activation is told with its line", async () => {
    const [torch, jax] = [example("two_layer.py"), example("two_layer_jax.py")];
    const { code, output } = await assay("diff", `${torch}:make_mlp`, `${jax}:WrongActivation`);
    expect(output).toMatch(/^different .*two_layer_jax\.py:\d+/);
    expect(output).toContain("relu");
    expect(code).toBe(1);
  });
});

describe("architectures in flax are proved to be those of their papers", () => {
  test.each([
    ["lstm", "lstm"],
    ["gru", "gru-reset-after"],
    ["lenet", "lenet"],
    ["encoder", "transformer-encoder-pre-norm"],
  ])(
    "%s",
    async (name, spec) => {
      const { code, output } = await assay("check", network(name), "--spec", spec);
      expect(output).toMatch(/^equal /);
      expect(code).toBe(0);
    },
    proofTimeout,
  );
});

describe("messages", () => {
  const model = `
import jax
import jax.numpy as jnp
import flax.linen as nn

class Dropped(nn.Module):
    @nn.compact
    def __call__(self, x):
        return nn.Dropout(0.5, deterministic=False)(nn.Dense(2)(x))

def raising(x):
    return x @ jnp.ones((7, 2))

def noisy(x):
    return x + jax.random.normal(jax.random.key(0), x.shape)

def fixed(x):
    return x.reshape(-1) if x.shape[0] == 4 else x * 2

def inputs_missing():
    return nn.Dense(2)

def example_inputs():
    return (jnp.ones((4, 3)),)
`;

  test.each([
    ["raising", "A1006", "net.py:12"],
    ["Dropped", "A1006", "net.py:9"],
    ["noisy", "A5250", "net.py:15"],
  ])("%s: %s", async (name, code, place) => {
    inFolderWith({ "net.py": model });
    const { errors } = await assay("read", `net.py:${name}`);
    expect(errors.slice(0, 5)).toBe(code);
    expect(errors).toContain(`at    ${place}`);
  });

  test("inputs that are missing are asked for in JAX", async () => {
    inFolderWith({ "net.py": model.slice(0, model.indexOf("def example_inputs")) });
    const { code, errors } = await assay("read", "net.py:inputs_missing");
    expect(errors).toContain("A1009");
    expect(errors).toContain("return (jnp.zeros((4, 3)),)");
    expect(code).toBe(2);
  });

  test("code that goes another way for a size without a value is read at the example's", async () => {
    inFolderWith({ "net.py": model });
    const { output } = await assay("read", "net.py:fixed");
    expect(output).toContain("reshape(x, [12])");
    expect(output).toContain("# every size is fixed to the example's");
  });
});
