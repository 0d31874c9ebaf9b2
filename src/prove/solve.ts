/**
 * @file Solves one node of the spec for the one parameter in it that is not bound yet: which tensor would make the node
 * equal a value of the code? Sums and products give it by subtraction and division; a contraction gives it by probing:
 * its data operand is replaced by unit vectors in the code, and what comes out are the parameter's rows
 * (equivalence.md §3.2). The answer is a table of values, which the caller names.
 */
import { at, get } from "../base/assert.ts";
import type { Residues } from "../domain/residues.ts";
import { evaluate, type Values } from "../eval/evaluate.ts";
import { broadcastShapes, type Dim, equalShapes, type Shape, sizesOf } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { Algebra } from "../ops/define.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { broadcastPositions, count, positions, real, strides } from "../ops/tensor.ts";
import { contractionOf, isKept, isLinearIn } from "../ops/traits.ts";
import { type Match, permutations } from "./match.ts";
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
  /** How many axes fewer one of the two has where the other's are joined. */
  readonly joined: number;
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

/** How the elements of a value lie in the node's. */
interface Fit {
  readonly places: Int32Array;
  readonly shape: readonly number[];
  readonly sizes: SpecSizes;
  readonly joined: number;
}

function fitsOf(shape: Shape, own: readonly number[], sizes: SpecSizes): Fit[] {
  const exact = fits(unifyLoosely, shape, own, sizes);
  return exact.length > 0 ? exact : regroupedFits(shape, own, sizes);
}

/** A value of this shape as the node: as it is, and with its axes in another order. */
function fits(unified: typeof unifyLoosely, shape: Shape, own: readonly number[], sizes: SpecSizes): Fit[] {
  const squeezed = own.filter((size) => size !== 1);
  const steps = strides(squeezed);
  /** Places are told where shapes fit alone: most do not, and values are large. */
  const fitAs = (turned: readonly number[], places: () => Int32Array): Fit[] => {
    const fit = unified(shape, turned, sizes);
    const joined = unified === unifyLoosely ? 0 : Math.abs(shape.length - turned.length);
    return fit === undefined ? [] : [{ places: places(), joined, ...fit }];
  };
  const turns = permutations(squeezed.length).slice(1);
  return [
    ...fitAs(own, () => positions([count(own)], [1])),
    ...turns.flatMap((order) => {
      const turned = order.map((axis) => at(squeezed, axis));
      return fitAs(turned, () =>
        positions(
          turned,
          order.map((axis) => at(steps, axis)),
        ),
      );
    }),
  ];
}

interface Target extends Fit {
  readonly node: Node;
  readonly values: Residues;
}

/** Fits of a value whose axes are joined axes of the node, in any order, or the reverse. */
function regroupedFits(shape: Shape, own: readonly number[], sizes: SpecSizes): Fit[] {
  const squeezed = own.filter((size) => size !== 1);
  if (shape.length <= squeezed.length) return fits(unifyRegrouped, shape, own, sizes);
  return permutations(shape.length).flatMap((order) => {
    const turned = order.map((axis) => at<Dim>(shape, axis));
    const fit = unifyRegrouped(turned, squeezed, sizes);
    if (fit === undefined) return [];
    const steps = strides(fit.shape);
    const ownShape = sizesOf(shape, fit.sizes);
    const stepsOf = ownShape.map((_, axis) => at(steps, order.indexOf(axis)));
    const joined = shape.length - squeezed.length;
    return [{ shape: ownShape, sizes: fit.sizes, joined, places: positions(ownShape, stepsOf) }];
  });
}

