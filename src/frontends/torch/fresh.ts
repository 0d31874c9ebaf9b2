/** @file Tensors that may be changed in place without anybody noticing: just made, and read by nothing but what changes them. */
import type { ProgramNode } from "./schema.ts";

const names =
  "zeros ones full empty zeros_like ones_like full_like empty_like new_zeros new_ones new_full clone".split(
    " ",
  );
/** Operators whose result shares its numbers with nothing. */
const makers = new Set(names.map((name) => `torch.ops.aten.${name}.default`));

/** The names of such tensors among the nodes; `results` is whatever the program says of its outputs. */
export function freshTensors(nodes: readonly ProgramNode[], results: unknown): ReadonlySet<string> {
  const uses = new Map<string, number>();
  const count = (value: unknown): void => {
    if (typeof value === "string") uses.set(value, (uses.get(value) ?? 0) + 1);
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(count);
  };
  for (const { inputs } of nodes) count(inputs.map(({ arg }) => arg));
  count(results);
  const made = nodes
    .filter(({ target }) => makers.has(target))
    .flatMap((node) => node.outputs.flatMap((output) => output.as_tensor?.name ?? []));
  return new Set(made.filter((name) => uses.get(name) === 1));
}
