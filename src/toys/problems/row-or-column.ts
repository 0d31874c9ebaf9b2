/** @file Whether a row or a column of an image is lit. */
import { range } from "../../base/assert.ts";
import { inRows, shuffled } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { affineProbe, staysTheSame } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { level, realField } from "./parts.ts";
import {
  certain,
  inputNotRead,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
  uniform,
} from "./questions.ts";

const size = 8;
/** A crop of half the height and width, from `crop.from` on. */
const crop = { size: size / 2, from: size / 4 };

const pixels = range(size * size);
const rowOf = (pixel: number): number => Math.floor(pixel / size);
const columnOf = (pixel: number): number => pixel % size;

const question: Question = {
  input: realField("image", [1, size, size], "one row or one column of ones, else zeros"),
  answers: head("label", [], binary),
  noise: 0.1,
  draw: (random) => {
    const [isRow, lit] = [random.below(2) === 1, random.below(size)];
    return pixels.map((pixel) => Number((isRow ? rowOf(pixel) : columnOf(pixel)) === lit));
  },
  right: (own) => Number(isLitRow(own)),
};

/** Two lit pixels of one row. */
const isLitRow = (own: readonly number[]): boolean =>
  pixels.some((pixel) => columnOf(pixel) > 0 && own[pixel] === 1 && own[pixel - 1] === 1);

const inCrop = (index: number): boolean => index >= crop.from && index < crop.from + crop.size;
const cropped = pixels.filter((pixel) => inCrop(rowOf(pixel)) && inCrop(columnOf(pixel)));

const inverted = (places: readonly number[]) =>
  inRows(question.input, (own) => own.map((value, pixel) => (places.includes(pixel) ? 1 - value : value)));

export const rowOrColumn: Problem = posed(question, {
  name: "row-or-column",
  title: "whether a row or a column is lit",
  story: `An image of ${size} × ${size} zeros with one random row or one random column of ones. The label says whether it is a row, and is a
coin's with probability ${question.noise}.`,
  source: "folklore",
  tags: ["classification", "image", "convolution"],
  batch: 64,
  steps: 600,
  rungs: [
    inputNotRead(
      question,
      inRows(question.input, (_, random) => tokens(pixels.length, 2, random)),
    ),
    {
      ...level(
        Math.log(2),
        `an affine logit has the same sum over all rows as over all columns, namely over all pixels; the loss is convex, so
that some best one is constant`,
        saysNothing(question),
      ),
      name: "affine",
      kind: "floor",
      bugs: ["an activation is missing"],
      probe: affineProbe("image"),
    },
    {
      ...level(Math.log(2), `every image has ${size} ones and as many zeros`, saysNothing(question)),
      name: "pixel positions lost",
      kind: "floor",
      bugs: [
        "convolutions of size 1, then a pool over all pixels",
        "pixels are shuffled, each image in its own way",
      ],
      probe: staysTheSame("pixels in another order", shuffled(question.input)),
    },
    {
      ...level(
        Math.log(2),
        "transposing an image turns its label and, for such a model, nothing else",
        saysNothing(question),
      ),
      name: "transposed at random",
      kind: "floor",
      bugs: ["images are transposed, or turned by a quarter, at random in training, and labels are not"],
    },
    {
      ...level(
        (uncertainty(question.noise, certain(2, 0)) + Math.log(2)) / 2,
        `a row or column meets the crop with probability ${crop.size}/${size} and is then known; otherwise nothing is`,
        says(question, (own) =>
          cropped.some((pixel) => own[pixel] === 1)
            ? certain(2, Number(isLitRow(own.map((value, pixel) => (cropped.includes(pixel) ? value : 0)))))
            : uniform(2),
        ),
      ),
      name: "middle only",
      kind: "floor",
      bugs: [
        `images are cropped to their middle ${crop.size} × ${crop.size} pixels instead of scaled`,
        "unpadded convolutions, and the middle output is read",
      ],
      probe: staysTheSame(
        "pixels outside of the middle inverted",
        inverted(pixels.filter((pixel) => !cropped.includes(pixel))),
      ),
    },
  ],
});
