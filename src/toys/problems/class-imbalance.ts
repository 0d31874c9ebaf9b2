/** @file Classes of unequal frequency, seen through a noisy channel. */

import { at, range } from "../../base/assert.ts";
import { tableOf } from "../certificate.ts";
import { changing } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Level, Problem } from "../problem.ts";
import { indices } from "../tensor.ts";
import { crossEntropyOf, drawnClass, entropy, indexField, level, predictsFrom } from "./parts.ts";

const frequencies = [0.8, 0.15, 0.05];
const [classes, right] = [frequencies.length, 0.8];
const labels = range(classes);

/** The chance of a token where the label is given. */
const channel = (token: number, label: number): number =>
  token === label ? right : (1 - right) / (classes - 1);

const joint = (token: number, label: number): number => at(frequencies, label) * channel(token, label);

/** The law of the label given the token, where classes are weighted. */
function lawOf(token: number, weight: (label: number) => number): number[] {
  const shares = labels.map((label) => joint(token, label) * weight(label));
  const sum = shares.reduce((total, share) => total + share, 0);
  return shares.map((share) => share / sum);
}

/** What a model says that is trained with weights of classes: the label's law as the weights make it. */
function weighted(derivation: string, weight: (label: number) => number): Level {
  const said = labels.map((token) => lawOf(token, weight).map(Math.log));
  return level(
    labels.reduce((sum, token) => {
      const chance = labels.reduce((total, label) => total + joint(token, label), 0);
      return (
        sum +
        chance *
          crossEntropyOf(
            lawOf(token, () => 1),
            at(said, token),
          )
      );
    }, 0),
    derivation,
    predictsFrom("token", "label", [classes], ([token = 0]) => at(said, token)),
  );
}

export const classImbalance: Problem = {
  name: "class-imbalance",
  title: "classes of unequal frequency, seen through a noisy channel",
  story: `The label is 0, 1 or 2 with probabilities ${frequencies.join(", ")}. The token is the label with probability ${right}, else one of the
others, equally likely. What is asked for is the law of the label as it is drawn, so that frequencies count.`,
  source: "folklore: Bayes's rule, and the weighting of classes",
  tags: ["classification", "tokens", "loss"],
  inputs: [indexField("token", [], classes, "the label, or another")],
  heads: [head("label", [], categorical(classes))],
  batch: 64,
  steps: 600,
  draw: (rows, random) => {
    const drawn = range(rows).map(() => drawnClass(frequencies, random));
    const tokens = drawn.map((label) =>
      drawnClass(
        labels.map((token) => channel(token, label)),
        random,
      ),
    );
    return {
      rows,
      inputs: { token: indices([rows], tokens) },
      targets: { label: indices([rows], drawn) },
      hidden: {},
    };
  },
  best: weighted("the entropy of the label given the token, by Bayes's rule", () => 1),
  certificate: tableOf(
    "label",
    labels.map((token) => lawOf(token, () => 1).map(Math.log)),
  ),
  rungs: [
    {
      ...weighted(
        "Bayes's rule for equal frequencies, where the true ones hold",
        (label) => 1 / at(frequencies, label),
      ),
      name: "classes balanced",
      kind: "definition",
      bugs: [
        "the loss weights classes by their inverse frequencies",
        "batches are sampled with equal shares of all classes",
      ],
    },
    {
      ...weighted("Bayes's rule for squared frequencies, where the true ones hold", (label) =>
        at(frequencies, label),
      ),
      name: "frequencies count twice",
      kind: "definition",
      bugs: [
        "the loss weights classes by their frequencies instead of the inverse",
        "logits that hold the frequencies already are adjusted by them once more",
      ],
    },
    {
      ...level(
        entropy(frequencies),
        "the entropy of the label",
        predictsFrom("token", "label", [classes], () => frequencies.map(Math.log)),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the token is not read", "no gradient reaches the embedding"],
      probe: staysTheSame(
        "every token is another",
        changing("token", (token) => (token + 1) % classes),
      ),
    },
  ],
};
