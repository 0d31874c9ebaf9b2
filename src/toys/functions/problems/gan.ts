/** @file Two models that are trained against each other. */
import { at } from "../../../base/assert.ts";
import { reals, type Tensor } from "../../tensor.ts";
import {
  add,
  clear,
  type Game,
  move,
  type Player,
  players,
  type Slope,
  sigmoid,
  slopeFor,
  type Turn,
  trained,
  usual,
} from "../adversaries.ts";
import { closed } from "../meanings.ts";
import type { FunctionProblem, Meaning, Variant } from "../problem.ts";
import { bug, fractions, total } from "./parts.ts";

type Change = (game: Game) => Game;

/** The cross-entropy of 1 where that of 0 was, and the other way round. */
const relabelled =
  (slope: Slope): Slope =>
  (z) =>
    -slope(-z);
const times =
  (factor: number, slope: Slope): Slope =>
  (z) =>
    factor * slope(z);
const ofSigmoid =
  (slope: Slope): Slope =>
  (z) =>
    slope(sigmoid(z)) * sigmoid(z) * sigmoid(-z);

const withTurn =
  (player: Player, change: (turn: Turn) => Partial<Turn>): Change =>
  (game) => ({
    ...game,
    turns: { ...game.turns, [player]: { ...game.turns[player], ...change(game.turns[player]) } },
  });

/** The gradient is cleared after the step, so that what others leave there counts. */
const clearedLate = (player: Player): Change =>
  withTurn(player, ({ gradient, move: moves }) => ({
    gradient: gradient.filter(({ kind }) => kind !== "clear"),
    move: [...moves, clear(player)],
  }));
/** The discriminator's loss reaches the generator. */
const notDetached: Change = withTurn("discriminator", () => ({
  gradient: [clear("discriminator"), add("discriminator", players)],
}));

const bugs: readonly (readonly [name: string, derivation: string, change: Change, ...bugs: string[]])[] = [
  [
    "discriminator's labels exchanged",
    "the discriminator learns to call real points made, and made ones real",
    (game) => ({ ...game, real: relabelled(game.real), made: relabelled(game.made) }),
    "the labels of real and of made points are exchanged where the discriminator is trained; the generator's is not",
  ],
  [
    "generator's label exchanged",
    "the generator learns to be told from real points",
    (game) => ({ ...game, own: relabelled(game.own) }),
    "the label of made points in the generator's loss is the one that the discriminator learns",
    "the generator goes down the discriminator's loss",
  ],
  [
    "generator's sign",
    "the generator goes up its loss",
    (game) => ({ ...game, own: times(-1, game.own) }),
    "− is missing or too much in the generator's loss, as where the saturating form is changed for the other",
  ],
  [
    "discriminator's sign",
    "the discriminator goes up its loss",
    (game) => ({ ...game, real: times(-1, game.real), made: times(-1, game.made) }),
    "what the discriminator should make large is given back as its loss",
  ],
  [
    "real points left out",
    "the discriminator's loss is that of made points",
    (game) => ({ ...game, real: () => 0 }),
    "the loss of real points is not added, or is overwritten",
  ],
  [
    "made points left out",
    "the discriminator's loss is that of real points",
    (game) => ({ ...game, made: () => 0 }),
    "the loss of made points is not added, or is overwritten",
  ],
  [
    "sigmoid twice",
    "the losses of σ(ψ · x) as a logit",
    (game) => ({
      ...game,
      real: ofSigmoid(game.real),
      made: ofSigmoid(game.made),
      own: ofSigmoid(game.own),
    }),
    "the discriminator ends in a sigmoid, and the losses take logits",
  ],
  [
    "generator not moved",
    "θ stays as it is",
    withTurn("generator", () => ({ move: [] })),
    "points are made without a gradient, or detached, in the generator's step too",
    "the generator's optimizer holds other parameters, or is not stepped",
  ],
  [
    "discriminator not moved",
    "ψ stays as it is",
    withTurn("discriminator", () => ({ move: [] })),
    "the discriminator's optimizer holds other parameters, or is not stepped",
    "the discriminator is left frozen after the generator's step",
  ],
  [
    "discriminator's loss moves the generator",
    "θ follows the gradient of the discriminator's loss, added to its own",
    (game) => clearedLate("generator")(notDetached(game)),
    "made points are not detached for the discriminator's loss, and the generator's gradient is not cleared after it",
  ],
  [
    "generator's loss moves the discriminator",
    "ψ follows the gradient that the generator's loss left, added to its own",
    clearedLate("discriminator"),
    "the discriminator's gradient is cleared after its step, not before: the generator's backward pass, which runs through the discriminator, leaves one there",
  ],
  [
    "both losses move both models",
    "each model follows the gradients of both losses, added up",
    (game) => clearedLate("generator")(clearedLate("discriminator")(notDetached(game))),
    "gradients are cleared after the steps, not before, and made points are not detached for the discriminator's loss",
  ],
  [
    "discriminator's gradients add up",
    "ψ follows the sum of all gradients so far, of either loss",
    withTurn("discriminator", () => ({ gradient: [add("discriminator")] })),
    "the discriminator's gradient is never cleared",
  ],
  [
    "generator's gradients add up",
    "θ follows the sum of all gradients of its loss so far",
    withTurn("generator", () => ({ gradient: [add("generator")] })),
    "the generator's gradient is never cleared",
  ],
  [
    "generator's step moves both",
    "the generator's step moves ψ too, along the gradient that is there",
    withTurn("generator", () => ({
      gradient: [clear("generator"), clear("discriminator"), add("generator")],
      move: [move("generator"), move("discriminator")],
    })),
    "the generator's optimizer holds the parameters of both models",
  ],
];

