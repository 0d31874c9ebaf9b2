/**
 * @file Recurrent cells that are known by how they are made, however a program calls their values: the gates i, f, o, the candidate g
 * and the memory c of an LSTM (Hochreiter and Schmidhuber 1997), the gates r, z and the candidate n of a GRU (Cho et al. 2014).
 */
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { isOneMinus, isSigmoid, isSum, isTanh } from "../ops/gating.ts";
import { isElementwiseProduct } from "../ops/traits.ts";
import { isGenerated } from "./generated.ts";
import type { LaidOpen } from "./lay-open.ts";
import type { Member, Recurrence } from "./recurrences.ts";

/** The same with the letters of papers for what has no name that a person gave. */
export function withGates({ graph, recurrences }: LaidOpen): LaidOpen {
  const letters = new Map(recurrences.flatMap((recurrence) => [...gatesOf(recurrence)]));
  const isOwn = (name: string): boolean => name !== "" && !isGenerated(name);
  const members = recurrences.map((recurrence) => ({
    ...recurrence,
    members: recurrence.members.map((member): Member => {
      const label = isOwn(member.label) ? member.label : (letters.get(member.result) ?? member.label);
      return { ...member, label };
    }),
  }));
  const results = new Set(recurrences.flatMap((own) => own.members.map(({ result }) => result)));
  const inner = [...letters].filter(([node]) => !results.has(node));
  const labels: Graph["labels"] = new Map([...inner, ...graph.labels]);
  return { graph: { ...graph, labels }, recurrences: members };
}

/** The letters of the values of one recurrence. */
function gatesOf({ members }: Recurrence): Map<Node, string> {
  const letters = new Map<Node, string>();
  for (const member of members) {
    for (const [node, letter] of [...memoryGates(member, members), ...updateGates(member)])
      if (!letters.has(node)) letters.set(node, letter);
  }
  return letters;
}

type Letters = readonly (readonly [node: Node, letter: string])[];

/** Of c_t = f_t * c_{t-1} + i_t * g_t, from which another value h_t = o_t * tanh(c_t) is made. */
function memoryGates({ result: memory, carried }: Member, members: readonly Member[]): Letters {
  if (carried === undefined || !isSum(memory)) return [];
  const forget = partnerIn(memory.inputs, carried.node);
  const [gate, candidate] = memory.inputs.flatMap(factorsOf).filter(([, other]) => isTanh(other))[0] ?? [];
  if (forget === undefined || gate === undefined || candidate === undefined) return [];
  return members.flatMap(({ result: hidden }): Letters => {
    const [, output] = factorsOf(hidden).find(([one]) => isTanh(one) && one.inputs[0] === memory) ?? [];
    if (output === undefined) return [];
    const gates = [
      [gate, "i"],
      [forget, "f"],
      [output, "o"],
    ] as const;
    const named = gates.filter(([node]) => isSigmoid(node));
    return [[memory, "c"], [hidden, "h"], ...named, [candidate, "g"]];
  });
}

/** Of h_t = (1 - z_t) * n_t + z_t * h_{t-1}, or with z_t and 1 - z_t in each other's places. */
function updateGates({ result, carried }: Member): Letters {
  if (carried === undefined || !isSum(result)) return [];
  const kept = partnerIn(result.inputs, carried.node);
  const [taken, candidate] = result.inputs.flatMap(factorsOf).filter(([, other]) => isTanh(other))[0] ?? [];
  if (kept === undefined || taken === undefined || candidate === undefined) return [];
  const update = [kept, taken].find(
    (gate) => isSigmoid(gate) && [kept, taken].some((other) => isOneMinus(other, gate)),
  );
  if (update === undefined) return [];
  const inside = reachable([candidate]).flatMap(factorsOf);
  const resets = inside.flatMap(([gate]) => (isSigmoid(gate) && gate !== update ? [gate] : []));
  return [
    [result, "h"],
    [update, "z"],
    ...resets.slice(0, 1).map((reset) => [reset, "r"] as const),
    [candidate, "n"],
  ];
}

/** Both factors of a product, in both orders. */
const factorsOf = (node: Node): (readonly [Node, Node])[] => {
  const [left, right] = node.inputs;
  if (!isElementwiseProduct(node) || left === undefined || right === undefined) return [];
  return [
    [left, right],
    [right, left],
  ];
};

/** What a value is multiplied with in one of these products. */
const partnerIn = (products: readonly Node[], value: Node): Node | undefined =>
  products.flatMap(factorsOf).find(([factor]) => factor === value)?.[1];
