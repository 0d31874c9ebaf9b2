/**
 * @file Differences between families of functions that no single input shows: a binding under which spec and code compute
 * the same, but in which the code ties parameters that the spec keeps apart, scales them, or does not train them.
 */
import type { Graph, Node } from "../ir/graph.ts";
import type { FindingKind } from "../result/findings.ts";
import type { Binding } from "./binding.ts";

export interface Fault {
  readonly kind: FindingKind;
  /** The parameters of the spec concerned. */
  readonly parameters: readonly Node[];
  readonly words: string;
  readonly consequence: string;
}

export function familyFaults(
  bindings: ReadonlyMap<Node, Binding>,
  spec: Graph,
  code: Graph,
  specName: (parameter: Node) => string,
  codeName: (parameter: Node) => string,
): Fault[] {
  const trained = new Set<Node>(
    spec.parameters.filter((p) => p.trainable).map((p) => p.node as unknown as Node),
  );
  return [
    ...sharedFaults(bindings, specName, codeName),
    ...[...bindings].flatMap(([parameter, binding]) => scaledFault(parameter, binding, specName)),
    ...[...bindings]
      .filter(([parameter]) => trained.has(parameter))
      .flatMap(([parameter, binding]) => untrainedFault(parameter, binding, code, specName, codeName)),
  ];
}

function sharedFaults(
  bindings: ReadonlyMap<Node, Binding>,
  specName: (parameter: Node) => string,
  codeName: (parameter: Node) => string,
): Fault[] {
  const ownerOf = new Map<string, Node>();
  const faults = new Map<string, Fault>();
  for (const [parameter, binding] of bindings) {
    for (const part of binding.entries.flat()) {
      const key = `${part.parameter.id}.${part.index}`;
      const owner = ownerOf.get(key);
      ownerOf.set(key, parameter);
      if (owner === undefined) continue;
      const names = [...new Set([specName(owner), specName(parameter)])];
      const words =
        names.length === 1
          ? `entries of ${names[0]} are tied: the code has one number of ${codeName(part.parameter)} for several of them`
          : `${names.join(" and ")} are one parameter in the code, ${codeName(part.parameter)}`;
      const consequence = "some functions of the spec can't be reached by the code, however it is trained";
      faults.set(words, { kind: "shared-parameter", parameters: [owner, parameter], words, consequence });
    }
  }
  return [...faults.values()];
}

function scaledFault(parameter: Node, binding: Binding, specName: (parameter: Node) => string): Fault[] {
  if (binding.factor === 1) return [];
  const words = `${specName(parameter)} is ${binding.factor} times the code's parameter`;
  const consequence =
    "the same functions can be reached, but the gradient is scaled, and stored weights mean something else";
  return [{ kind: "scaled-parameter", parameters: [parameter], words, consequence }];
}

function untrainedFault(
  parameter: Node,
  binding: Binding,
  code: Graph,
  specName: (parameter: Node) => string,
  codeName: (parameter: Node) => string,
): Fault[] {
  const fixed = new Set<Node>(
    code.parameters.filter((p) => !p.trainable).map((p) => p.node as unknown as Node),
  );
  const found = binding.entries.flat().find((part) => fixed.has(part.parameter));
  if (found === undefined) return [];
  const words = `${specName(parameter)} is a parameter in the spec, but ${codeName(found.parameter)} is not trained in the code`;
  return [
    {
      kind: "untrained-parameter",
      parameters: [parameter],
      words,
      consequence: "the optimizer never changes it",
    },
  ];
}
