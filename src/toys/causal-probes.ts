/** @file Questions about what of a sequence is seen where: tokens are changed, and what is said elsewhere is compared. */
import { at, invariant, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { changesWith, staysTheSame, sumsAgree } from "./probes.ts";
import type { Batch, Field, Probe } from "./problem.ts";
import { indices, named, outputs, row, rowSize, type Tensor, type Tensors } from "./tensor.ts";

/** Tokens with others in their place; `place` counts within a row. */
const withTokens = (
  { name }: Field,
  inputs: Tensors,
  other: (token: number, index: number, place: number, own: ArrayLike<number>) => number,
): Tensors => {
  const { shape, data } = named(inputs, name);
  const length = at(shape, 1);
  const changed = Int32Array.from(data, (token, i) => {
    const index = Math.floor(i / length);
    return other(token, index, i % length, data.subarray(index * length, (index + 1) * length));
  });
  return { ...inputs, [name]: indices(shape, changed) };
};

/** The place of a row's other token: the rows of a batch together ask about all places. */
const placeIn = (index: number, length: number): number => index % length;

/** One token of every row becomes another. */
const oneOther =
  (field: Field) =>
  ({ inputs }: Batch, random: Random): Tensors => {
    const { count } = field;
    invariant(count !== undefined, "tokens are whole numbers");
    return withTokens(field, inputs, (token, index, place, { length }) =>
      place === placeIn(index, length) ? (token + 1 + random.below(count - 1)) % count : token,
    );
  };

/** The first two tokens of every row change places. */
const firstTwoSwapped =
  (field: Field) =>
  ({ inputs }: Batch): Tensors =>
    withTokens(field, inputs, (token, _, place, own) => (place < 2 ? at(own, 1 - place) : token));

/** Outputs that are compared, with zeros for all others; `place` is that of the other token. */
const keptWhere =
  (keep: (position: number, place: number) => boolean) =>
  (all: Tensors): Tensors =>
    Object.fromEntries(Object.entries(all).map(([name, whole]) => [name, partOf(whole, keep)]));

function partOf(whole: Tensor, keep: (position: number, place: number) => boolean): Tensor {
  const [length, size] = [at(whole.shape, 1), rowSize(whole)];
  const kept = Float64Array.from(whole.data, (value, i) => {
    const position = Math.floor(((i % size) * length) / size);
    return keep(position, placeIn(Math.floor(i / size), length)) ? value : 0;
  });
  return outputs(whole.shape, kept);
}

/** The same question, asked of a part of the outputs. */
const ofPart = (part: (all: Tensors) => Tensors, probe: Probe): Probe => ({
  ...probe,
  confirms: (plain, others) => probe.confirms(part(plain), others.map(part)),
});

/** Models that see so many tokens, the current one included. */
export const seesOnly = (field: Field, reach: number): Probe =>
  ofPart(
    keptWhere((position, place) => position >= place + reach),
    staysTheSame(`one token becomes another, and ${later(reach)} are compared`, oneOther(field)),
  );

const later = (reach: number): string =>
  reach === 0 ? "the answers there and later" : `the answers ${reach} or more positions later`;

/** Models that see later tokens. */
export const seesAhead = (field: Field): Probe =>
  changesWith(
    "one token becomes another, and the answers before it are compared",
    oneOther(field),
    keptWhere((position, place) => position < place),
  );

/** Models that see which tokens came before the current one, and not in which order. */
export const orderBlindBefore = (field: Field): Probe =>
  ofPart(
    keptWhere((position) => position >= 2),
    staysTheSame(
      "the first two tokens change places, and the answers from the third on are compared",
      firstTwoSwapped(field),
    ),
  );

/** Models to which tokens of one group, numbers that `groupOf` gives, are the same. */
export const seesGroups = (field: Field, says: string, groupOf: (token: number) => number): Probe =>
  staysTheSame(says, ({ inputs }, random) => {
    const tokens = range(field.count ?? 0);
    return withTokens(field, inputs, (token) => {
      const alike = tokens.filter((other) => groupOf(other) === groupOf(token));
      return at(alike, random.below(alike.length));
    });
  });

/** Models that add what they say of the first token and of all others. */
export const addsUp = (field: Field): Probe =>
  sumsAgree(
    "f(a, b) + f(c, d) = f(c, b) + f(a, d) for the first token and the rest",
    ({ inputs }, random) => {
      const others = withTokens(field, inputs, () => random.below(field.count ?? 0));
      return [others, withFirst(field, others, inputs), withFirst(field, inputs, others)];
    },
  );

/** Inputs with the first token of every row from others. */
const withFirst = (field: Field, from: Tensors, inputs: Tensors): Tensors =>
  withTokens(field, inputs, (token, index, place) =>
    place === 0 ? at(row(named(from, field.name), index), 0) : token,
  );
