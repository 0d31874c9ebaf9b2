/**
 * @file Parameters that an export holds as constants. Keras on PyTorch hands its layers the tensors themselves, which
 * torch.export takes for constants of the program; the file then has every parameter twice, and nothing reads the named one.
 */
import { at } from "../../base/assert.ts";
import { quoted } from "../../diag/diagnostic.ts";
import type { Placeholder } from "./placeholder.ts";
import { type ProgramGraph, tensorNames } from "./schema.ts";

interface Restored {
  readonly placeholders: readonly Placeholder[];
  readonly notes: readonly string[];
}

const isConstant = ({ kind }: Placeholder): boolean => kind === "constant";
const isParameter = ({ kind }: Placeholder): boolean => kind === "trainable" || kind === "frozen";

/**
 * Where the program reads none of its parameters: constants with a parameter's numbers are that parameter. Of several with the
 * same numbers none can be told from the others, so that constants keep their own names.
 */
export function restoreParameters(
  graph: ProgramGraph,
  placeholders: readonly Placeholder[],
  values: ReadonlyMap<string, () => Float64Array>,
): Restored {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs.flatMap(({ arg }) => tensorNames(arg))));
  const parameters = placeholders.filter(isParameter);
  if (parameters.length === 0 || parameters.some(({ value }) => read.has(value)))
    return { placeholders, notes: [] };
  const content = ({ stored: { identity, placement } }: Placeholder): string =>
    JSON.stringify([placement.scalarType, placement.sizes, [...(values.get(identity)?.() ?? [])]]);
  const equals = Map.groupBy(parameters, content);
  const restored = new Map<Placeholder, Placeholder>();
  const [told, notes] = [new Set<Placeholder>(), new Set<string>()];
  for (const [numbers, constants] of Map.groupBy(placeholders.filter(isConstant), content)) {
    const candidates = equals.get(numbers) ?? [];
    if (candidates.length === 0) continue;
    const first = at(candidates, 0);
    const isOne = candidates.length === 1;
    for (const constant of constants)
      restored.set(constant, isOne ? { ...first, value: constant.value } : { ...constant, kind: first.kind });
    if (isOne || constants.length !== candidates.length) continue;
    for (const candidate of candidates) told.add(candidate);
    const names = (some: readonly Placeholder[]): string => some.map(({ name }) => quoted(name)).join(", ");
    notes.add(`${names(constants)} have the same numbers, and are ${names(candidates)} in some order`);
  }
  if (restored.size > 0) notes.add(fixed);
  return {
    placeholders: placeholders.filter((one) => !told.has(one)).map((one) => restored.get(one) ?? one),
    notes: [...notes],
  };
}

const fixed =
  "the program reads none of its parameters: constants with their numbers are taken for them, as Keras on PyTorch exports them";