const variantsOf = (game: Game): readonly Variant[] =>
  bugs.map(([name, derivation, change, ...how]) => bug(name, derivation, trained(change(game)), ...how));

/** What is sound, and has to be said where it is not usual. */
const schemes: readonly (readonly [name: string, derivation: string, change: Change])[] = [
  [
    "alternating",
    "the discriminator moves first, then the generator, by the non-saturating loss",
    (game) => game,
  ],
  [
    "simultaneous",
    "both gradients are taken before either model moves: the generator's is that against the discriminator before its step",
    (game) => ({ ...game, order: (g, d) => [...g.gradient, ...d.gradient, ...d.move, ...g.move] }),
  ],
  [
    "generator first",
    "the generator moves first, then the discriminator, on points that the moved generator makes",
    (game) => ({ ...game, order: (g, d) => [...g.gradient, ...g.move, ...d.gradient, ...d.move] }),
  ],
  [
    "saturating",
    "alternating, and the generator goes up the discriminator's loss: it makes −softplus(ψ · g) small, whose slope vanishes where the discriminator is sure",
    (game) => ({ ...game, own: times(-1, slopeFor(0)) }),
  ],
];

const scales: readonly (readonly [name: string, derivation: string, change: Change])[] = [
  ["", "", (game) => game],
  [
    "halved",
    "with half of the discriminator's loss",
    (game) => ({ ...game, real: times(0.5, game.real), made: times(0.5, game.made) }),
  ],
  ["summed", "with sums over the batch in the place of means", (game) => ({ ...game, reduce: total })],
  [
    "made points labelled 1",
    "with label 1 for made points and 0 for real ones, in both losses",
    (game) => ({
      ...game,
      real: relabelled(game.real),
      made: relabelled(game.made),
      own: relabelled(game.own),
    }),
  ],
];

const meanings: readonly Meaning[] = scales.flatMap(([scale, how, rescaled]) =>
  schemes.map(([scheme, derivation, change]): Meaning => {
    const game = rescaled(change(usual));
    return {
      name: [scheme, scale].filter((part) => part !== "").join(", "),
      derivation: scale === "" ? derivation : `as ${scheme}, ${how}`,
      usual: scheme === "alternating" && scale === "",
      answer: trained(game),
      variants: variantsOf(game),
    };
  }),
);

const nothing: Tensor = reals([3, 1, 1], [0, 0, 0]);

export const gan: FunctionProblem = closed({
  name: "gan",
  slot: "gan",
  signature:
    "gan(generator [d], discriminator [d], real [T, B, d], noise [T, B, d], learningRate) → [generators [T, d], discriminators [T, d]]",
  title: "a generator and a discriminator, trained against each other",
  story: `The generator θ makes the point g = θ + z of noise z, and the discriminator's logit of a point x is ψ · x. Each of T steps has a batch of real points
and one of noise, which both models use. Wanted are θ and ψ after every step of plain gradient descent: first ψ goes down the mean of softplus(−ψ · x)
plus that of softplus(ψ · g), the cross-entropy of label 1 for real points and 0 for made ones; then θ goes down the mean of
softplus(−ψ · g), with the ψ that has moved. Each loss moves its own model only. In one question all real points and all noise are 0: the Dirac-GAN.`,
  source:
    "Goodfellow et al. 2014, Generative adversarial nets, algorithm 1; Mescheder, Geiger and Nowozin 2018, Which training methods for GANs do actually converge?, for the Dirac-GAN",
  operations: 120,
  asked: [
    {
      name: "three steps in the plane",
      given: {
        generator: reals([2], [0.5, -0.3]),
        discriminator: reals([2], [0.8, 0.4]),
        real: fractions("real", 3, 4, 2),
        noise: fractions("noise", 3, 4, 2),
        learningRate: 0.5,
      },
    },
    {
      name: "the Dirac-GAN",
      given: {
        generator: reals([1], [1.5]),
        discriminator: reals([1], [0.7]),
        real: nothing,
        noise: nothing,
        learningRate: 0.5,
      },
    },
  ],
  meanings,
  place: (output, [step = 0, index = 0]) =>
    `number ${index + 1} of the ${at(players, output)} after step ${step + 1},`,
});
