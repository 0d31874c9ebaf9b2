/** @file Every message of the jax-js front end, provoked by a real model. */
import * as jax from "@jax-js/jax";
import { jit, numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import type { JaxModelSource } from "../../src/frontends/jaxjs/module.ts";
import { traceJaxjs } from "../../src/frontends/jaxjs/trace.ts";
import { numbers } from "./helpers.ts";

type Apply = (params: never, x: np.Array) => unknown;
const modelOf = (apply: unknown, params: unknown = {}): JaxModelSource =>
  ({ params, inputs: { x: [5, 4] }, apply }) as JaxModelSource;

/** The message without the line, which moves with this file. */
async function messageOf(source: unknown): Promise<string> {
  try {
    await traceJaxjs(jax, source as JaxModelSource, { file: "net.ts", part: "model" });
  } catch (error) {
    return `${(error as Error).message.replace(/errors\.test\.ts:\d+/, "errors.test.ts:LINE")}\n`;
  }
  throw new Error("nothing was thrown");
}

const misfit: Apply = (_, x) => np.matmul(x, np.ones([3, 2]));
let calls = 0;
const changing: Apply = (_, x) => x.mul(calls++);
const random: Apply = (_, x) => x.add(jax.random.normal(jax.random.key(1), [5, 4]));
const holes: Apply = (_, x) => np.where(np.less(x.ref, 0), Number.NaN, x);

describe("messages", () => {
  test.each([
    ["A1200", modelOf(misfit)],
    ["A1201", modelOf((_: never, x: np.Array) => Promise.resolve(x))],
    ["A1202", { weights: [], forward: () => 0 }],
    ["A1203", modelOf(changing)],
    ["A5200", modelOf(random)],
    ["A5201", modelOf(holes)],
  ])("%s", async (code, source) => {
    await expect(await messageOf(source)).toMatchFileSnapshot(`../errors/${code}.txt`);
  });

  test("name what is wrong with a model's parts", async () => {
    const apply: Apply = (_, x) => x;
    expect(await messageOf(modelOf(apply, { w: "zero" }))).toContain("the parameter w is string zero");
    const input = { params: {}, inputs: { x: [2, -1] }, apply };
    expect(await messageOf(input)).toContain("the input x is [2,-1]");
    expect(await messageOf(modelOf(() => ({ a: { b: null } })))).toContain("null at a.b");
  });

  test("name the line that threw, through compiled functions, and an array that was used up", async () => {
    const inner = jit((x: np.Array) => np.matmul(x, np.ones([3, 2])));
    expect(await messageOf(modelOf((_: never, x: np.Array) => inner(x)))).toContain(
      "at    errors.test.ts:LINE",
    );
    const used = modelOf((_: never, x: np.Array) => x.add(1).add(x.add(x)));
    expect(await messageOf(used)).toContain("please use .ref move semantics");
  });

  test("come after the default device is restored", async () => {
    await jax.init("wasm");
    jax.defaultDevice("wasm");
    await messageOf(modelOf(misfit));
    const device = jax.defaultDevice();
    jax.defaultDevice("cpu");
    expect(device).toBe("wasm");
  });
});

test("a function that makes the model is called", async () => {
  const make = (): unknown => ({
    name: "Made",
    params: { w: numbers([4, 2]), scale: 2 },
    inputs: { x: { shape: [5, 4], dtype: "float32" } },
    apply: ({ w, scale }: { w: np.Array; scale: np.Array }, x: np.Array) => np.matmul(x, w).mul(scale),
  });
  const made = await traceJaxjs(jax, (() => Promise.resolve(make())) as JaxModelSource);
  expect(made.name).toBe("Made");
  expect(made.parameters.map(({ names }) => names[0])).toEqual(["w", "scale"]);
  expect([...(made.parameters[1]?.values?.() ?? [])]).toEqual([2]);
});