/** Values of the code whose shape the node could have, those that join no axes first. */
function targets({ node, sizes }: Problem, values: Iterable<readonly [Node, Exact]>): Target[] {
  const fitting = new Map<string, readonly Fit[]>();
  const found: Target[] = [];
  for (const [candidate, tensor] of values) {
    if (tensor.kind !== "real" || isKept(candidate)) continue;
    const key = tensor.shape.join();
    const known = fitting.get(key) ?? fitsOf(node.type.shape, tensor.shape, sizes);
    fitting.set(key, known);
    for (const view of known) found.push({ node: candidate, values: tensor.values, ...view });
  }
  return found.sort((a, b) => a.joined - b.joined);
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

/** Flat entry of the parameter at each place of the open operand, worked out once for targets that lie in the same way. */
function sourcesOf(problem: Problem): (target: Target) => Int32Array | undefined {
  const known = new Map<Int32Array, Int32Array | undefined>();
  const operand = at(problem.node.inputs, problem.open);
  return ({ places, sizes }) => {
    if (!known.has(places)) known.set(places, sourceOf(operand, problem.parameter, sizes));
    return known.get(places);
  };
}

function solutionFrom(
  problem: Problem,
  target: Target,
  source: Int32Array,
  fill: (maker: TableMaker, operandShape: readonly number[]) => void,
): Solution | undefined {
  const shape = sizesOf(problem.parameter.type.shape, target.sizes);
  const maker = new TableMaker(source, count(shape));
  fill(maker, sizesOf(at(problem.node.inputs, problem.open).type.shape, target.sizes));
  const table = maker.finish();
  const { parameter } = problem;
  const { sizes, node, joined } = target;
  return table && { parameter, shape, table, sizes, target: node, joined };
}

/** u + φ = t gives φ = t − u, u · φ = t gives φ = t / u, and so on; the parameter is what does not vary. */
function solveElementwise(problem: Problem, world: World, algebra: Algebra): Solution[] {
  const { field } = world;
  const { data } = problem;
  if (data.kind !== "real") return [];
  const operand = at(problem.node.inputs, problem.open);
  const sources = sourcesOf(problem);
  const layouts = new Map<Int32Array, Layout>();
  return targets(problem, world.values).flatMap((target) => {
    const source = stretches(data.shape, target.shape) ? sources(target) : undefined;
    if (source === undefined) return [];
    const layout = layouts.get(target.places) ?? layoutOf(operand, source, data.shape, target);
    layouts.set(target.places, layout);
    /** The operand's numbers at some places of the target. */
    const solved = (some: Int32Array): Residues => {
      const among = (places: Int32Array): Int32Array => some.map((place) => at(places, place));
      const u = field.gather(data.values, among(layout.inData));
      const result = field.gather(target.values, among(target.places));
      // A division by zero concerns this candidate alone; what it spoils can't be named.
      return field.unheeded(() => algebra.solve<Residues>(field, result, u, problem.open));
    };
    const twins = solved(layout.twins);
    if (twins.p[0] !== twins.p[1]) return [];
    const difference = solved(layout.all);
    const solution = solutionFrom(problem, target, source, (maker) => {
      for (const [i, place] of layout.inOperand.entries()) {
        maker.put(place, at(difference.p, i), at(difference.q, i));
      }
    });
    return solution === undefined ? [] : [solution];
  });
}

/** Whether NumPy's rules stretch a shape to another; a size that the target gives may not be the one that the data has. */
const stretches = (from: readonly number[], to: readonly number[]): boolean =>
  equalShapes(broadcastShapes([from, to]) ?? [], to);

/** Where an elementwise problem's operands are read at each place of a target. */
interface Layout {
  readonly inData: Int32Array;
  readonly inOperand: Int32Array;
  readonly all: Int32Array;
  /** Two places that read one entry of the parameter, if there are any: a quick test of a target. */
  readonly twins: Int32Array;
}

function layoutOf(operand: Node, source: Int32Array, data: readonly number[], target: Target): Layout {
  const inOperand = broadcastPositions(sizesOf(operand.type.shape, target.sizes), target.shape);
  const first = new Map<number, number>();
  let twins = Int32Array.of();
  for (const [place, from] of inOperand.entries()) {
    const before = first.get(at(source, from));
    if (before !== undefined) twins = Int32Array.of(before, place);
    else first.set(at(source, from), place);
  }
  const all = Int32Array.from(inOperand.keys());
  return { inData: broadcastPositions(data, target.shape), inOperand, all, twins };
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
  const below = prober.cone(base.matches);
  const zero = prober.values(below, base, []);
  const responses = probes.map(({ ones, hits }) => ({ values: prober.values(below, base, ones), hits }));
  const candidates = below.map((node) => [node, get(world.values, node)] as const);
  const sources = sourcesOf(problem);
  return targets(problem, candidates).flatMap((target) => {
    const source = sources(target);
    if (source === undefined) return [];
    const silence = realValues(zero, target);
    const solution = solutionFrom(problem, target, source, (maker, operandShape) => {
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

/** Evaluates what the code makes of a value when it is replaced, and remembers the results. */
export class Prober {
  readonly #world: World;
  readonly #known = new Map<string, Values<Residues>>();

  constructor(world: World) {
    this.#world = world;
  }

  /** The values of `nodes` when everything matched to the base is 1 at the flat places `ones` and 0 elsewhere. */
  values(nodes: readonly Node[], { matches, value }: Base, ones: readonly number[]): Values<Residues> {
    const world = this.#world;
    const key = `${matches.map((match) => match.node.id).join()} ${value.shape.join()} ${ones.join()}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const flat = new Float64Array(count(value.shape));
    for (const place of ones) flat[place] = 1;
    const replaced = new Map(
      matches.map((match) => {
        const laid = Float64Array.from(match.positions, (place) => at(flat, place));
        return [match.node, real(shapeOf(world, match.node), world.field.fromIntegers(laid))] as const;
      }),
    );
    const inside = new Set(nodes);
    const around = new Set(nodes.flatMap((node) => node.inputs.filter((input) => !inside.has(input))));
    const given = new Map([
      ...[...around].map((node) => [node, get(world.values, node)] as const),
      ...replaced,
    ]);
    const part = { ...world.graph, nodes: [...given.keys(), ...nodes] };
    // A division by zero under a probe concerns the probe alone; what it spoils can't be named.
    const values = world.field.unheeded(() => evaluate(part, world.field, given, world.sizes));
    this.#known.set(key, values);
    return values;
  }

  /** Nodes of the code, in order, that depend on a matched value and are linear in it. */
  cone(matches: readonly Match[]): Node[] {
    const linear = new Set(matches.map((match) => match.node));
    const other = new Set<Node>();
    const cone: Node[] = [];
    for (const node of this.#world.graph.nodes) {
      if (linear.has(node)) continue;
      const isOther = node.inputs.some((input) => other.has(input));
      if (!isOther && !node.inputs.some((input) => linear.has(input))) continue;
      if (isOther || !isLinearIn(node, (operand) => linear.has(operand))) {
        other.add(node);
        continue;
      }
      linear.add(node);
      cone.push(node);
    }
    return cone;
  }
}

const shapeOf = (world: World, node: Node): readonly number[] => get(world.values, node).shape;
