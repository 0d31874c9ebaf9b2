/** @file Models that lie in test/fixtures in several formats, and ones that differ from them in one thing. */
import { basename, join } from "node:path";
import { loadModel } from "../../src/cli/load.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { convertedModel } from "../tfjs/support.ts";

/** Files are named below test/fixtures. */
interface Model {
  readonly name: string;
  readonly first: string;
  /** The same model in other formats. */
  readonly others: readonly string[];
  /** Models with one thing changed, in the format of the first. */
  readonly wrong: Readonly<Record<string, string>>;
  /** Pairs of which nothing is concluded so far, or of which the first lacks what the second is. */
  readonly undecided?: readonly string[];
}

const models: readonly Model[] = [
  {
    name: "Keras: layers with normalisation",
    first: "same/mlp.keras",
    others: ["tfjs-converted/mlp.zip", "same/mlp.pt2"],
    wrong: { "same/mlp_tanh.keras": "tanh for relu" },
  },
  {
    name: "Keras: convolutions",
    first: "same/cnn.keras",
    others: ["tfjs-converted/cnn.zip", "same/cnn.pt2", "same/cnn.onnx"],
    wrong: {
      "same/cnn_tanh.keras": "tanh for relu",
      "same/cnn_pool_stride.keras": "windows of the pooling one step apart, not two",
      "same/cnn_mean_pool.keras": "means for maxima in the pooling",
    },
  },
  {
    name: "Keras: LSTM",
    first: "same/lstm.keras",
    others: [
      "tfjs-converted/lstm.zip",
      "tfjs-converted/lstm-functions.zip",
      "same/lstm.pt2",
      "same/lstm.onnx",
    ],
    wrong: { "same/lstm_backwards.keras": "the second layer from the last step to the first" },
  },
  {
    name: "Keras: transformer",
    first: "same/transformer.keras",
    others: ["tfjs-converted/transformer.zip", "same/transformer.pt2"],
    wrong: {
      "same/transformer_epsilon.keras": "1e-5 for 1e-3 in a normalisation",
      "same/transformer_gelu.keras": "gelu for relu",
    },
  },
  {
    name: "PyTorch: residual block",
    first: "pt2/resnet_block.pt2",
    others: ["onnx/resnet_block.dynamo.onnx", "onnx/resnet_block.script.onnx"],
    wrong: { "pt2/resnet_block_gelu.pt2": "gelu for relu" },
  },
  {
    name: "PyTorch: GPT-2",
    first: "pt2/gpt2.pt2",
    others: ["onnx/gpt2.dynamo.onnx", "onnx/gpt2.script.onnx"],
    wrong: {},
  },
  {
    name: "PyTorch: LeNet",
    first: "pt2/lenet.pt2",
    others: ["onnx/lenet.dynamo.onnx", "onnx/lenet.script.onnx"],
    wrong: {
      "pt2/lenet_relu.pt2": "relu for tanh",
      "pt2/lenet_max_pool.pt2": "maxima for means in the pooling",
    },
  },
  {
    name: "Hugging Face: GPT-2",
    first: "same/hf_gpt2.pt2",
    others: ["same/hf_gpt2.onnx"],
    wrong: {
      "same/hf_gpt2_gelu.pt2": "erf form for tanh form of gelu",
      "same/hf_gpt2_epsilon.pt2": "1e-6 for 1e-5 in all normalisations",
      "same/hf_gpt2_unmasked.pt2": "no mask",
      "same/hf_gpt2_unscaled.pt2": "scores are not scaled",
    },
  },
  {
    name: "Hugging Face: GPT-2, open sizes",
    first: "same/hf_gpt2_open.pt2",
    others: ["same/hf_gpt2_open.onnx"],
    wrong: {},
  },
  {
    name: "Hugging Face: BERT",
    first: "same/hf_bert.pt2",
    others: ["same/hf_bert.onnx", "same/hf_bert.script.onnx"],
    wrong: {
      "same/hf_bert_gelu.pt2": "tanh form for erf form of gelu",
      "same/hf_bert_epsilon.pt2": "1e-5 for 1e-12 in all normalisations",
      "same/hf_bert_unscaled.pt2": "scores are not scaled",
      "same/hf_bert_norm_first.pt2": "normalised before the skip connection is added, in one layer",
    },
  },
  {
    name: "Hugging Face: BERT, open sizes",
    first: "same/hf_bert_open.pt2",
    others: ["same/hf_bert_open.onnx"],
    wrong: {},
  },
  {
    name: "Hugging Face: Llama",
    first: "same/hf_llama.pt2",
    others: ["same/hf_llama.onnx"],
    wrong: {
      "same/hf_llama_gelu.pt2": "gelu for silu",
      "same/hf_llama_epsilon.pt2": "1e-5 for 1e-6 in all normalisations",
      "same/hf_llama_unmasked.pt2": "no mask",
      "same/hf_llama_unscaled.pt2": "scores are not scaled",
      "same/hf_llama_base.pt2": "500 for 10000 as the base of rotary positions",
      "same/hf_llama_turned.pt2": "queries are turned the other way round than keys",
    },
  },
  {
    name: "Hugging Face: Llama, open sizes",
    first: "same/hf_llama_open.pt2",
    others: ["same/hf_llama_open.onnx"],
    wrong: {},
  },
  {
    name: "Hugging Face: Qwen3",
    first: "same/hf_qwen3.pt2",
    others: ["same/hf_qwen3.onnx"],
    wrong: {},
  },
  {
    name: "Hugging Face: T5, open sizes",
    first: "same/hf_t5_open.pt2",
    others: ["same/hf_t5_open.onnx", "same/hf_t5_open_sdpa.pt2"],
    wrong: { "same/hf_t5_gelu.pt2": "gelu for relu" },
  },
];

export interface Pair {
  readonly model: string;
  readonly first: string;
  readonly second: string;
  /** What differs, empty where nothing does. */
  readonly mistake: string;
  readonly expected: Verdict["kind"];
}

export const pairs: readonly Pair[] = models.flatMap(({ name, first, others, wrong, undecided = [] }) =>
  [[first, ""] as const, ...Object.entries(wrong)].flatMap(([from, mistake]) =>
    others.map((second) => {
      const isOpen = undecided.includes(`${from} ${second}`);
      const expected = isOpen ? "undecided" : mistake === "" ? "equal" : "different";
      return { model: name, first: from, second, mistake, expected } as const;
    }),
  ),
);

const fixtures = join(import.meta.dirname, "..", "fixtures");

const graphOf = async (file: string): Promise<Graph> =>
  file.endsWith(".zip")
    ? await convertedModel(basename(file, ".zip")).read()
    : await loadModel(join(fixtures, file));

/** What `assay diff FIRST SECOND` says. */
export async function verdictOn({ first, second }: Pick<Pair, "first" | "second">): Promise<Verdict> {
  const spec = asSpec(await graphOf(first), first);
  return check({ code: await graphOf(second), spec: () => spec, seed: 1 });
}
