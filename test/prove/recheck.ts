/**
 * @file A second checker of equalities that shares nothing with the prover but the graph and the expansion of composites: one
 * scalar at a time, in BigInt modulo primes of 62 bits that the prover doesn't use. It is told what the parameters and the axes
 * of the outputs are in the code, and confirms or refutes that the two graphs, as their front ends made them, agree.
 */
import { at, get, range } from "../../src/base/assert.ts";
import type { Sizes } from "../../src/ir/dim.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import type { Claim } from "../../src/prove/verify.ts";
import { Numbers, type Scalar } from "./recheck-numbers.ts";
import { type Leaf, type LeafValue, Run } from "./recheck-run.ts";

/** An entry of the code's parameters. */
export interface Entry {
  readonly parameter: number;
  readonly flat: number;
}

/** What an equality rests on, in positions among inputs, parameters and outputs. */
export interface Certificate {
  readonly codeSizes: Sizes;
  readonly specSizes: Sizes;
  /** For each input of the spec the code's. */
  readonly inputs: ReadonlyMap<number, number>;
  /** For each output of the spec the code's, and for each element of that one the element of the spec's. */
  readonly outputs: ReadonlyMap<number, { readonly code: number; readonly places: readonly number[] }>;
  /** For each parameter of the spec the sums of entries that its elements are. */
  readonly parameters: ReadonlyMap<number, readonly (readonly Entry[])[]>;
}

export function certificateOf({ code, spec, codeSizes, specSizes, ...claim }: Claim): Certificate {
  const position = (graph: Graph, leaf: object): number =>
    graph.parameters.findIndex(({ node }) => node === leaf);
  const parameters = [...claim.bindings].map(([leaf, { shape, parts, factor }]) => {
    if (factor !== 1) throw new RangeError("an equality binds no multiples");
    const elements = range(shape.reduce((a, b) => a * b, 1)).map((i) =>
      parts.map((part) => {
        const owner = at(part.parameters, at(part.owner, i));
        return { parameter: position(code, owner), flat: at(part.index, i) };
      }),
    );
    return [position(spec, leaf), elements] as const;
  });
  const outputs = claim.pairing.outputs.map(([s, c]) => {
    const places = [...get(claim.layouts, s.name).positions];
    return [spec.outputs.indexOf(s), { code: code.outputs.indexOf(c), places }] as const;
  });
  const inputs = claim.pairing.inputs.map(
    ([s, c]) => [spec.inputs.indexOf(s), code.inputs.indexOf(c)] as const,
  );
  return {
    codeSizes,
    specSizes,
    inputs: new Map(inputs),
    outputs: new Map(outputs),
    parameters: new Map(parameters),
  };
}

/** p = 2q + 1 with p and q prime and the primes up to 23 squares modulo both; found by a search. */
const primes = [4389725170426132319n, 2511767391055819679n, 2555666399565462959n];
const pointsOfEach = 2;

/** Whether code and spec agree on random points of every prime. */
export const confirms = (code: Graph, spec: Graph, certificate: Certificate): boolean =>
  primes.every((p) =>
    range(pointsOfEach).every((point) => agree(code, spec, certificate, new Numbers(p, `point ${point}`))),
  );

function agree(code: Graph, spec: Graph, certificate: Certificate, numbers: Numbers): boolean {
  const drawn: LeafValue = (leaf, flat) => {
    const label = `${leaf.op} ${leaf.attrs.name} ${flat}`;
    return isReal(leaf.type.dtype) ? numbers.draw(label) : numbers.bit(label);
  };
  const entry = ({ parameter, flat }: Entry): Scalar => drawn(at(code.parameters, parameter).node, flat);
  const told: LeafValue = (leaf, flat) => {
    const position = positionOf(leaf, spec);
    if (leaf.op === "Input") return drawn(at(code.inputs, get(certificate.inputs, position)), flat);
    const elements = get(certificate.parameters, position);
    return at(elements, flat)
      .map(entry)
      .reduce((a, b) => numbers.add(a, b));
  };
  const codeRun = new Run(code, certificate.codeSizes, numbers, drawn);
  const specRun = new Run(spec, certificate.specSizes, numbers, told);
  return [...certificate.outputs].every(([output, image]) => {
    const [s, c] = [specRun.output(output), codeRun.output(image.code)];
    return s.length === c.length && c.every((value, i) => value.p === at(s, at(image.places, i)).p);
  });
}

/** Leaves of a graph have names of their own. */
const positionOf = (leaf: Leaf, { inputs, parameters }: Graph): number =>
  (leaf.op === "Input" ? inputs : parameters.map(({ node }) => node)).findIndex(
    ({ attrs }) => attrs.name === leaf.attrs.name,
  );
