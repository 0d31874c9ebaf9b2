/** @file An image moved down by two rows, around the edge: what convolutions reach. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { inRows } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { itemsStayTheSame, staysTheSame } from "../probes.ts";
import type { Level, Problem, Rung } from "../problem.ts";
import { binomial, level, realField } from "./parts.ts";
import {
  certain,
  inputNotRead,
  type Law,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
  uniform,
} from "./questions.ts";

const [height, width] = [6, 4];
const shift = 2;

const pixels = range(height * width);
const rowOf = (pixel: number): number => Math.floor(pixel / width);
const columnOf = (pixel: number): number => pixel % width;

/** Signs, so that a padding of zeros is unlike any pixel. */
const signs = (random: Random): number[] => tokens(pixels.length, 2, random).map((bit) => 2 * bit - 1);

/** Where an answer's pixel comes from. */
const sourceOf = (item: number): number => (item + width * (height - shift)) % pixels.length;

const question: Question = {
  input: realField("image", [1, height, width], "random signs"),
  answers: head("moved", [height, width], binary),
  noise: 0.1,
  draw: (random) => signs(random),
  right: (own, item) => Number(at(own, sourceOf(item)) > 0),
};

/** Probabilities p of a one. */
const coin = (p: number): Law => [1 - p, p];
const [known, unknown] = [
  uncertainty(question.noise, certain(2, 0)),
  uncertainty(question.noise, uniform(2)),
];

/** A model that knows some of the answers and nothing of the others. */
function knowing(derivation: string, knows: (item: number) => boolean): Level {
  const share = pixels.filter(knows).length / pixels.length;
  return level(
    share * known + (1 - share) * unknown,
    derivation,
    says(question, (own, item) => (knows(item) ? certain(2, question.right(own, item)) : uniform(2))),
  );
}

const inverted = (places: (pixel: number) => boolean) =>
  inRows(question.input, (own) => own.map((value, pixel) => (places(pixel) ? -value : value)));

/** The first row whose answers come from inside the image. */
const inner = shift;

/** Models whose outputs in a row do not depend on these others, counted from it, among which is the one that it asks for. */
const notReached = (name: string, bugs: readonly string[], unseen: readonly number[]): Rung => {
  const rows = unseen.map((down) => inner + down);
  return {
    ...level(
      Math.log(2),
      "pixels are independent, and the one that is asked for is not seen",
      saysNothing(question),
    ),
    name,
    kind: "floor",
    bugs,
    probe: itemsStayTheSame(
      `rows ${rows.join(", ")} inverted, seen from row ${inner}`,
      inverted((pixel) => rows.includes(rowOf(pixel))),
      [inner],
    ),
  };
};

/** The four pixels of a block of two by two. */
const blockOf = (pixel: number): readonly number[] => {
  const corner = pixel - (columnOf(pixel) % 2) - width * (rowOf(pixel) % 2);
  return [corner, corner + 1, corner + width, corner + width + 1];
};

const shareOfBlock = (own: readonly number[], pixel: number): number =>
  blockOf(pixel).filter((other) => at(own, other) > 0).length / 4;

export const shiftedImage: Problem = posed(question, {
  name: "shifted-image",
  title: "an image moved by two rows",
  story: `An image of ${height} × ${width} random signs. The answers say which pixels are positive in the same image moved down by ${shift}
rows, where those that leave at the bottom enter at the top; each is a coin's instead with probability ${question.noise}.`,
  source: "made for what convolutions reach",
  tags: ["classification", "image", "convolution"],
  batch: 64,
  steps: 600,
  rungs: [
    inputNotRead(
      question,
      inRows(question.input, (_, random) => signs(random)),
    ),
    notReached(
      "own row only",
      ["height and width are swapped in a kernel's or a padding's sizes"],
      [-2, -1, 1, 2, 3],
    ),
    notReached("next rows only", ["kernels of size 3 in a single layer: the reach is one row"], [-2, 2, 3]),
    notReached(
      "rows below only",
      ["kernels are padded on the wrong side, so that they reach down, not up"],
      [-2, -1],
    ),
    {
      ...knowing(
        `the first ${shift} rows come from beyond the edge; inside it they are ${height - shift} rows off, farther than the layers reach`,
        (item) => rowOf(item) >= shift,
      ),
      name: "edge closed",
      kind: "floor",
      bugs: ["convolutions are padded with zeros, not around the edge"],
      probe: itemsStayTheSame(
        "the last row inverted, seen from the first",
        inverted((pixel) => rowOf(pixel) === height - 1),
        range(shift),
      ),
    },
    {
      ...knowing(
        "a quarter of the pixels are kept, the others are independent of them",
        (item) => rowOf(item) % 2 === 0 && columnOf(item) % 2 === 0,
      ),
      name: "every second pixel",
      kind: "floor",
      bugs: ["the first convolution has a stride of 2 and a kernel of 1; a transposed one fills the gaps"],
      probe: staysTheSame(
        "pixels of odd rows or columns inverted",
        inverted((pixel) => rowOf(pixel) % 2 === 1 || columnOf(pixel) % 2 === 1),
      ),
    },
    {
      ...level(
        binomial(4, 1 / 2).reduce((sum, p, ones) => sum + p * uncertainty(question.noise, coin(ones / 4)), 0),
        "a pixel is each of the four in its block with equal chance: E[h(K/4)] with K ~ Bin(4, 1/2)",
        says(question, (own, item) => coin(shareOfBlock(own, sourceOf(item)))),
      ),
      name: "averaged in blocks",
      kind: "floor",
      bugs: ["an average pool of 2 × 2 comes before the first kernel"],
      probe: staysTheSame(
        "columns swapped in pairs",
        inRows(question.input, (own) =>
          pixels.map((pixel) => at(own, pixel + 1 - 2 * (columnOf(pixel) % 2))),
        ),
      ),
    },
  ],
});
