/** @file Trains a model of the XOR-and-regression problem as `assay toys` does, and measures it exactly on the population. */
import type { model } from "../../examples/xor-regression/right.ts";
import { at, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Description, Output } from "../toys/description.ts";
import { reals, type Tensor, type Tensors } from "../toys/tensor.ts";
import {
  type Losses,
  points,
  populationLosses,
  type Sample,
  type XorRegression,
} from "../toys/xor-regression.ts";
import { batchAt } from "./toys/batches.ts";
import type { JaxLibrary } from "./toys/jaxjs-model.ts";
import { JaxjsTraining } from "./toys/jaxjs-training.ts";

/** A model with the inputs and outputs of the problem: x [B, 3] to a logit [B, 1] and a value y [B, 1]. */
export type XorModel = typeof model;

/** The expected losses after some steps. */
export interface Measurement extends Losses {
  readonly step: number;
}

export interface Training {
  readonly problem: XorRegression;
  readonly sample: Sample;
  /** Draws the initial weights. */
  readonly random: Random;
  readonly steps: number;
  readonly batch: number;
  /** Called every `every` steps, before the first and after the last. */
  readonly every: number;
  onMeasure(measurement: Measurement): void;
}

const learningRate = 0.03;

/** Trains from fresh weights on batches of the sample, which begins again at its end, and measures on the way. */
export function train(jax: JaxLibrary, model: XorModel, plan: Training): void {
  const { problem, sample, steps, batch } = plan;
  const description = descriptionFor(plan);
  const training = new JaxjsTraining(jax, { model: () => model }, model, {
    problem: description,
    learningRate,
    steps,
  });
  training.put(initial(training.parameters(), plan.random));
  const count = sample.labels.length;
  const data = {
    "inputs/x": reals([count, 3], sample.x),
    "targets/logit": reals([count], sample.labels),
    "targets/y": reals([count], sample.targets),
  };
  const population = points(problem);
  // A model that is asked for a whole batch is compiled once.
  const asked = range(batch).flatMap((i) => [...at(population, i % population.length).x]);
  const inputs = { x: reals([batch, 3], asked) };
  for (const index of range(steps + 1)) {
    if (index % plan.every === 0 || index === steps) {
      const { logit, y } = training.ask(inputs) as Record<"logit" | "y", Tensor>;
      let next = 0;
      const losses = populationLosses(problem, () => ({
        logit: at(logit.data, next),
        value: at(y.data, next++),
      }));
      plan.onMeasure({ ...losses, step: index });
    }
    if (index < steps) training.step(batchAt(data, index % (count / batch), description), index);
  }
}

/** What the model takes and gives, under its own names. */
function descriptionFor({ problem: { weights }, batch }: Training): Description {
  const output = (name: string, kind: Output["kind"], weight: number): Output => ({
    name,
    kind,
    weight,
    items: [],
    width: 1,
  });
  return {
    name: "xor-regression",
    title: "",
    tags: [],
    batch,
    inputs: [{ name: "x", shape: [3], meaning: "three signs" }],
    outputs: [output("logit", "binary", weights.label), output("y", "squared", weights.target)],
  };
}

/** Weights with variance one over the number of inputs, biases zero. */
function initial(parameters: Tensors, random: Random): Tensors {
  const drawn = Object.entries(parameters).map(([name, { shape, data }]) => {
    const deviation = shape.length === 2 ? 1 / Math.sqrt(at(shape, 0)) : 0;
    return [
      name,
      reals(
        shape,
        Array.from(data, () => deviation * random.normal()),
      ),
    ] as const;
  });
  return Object.fromEntries(drawn);
}
