/** @file Functions of TensorFlow.js that are traced: the graph computes what the function does. */
import * as tf from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { type TfModule, traceTfjs } from "../../src/frontends/tfjs/trace.ts";
import { shapeText } from "../../src/ir/dim.ts";
import { run } from "../run.ts";

const library = tf as unknown as TfModule;
const source = random(3);
const normal = (...shape: number[]): tf.Tensor => {
  const count = shape.reduce((product, size) => product * size, 1);
  return tf.tensor(
    Float32Array.from({ length: count }, () => source.normal()),
    shape,
  );
};

type Apply = (params: Record<string, tf.Tensor>, ...inputs: tf.Tensor[]) => unknown;
interface Case {
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  readonly params: () => Record<string, tf.Tensor>;
  readonly apply: Apply;
}
const w = (params: Record<string, tf.Tensor>, name: string): tf.Tensor => {
  const found = params[name];
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

const cases: Readonly<Record<string, Case>> = {
  perceptron: {
    inputs: { x: [3, 4] },
    params: () => ({ a: normal(4, 8), b: normal(8), c: normal(8, 2) }),
    apply: (p, x) => tf.tanh(x.matMul(w(p, "a")).add(w(p, "b"))).matMul(w(p, "c")),
  },
  functions: {
    inputs: { x: [2, 6], y: [2, 6] },
    params: () => ({ alpha: normal(6) }),
    apply: (p, x, y) => {
      const [a, b] = [x, y];
      return [
        tf.relu(a).add(tf.sigmoid(b)).sub(tf.softplus(a)).mul(tf.elu(b)),
        tf.exp(a).div(tf.abs(b).add(1)).maximum(tf.sin(a)).minimum(tf.selu(b)),
        tf.prelu(a, w(p, "alpha")).add(tf.leakyRelu(b, 0.1)).add(tf.erf(a)),
        tf.where(a.less(b), a, b.square()).add(tf.cast(a.greater(0), "float32")),
        tf.logSoftmax(a).add(tf.softmax(b)),
      ];
    },
  },
  reductions: {
    inputs: { x: [2, 3, 4] },
    params: () => ({}),
    apply: (_, x) => {
      const a = x;
      const { mean, variance } = tf.moments(a, [-1], true);
      return {
        normal: a.sub(mean).div(variance.add(1e-5).sqrt()),
        most: a.max(1),
        all: a.sum().add(a.min()).add(a.mean()),
      };
    },
  },
  structure: {
    inputs: { x: [2, 3, 4] },
    params: () => ({ table: normal(5, 3), e: normal(4, 4) }),
    apply: (p, x) => {
      const a = x;
      const [first, second] = tf.split(a, 2, 2) as [tf.Tensor, tf.Tensor];
      return [
        tf.concat([first, second.mul(2)], 1),
        a.transpose([0, 2, 1]).reshape([-1, 12]),
        tf.stack([a, a.neg()], 1).squeeze().expandDims(-1),
        tf.tile(a.slice([0, 1, 0], [-1, 2, -1]), [1, 2, 1]),
        tf.einsum("bij,jk->bik", a, w(p, "e")),
        tf.gather(a, tf.tensor1d([2, 0], "int32"), 1),
        tf.unstack(a, 1)[1],
      ];
    },
  },
  images: {
    inputs: { x: [2, 8, 7, 3] },
    params: () => ({
      k: normal(3, 3, 3, 4),
      d: normal(3, 3, 4, 1),
      bias: normal(4),
      mean: normal(4),
      scale: normal(4),
      variance: normal(4).abs().add(0.5),
    }),
    apply: (p, x) => {
      const filter = w(p, "k") as tf.Tensor4D;
      const v = (name: string): tf.Tensor1D => w(p, name) as tf.Tensor1D;
      const h = tf.relu(tf.conv2d(x as tf.Tensor4D, filter, 2, "same").add(w(p, "bias")));
      const d = tf.depthwiseConv2d(h as tf.Tensor4D, w(p, "d") as tf.Tensor4D, 1, 1);
      const fused = tf.fused.conv2d({
        x: x as tf.Tensor4D,
        filter,
        strides: 1,
        pad: 1,
        bias: w(p, "bias"),
        activation: "relu6",
      });
      const n = tf.batchNorm(h as tf.Tensor4D, v("mean"), v("variance"), v("bias"), v("scale"));
      return [
        tf.maxPool(n, 2, 2, "valid"),
        tf.avgPool(h as tf.Tensor4D, 3, 1, "same"),
        d,
        fused.mean([1, 2]),
      ];
    },
  },
};

const listed = (value: unknown): tf.Tensor[] =>
  value instanceof tf.Tensor ? [value as tf.Tensor] : Object.values(value as Record<string, tf.Tensor>);
const plain = (tensor: tf.Tensor): { shape: number[]; values: number[] } => ({
  shape: tensor.shape,
  values: [...tensor.dataSync()],
});

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("values agree with the function", () => {
  test.each(Object.entries(cases))("%s", async (_, { inputs, params, apply }) => {
    const model = { params: params(), inputs, apply };
    const graph = await traceTfjs(library, model, "net.ts", "model");
    expect(graph.inputs.map(({ type }) => shapeText(type.shape))).toEqual(
      Object.values(inputs).map(([, ...rest]) => `[B, ${rest.join(", ")}]`),
    );
    // Another batch than the one that was traced.
    const given = Object.values(inputs).map(([, ...rest]) => normal(3, ...rest));
    const expected = listed(apply(model.params, ...given)).map(plain);
    const outputs = run(graph, given.map(plain));
    expect(outputs.length).toBe(expected.length);
    for (const [got, want] of zip(outputs, expected)) {
      expect(got.shape).toEqual(want.shape);
      for (const [a, b] of zip([...got.values], want.values))
        expect(Math.abs(a - b), `${a} against ${b}`).toBeLessThanOrEqual(5e-6 + 5e-5 * Math.abs(b));
    }
  });
});

describe("what can't be followed", () => {
  const traced = async (apply: Apply): Promise<unknown> =>
    await traceTfjs(library, { params: {}, inputs: { x: [3, 4] }, apply }, "net.ts", "model");

  test("numbers that are read out of a tensor", async () => {
    const apply: Apply = (_, x) => ((x?.sum().dataSync()[0] ?? 0) > 0 ? x : x?.neg());
    await expect(traced(apply)).rejects.toThrow("reads out of a tensor");
  });

  test("a kernel without a meaning, by its name", async () => {
    await expect(traced((_, x) => tf.reverse(x, 1))).rejects.toThrow("the kernel Reverse");
  });

  test("a function that throws", async () => {
    const apply: Apply = () => {
      throw new Error("no way");
    };
    await expect(traced(apply)).rejects.toThrow(/^A1200[^]*no way/);
  });

  test("a size that is written into the function stays", async () => {
    const graph = (await traced((_, x) => x?.reshape([3, 2, 2]))) as { notes: readonly string[] };
    expect(graph.notes).toEqual(["every size is that of the traced inputs"]);
  });

  test("the library is left as it was", async () => {
    await traced((_, x) => x?.neg());
    expect(tf.tensor([1, -2]).neg().dataSync()).toEqual(Float32Array.of(-1, 2));
  });
});
