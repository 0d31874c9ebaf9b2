/**
 * @file Solves one node of the spec for the one parameter in it that is not bound yet: which tensor would make the node
 * equal a value of the code? Sums and products give it by subtraction and division; a contraction gives it by probing:
 * its data operand is replaced by unit vectors in the code, and what comes out are the parameter's rows
 * (equivalence.md §3.2). The answer is a table of values, which the caller names.
 */
import { at, get } from "../base/assert.ts";
import type { Residues } from "../domain/prime-field.ts";
import { evaluate, type Values } from "../eval/evaluate.ts";
import { sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import type { Algebra } from "../ops/define.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { broadcastPositions, count, positions, real, strides } from "../ops/tensor.ts";
import { contractionOf, isKept } from "../ops/traits.ts";
import type { Match } from "./match.ts";
import { type SpecSizes, unifyLoosely, unifyRegrouped } from "./pairing.ts";
import { type Base, planProbes, sourceOf } from "./probes.ts";
import type { Exact, World } from "./world.ts";

/** A parameter that would make the node equal a value of the code. */
export interface Solution {
  readonly parameter: Node;
  readonly shape: readonly number[];
  readonly table: Residues;
  readonly sizes: SpecSizes;
  /** The value of the code that the node is made equal to. */
  readonly target: Node;
}

export interface Problem {
  readonly node: Node;
  /** Position of the operand that depends on an unbound parameter and on nothing else. */
  readonly open: number;
  readonly parameter: Node;
  /** The operand whose value is known. */
  readonly data: Exact;
  /** Values of which the data consist, and where the code has them, the likeliest first. */
  readonly bases: Iterable<Base>;
  readonly sizes: SpecSizes;
}

/** Solutions of one kind after another; when the first are good, the others need not be looked for. */
export function* solve(problem: Problem, world: World, prober: Prober): Generator<Solution[]> {
  const { algebra } = definitionOf(problem.node.op);
  if (algebra !== undefined) yield solveElementwise(problem, world, algebra);
  const equation = contractionOf(problem.node);
  if (equation === undefined) return;
  for (const base of problem.bases) yield solveContraction(problem, base, equation, world, prober);
}

/** Views of a value of the code that may be the node: as it is, and with two axes swapped. */
function views(tensor: Exact): { readonly shape: readonly number[]; readonly places: Int32Array }[] {
  const whole = { shape: tensor.shape, places: positions([count(tensor.shape)], [1]) };
  const squeezed = tensor.shape.filter((size) => size !== 1);
  if (squeezed.length !== 2) return [whole];
  const swapped = [at(squeezed, 1), at(squeezed, 0)];
  return [whole, { shape: swapped, places: positions(swapped, [1, at(squeezed, 1)]) }];
}

interface Target {
  readonly node: Node;
  readonly values: Residues;
  readonly places: Int32Array;
  readonly shape: readonly number[];
  readonly sizes: SpecSizes;
}

/** Values of the code whose shape the node could have. */
function targets(
  { node, sizes }: Problem,
  values: Values<Residues>,
  from: (node: Node) => boolean,
  unified: typeof unifyLoosely = unifyLoosely,
): Target[] {
  const found: Target[] = [];
  for (const [candidate, tensor] of values) {
    if (tensor.kind !== "real" || isKept(candidate) || !from(candidate)) continue;
    for (const { shape, places } of views(tensor)) {
      const laid = unified(node.type.shape, shape, sizes);
      if (laid !== undefined) {
        found.push({ node: candidate, values: tensor.values, places, ...laid });
      }
    }
  }
  return found;
}

/** Gathers values met at positions of the open operand into the parameter's table; they must agree. */
class TableMaker {
  readonly #source: Int32Array;
  readonly #table: Residues;
  readonly #met: Uint8Array;
  #consistent = true;

  constructor(source: Int32Array, size: number) {
    this.#source = source;
    this.#table = { p: new Int32Array(size), q: new Int32Array(size) };
    this.#met = new Uint8Array(size);
  }

  put(position: number, p: number, q: number): void {
    const entry = at(this.#source, position);
    if (this.#met[entry] === 1 && (this.#table.p[entry] !== p || this.#table.q[entry] !== q))
      this.#consistent = false;
    this.#met[entry] = 1;
    this.#table.p[entry] = p;
    this.#table.q[entry] = q;
  }

  /** The whole table, when every entry was met and all meetings agreed. */
  finish(): Residues | undefined {
    return this.#consistent && this.#met.every((met) => met === 1) ? this.#table : undefined;
  }
}

function solutionFrom(
  problem: Problem,
  target: Target,
  fill: (maker: TableMaker, operandShape: readonly number[]) => void,
): Solution | undefined {
  const operand = at(problem.node.inputs, problem.open);
  const source = sourceOf(operand, problem.parameter, target.sizes);
  if (source === undefined) return undefined;
  const shape = sizesOf(problem.parameter.type.shape, target.sizes);
  const maker = new TableMaker(source, count(shape));
  fill(maker, sizesOf(operand.type.shape, target.sizes));
  const table = maker.finish();
  return table && { parameter: problem.parameter, shape, table, sizes: target.sizes, target: target.node };
}

/** u + φ = t gives φ = t − u, u · φ = t gives φ = t / u, and so on; the parameter is what does not vary. */
function solveElementwise(problem: Problem, world: World, algebra: Algebra): Solution[] {
  const { field } = world;
  const { data } = problem;
  if (data.kind !== "real") return [];
  return targets(problem, world.values, () => true).flatMap((target) => {
    const u = field.gather(data.values, broadcastPositions(data.shape, target.shape));
    const result = field.gather(target.values, target.places);
    const voided = field.undefinedDivision;
    const difference = algebra.solve<Residues>(field, result, u, problem.open);
    // A division by zero concerns this candidate alone; what it spoils can't be named.
    field.undefinedDivision = voided;
    const solution = solutionFrom(problem, target, (maker, operandShape) => {
      const places = broadcastPositions(operandShape, target.shape);
      for (const [i, place] of places.entries()) {
        maker.put(place, at(difference.p, i), at(difference.q, i));
      }
    });
    return solution === undefined ? [] : [solution];
  });
}

/**
 * Rows of the parameter come out when unit vectors go in. A letter that both operands have and the result keeps runs along
 * the rows of the data, each of which sees its own part of the parameter.
 */
function solveContraction(
  problem: Problem,
  base: Base,
  equation: string,
  world: World,
  prober: Prober,
): Solution[] {
  const { left, right, out, batch, summed } = parseContraction(equation);
  const [dataLetters, openLetters] = problem.open === 1 ? [left, right] : [right, left];
  const { data } = problem;
  if (data.kind !== "real" || base.value.kind !== "real") return [];
  const sizeOf = (letter: string): number => at(data.shape, dataLetters.indexOf(letter));
  const rowLetters = dataLetters.filter((letter) => !summed.includes(letter));
  const sizes = (letters: readonly string[]): number[] => letters.map(sizeOf);
  const steps = stepsIn(dataLetters, data.shape);
  const places = positions(sizes([...rowLetters, ...summed]), [...rowLetters, ...summed].map(steps));
  const parts = stepsIn(batch, sizes(batch));
  const probes = planProbes({
    source: places.map((place) => at(base.source, place)),
    inner: count(sizes(summed)),
    part: positions(
      sizes(rowLetters),
      rowLetters.map((letter) => (batch.includes(letter) ? parts(letter) : 0)),
    ),
  });
  if (probes === undefined) return [];
  const zero = prober.values(world, base, []);
  const responses = probes.map(({ ones, hits }) => ({ values: prober.values(world, base, ones), hits }));
  const below = prober.cone(world.graph, base.matches);
  const grouped: typeof unifyLoosely = (...shapes) => unifyLoosely(...shapes) ?? unifyRegrouped(...shapes);
  return targets(problem, world.values, (node) => below.has(node), grouped).flatMap((target) => {
    const silence = realValues(zero, target);
    const solution = solutionFrom(problem, target, (maker, operandShape) => {
      const outSteps = stepsIn(out, target.shape);
      const openSteps = stepsIn(openLetters, operandShape);
      const columns = openLetters.filter((letter) => !dataLetters.includes(letter));
      const columnSizes = columns.map((letter) => at(operandShape, openLetters.indexOf(letter)));
      const outRows = positions(rowLetters.map(sizeOf), rowLetters.map(outSteps));
      const outColumns = positions(columnSizes, columns.map(outSteps));
      const openInner = positions(sizes(summed), summed.map(openSteps));
      const openRows = positions(
        sizes(rowLetters),
        rowLetters.map((letter) => (batch.includes(letter) ? openSteps(letter) : 0)),
      );
      const openColumns = positions(columnSizes, columns.map(openSteps));
      for (const { values, hits } of responses) {
        const response = world.field.sub(realValues(values, target), silence);
        for (const [row, inner] of hits) {
          const unit = at(openRows, row) + at(openInner, inner);
          for (const [column, place] of outColumns.entries()) {
            const from = at(outRows, row) + place;
            maker.put(unit + at(openColumns, column), at(response.p, from), at(response.q, from));
          }
        }
      }
    });
    return solution === undefined ? [] : [solution];
  });
  function realValues(values: Values<Residues>, target: Target): Residues {
    const tensor = get(values, target.node);
    return world.field.gather(
      tensor.kind === "real" ? tensor.values : world.field.fromIntegers(tensor.values),
      target.places,
    );
  }
}

/** Step in the flat array along the axis of each letter. */
function stepsIn(letters: readonly string[], shape: readonly number[]): (letter: string) => number {
  const own = strides(shape);
  return (letter) => at(own, letters.indexOf(letter));
}

/** Evaluates the code with a value replaced, and remembers the results of the current world. */
export class Prober {
  readonly #known = new Map<string, Values<Residues>>();

  /** The code's values when everything matched to the base is 1 at the flat places `ones` and 0 elsewhere. */
  values(world: World, { matches, value }: Base, ones: readonly number[]): Values<Residues> {
    const key = `${matches.map((match) => match.node.id).join()} ${value.shape.join()} ${ones.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const flat = new Float64Array(count(value.shape));
    for (const place of ones) flat[place] = 1;
    const given = new Map(world.given);
    for (const match of matches) {
      const laid = Float64Array.from(match.positions, (place) => at(flat, place));
      given.set(match.node, real(shapeOf(world, match.node), world.field.fromIntegers(laid)));
    }
    const voided = world.field.undefinedDivision;
    const values = evaluate(world.graph, world.field, given, world.sizes);
    // A division by zero under a probe concerns the probe alone; what it spoils can't be named.
    world.field.undefinedDivision = voided;
    this.#known.set(key, values);
    return values;
  }

  /** Nodes of the code that depend on a matched value. */
  cone(graph: Graph, matches: readonly Match[]): ReadonlySet<Node> {
    const cone = new Set(matches.map((match) => match.node));
    for (const node of graph.nodes) if (node.inputs.some((input) => cone.has(input))) cone.add(node);
    return cone;
  }
}

const shapeOf = (world: World, node: Node): readonly number[] => get(world.values, node).shape;
