/**
 * @file Differences between families of functions that no single input shows: a binding under which spec and code compute
 * the same, but in which the code ties parameters that the spec keeps apart, scales them, or does not train them.
 */
import { at } from "../base/assert.ts";
import { type Sizes, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { count } from "../ops/tensor.ts";
import type { FindingKind } from "../result/findings.ts";
import { type Binding, parametersOf } from "./binding.ts";
import { codeParameters, nameIn } from "./names.ts";
import type { Scale } from "./reduce.ts";

export interface Fault {
  readonly kind: FindingKind;
  /** The parameters of the spec concerned. */
  readonly parameters: readonly Node[];
  /** The one whose equation is shown. */
  readonly at: Node;
  readonly words: string;
  readonly consequence: string;
}

export function familyFaults({ bindings, spec, code, codeSizes, scale }: Family): Fault[] {
  const trained = new Set<Node>(spec.parameters.filter((p) => p.trainable).map((p) => p.node));
  const specName = nameIn(spec).value;
  const codeName = codeParameters(code, codeSizes, scale).name;
  return [
    ...sharedFaults(bindings, codeSizes, specName, codeName),
    ...[...bindings].flatMap(([parameter, binding]) => scaledFault(parameter, binding, specName)),
    ...[...bindings]
      .filter(([parameter]) => trained.has(parameter))
      .flatMap(([parameter, binding]) => untrainedFault(parameter, binding, code, specName, codeName)),
  ];
}

/** A spec in primitives whose parameters are bound to those of a code. */
interface Family {
  readonly bindings: ReadonlyMap<Node, Binding>;
  readonly spec: Graph;
  readonly code: Graph;
  readonly codeSizes: Sizes;
  readonly scale: Scale;
}

function sharedFaults(
  bindings: ReadonlyMap<Node, Binding>,
  codeSizes: Sizes,
  specName: (parameter: Node) => string,
  codeName: (parameter: Node) => string,
): Fault[] {
  // For each parameter of the code, which parameter of the spec each entry was given to; 0 for none yet.
  const taken = new Map<Node, Uint16Array>();
  const takers = [...bindings.keys()];
  const faults = new Map<string, Fault>();
  for (const [which, { parts }] of [...bindings.values()].entries()) {
    for (const { parameters, owner, index } of parts) {
      index.forEach((place, i) => {
        const parameter = at(parameters, at(owner, i));
        const marks =
          taken.get(parameter) ?? new Uint16Array(count(sizesOf(parameter.type.shape, codeSizes)));
        taken.set(parameter, marks);
        const before = takers[at(marks, place) - 1];
        marks[place] = which + 1;
        if (before === undefined) return;
        const fault = sharedFault(before, at(takers, which), codeName(parameter), specName);
        faults.set(fault.words, fault);
      });
    }
  }
  return [...faults.values()];
}

function sharedFault(
  first: Node,
  second: Node,
  inCode: string,
  specName: (parameter: Node) => string,
): Fault {
  const words =
    first === second
      ? `entries of ${specName(first)} are tied: the code has one number of ${inCode} for several of them`
      : `${specName(first)} and ${specName(second)} are one parameter in the code, ${inCode}`;
  const consequence = "some functions of the spec can't be reached by the code, however it is trained";
  return { kind: "shared-parameter", parameters: [first, second], at: second, words, consequence };
}

function scaledFault(parameter: Node, binding: Binding, specName: (parameter: Node) => string): Fault[] {
  if (binding.factor === 1) return [];
  const words = `${specName(parameter)} is ${binding.factor} times the code's parameter`;
  const consequence =
    "the same functions can be reached, but the gradient is scaled, and stored weights mean something else";
  return [{ kind: "scaled-parameter", parameters: [parameter], at: parameter, words, consequence }];
}

function untrainedFault(
  parameter: Node,
  binding: Binding,
  code: Graph,
  specName: (parameter: Node) => string,
  codeName: (parameter: Node) => string,
): Fault[] {
  const fixed = new Set<Node>(code.parameters.filter((p) => !p.trainable).map((p) => p.node));
  const found = [...parametersOf(binding)].find((used) => fixed.has(used));
  if (found === undefined) return [];
  const words = `${specName(parameter)} is a parameter in the spec, but ${codeName(found)} is not trained in the code`;
  return [
    {
      kind: "untrained-parameter",
      parameters: [parameter],
      at: parameter,
      words,
      consequence: "the optimizer never changes it",
    },
  ];
}
