/**
 * @file The training of two models against each other, small enough to be written down: the generator θ makes g = θ + z of
 * noise, the discriminator's logit of a point x is ψ · x. Gradients are kept, cleared and followed as by code that has a
 * gradient for every parameter, so that what is forgotten there shows.
 */
import { at, range, zip } from "../../base/assert.ts";
import { outputs } from "../tensor.ts";
import { numberIn, numbersIn, rowsIn, tensorIn } from "./given.ts";
import type { Definition, Given } from "./problem.ts";
import { average, products, type Row, type Rows, total } from "./problems/parts.ts";

/** How a loss of one point rises with its logit. */
export type Slope = (logit: number) => number;

export const players = ["generator", "discriminator"] as const;
export type Player = (typeof players)[number];

/** Clears a model's gradient, adds a loss's gradients to what is there, or moves a model along what is there. */
type Action =
  | { readonly kind: "clear"; readonly player: Player }
  | { readonly kind: "move"; readonly player: Player }
  | { readonly kind: "add"; readonly loss: Player; readonly to: readonly Player[] };
/** One model's part of a step: what makes its gradient, and its move. */
export interface Turn {
  readonly gradient: readonly Action[];
  readonly move: readonly Action[];
}

export interface Game {
  /** Of the discriminator's loss, on a real point and on one that was made; of the generator's, on the latter. */
  readonly real: Slope;
  readonly made: Slope;
  readonly own: Slope;
  /** Over the points of a batch. */
  readonly reduce: (values: Row) => number;
  readonly turns: Readonly<Record<Player, Turn>>;
  readonly order: (generator: Turn, discriminator: Turn) => readonly Action[];
}

export const sigmoid: Slope = (z) => 1 / (1 + Math.exp(-z));
/** Of the cross-entropy of a label. */
export const slopeFor =
  (label: 0 | 1): Slope =>
  (z) =>
    sigmoid(z) - label;

export const clear = (player: Player): Action => ({ kind: "clear", player });
export const move = (player: Player): Action => ({ kind: "move", player });
/** As backward passes do it: the generator's loss runs through the discriminator, the other stops before the generator. */
export const add = (
  loss: Player,
  to: readonly Player[] = loss === "generator" ? players : [loss],
): Action => ({ kind: "add", loss, to });

const turnOf = (player: Player): Turn => ({
  gradient: [clear(player), add(player)],
  move: [move(player)],
});

/** The discriminator moves first, and the generator by the non-saturating loss. */
export const usual: Game = {
  real: slopeFor(1),
  made: slopeFor(0),
  own: slopeFor(1),
  reduce: average,
  turns: { generator: turnOf("generator"), discriminator: turnOf("discriminator") },
  order: (generator, discriminator) => [
    ...discriminator.gradient,
    ...discriminator.move,
    ...generator.gradient,
    ...generator.move,
  ],
};

/** A number for every parameter of both models. */
type Both = Readonly<Record<Player, Row>>;
interface Batch {
  readonly real: Rows;
  readonly noise: Rows;
}

/** Both models after every step. */
export const trained =
  (game: Game): Definition =>
  (given) => {
    const rate = numberIn(given, "learningRate");
    const actions = game.order(game.turns.generator, game.turns.discriminator);
    let models: Both = {
      generator: numbersIn(given, "generator"),
      discriminator: numbersIn(given, "discriminator"),
    };
    let kept: Both = zerosLike(models);
    const visited = batchesIn(given).map((batch) => {
      for (const action of actions) {
        if (action.kind === "add") {
          const gradients = gradientsOf(game, action.loss, models, batch);
          for (const player of action.to) kept = { ...kept, [player]: plus(kept[player], gradients[player]) };
        } else {
          const { kind, player } = action;
          if (kind === "clear") kept = { ...kept, [player]: zerosLike(models)[player] };
          else models = { ...models, [player]: plus(models[player], times(-rate, kept[player])) };
        }
      }
      return models;
    });
    return players.map((player) =>
      outputs(
        [visited.length, models[player].length],
        visited.flatMap((both) => both[player]),
      ),
    );
  };

/** How a player's loss rises with both models: a logit rises with ψ by its point, and that of a made point with θ by ψ. */
function gradientsOf(game: Game, loss: Player, models: Both, { real, noise }: Batch): Both {
  const { generator: theta, discriminator: psi } = models;
  const made = noise.map((z) => plus(theta, z));
  const over = (slope: Slope, points: Rows, direction: (point: Row) => Row): Row =>
    psi.map((_, i) => game.reduce(points.map((x) => slope(dot(psi, x)) * at(direction(x), i))));
  const slope = loss === "generator" ? game.own : game.made;
  const onReal = loss === "generator" ? zerosLike(models).discriminator : over(game.real, real, (x) => x);
  return {
    generator: over(slope, made, () => psi),
    discriminator: plus(
      onReal,
      over(slope, made, (x) => x),
    ),
  };
}

const plus = (a: Row, b: Row): Row => zip(a, b).map(([x, y]) => x + y);
const times = (factor: number, row: Row): Row => row.map((value) => factor * value);
const dot = (a: Row, b: Row): number => total(products(a, b));
const zerosLike = ({ generator, discriminator }: Both): Both => ({
  generator: times(0, generator),
  discriminator: times(0, discriminator),
});

/** Points and noise of every step. */
function batchesIn(given: Given): readonly Batch[] {
  const [steps = 0, size = 0] = tensorIn(given, "real").shape;
  const [real, noise] = [rowsIn(given, "real"), rowsIn(given, "noise")];
  return range(steps).map((step) => {
    const [from, to] = [step * size, (step + 1) * size];
    return { real: real.slice(from, to), noise: noise.slice(from, to) };
  });
}
