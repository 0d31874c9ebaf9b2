/** @file Which values of a graph get an equation of their own, and which are written out where they are used. */
import { at, get, invariant } from "../base/assert.ts";
import { type Layout, partsOf } from "../base/layout.ts";
import { type Graph, type Node, nodeText, reachable, usersOf } from "../ir/graph.ts";
import { countedSizes } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import {
  anglesOf,
  contractionOf,
  hidesScores,
  isAdditive,
  isCall,
  isConstant,
  isElementwiseProduct,
  isLogicalNot,
  isOfHeads,
  isOneOfSeveral,
  isParameter,
  isPositional,
  isSoftmax,
  normalisedAxes,
} from "../ops/traits.ts";
import type { Profile } from "./document.ts";
import { arrayForm, elementForm, type IsNamed, type Vocabulary, wholeForm } from "./forms.ts";
import { toPlainText } from "./plain.ts";

/** A layer and what is added to it: x + relu(x W + b) W + b. */
const deepest = 5;
/** A gate is a function of a sum of products of gated values. */
const deepestOfSteps = 6;
/** A formula of positions, such as i / 10000^(2 j / d), is read at once. */
const deepestFormula = 6;

/** How an equation is written. */
export type Form = "array" | "index";

/** The nodes with an equation of their own, operands first, and how each is written. */
export type Lines = ReadonlyMap<Node, Form>;

/** Inputs, parameters and numbers; a size that is counted at run time is a number. */
const isLeaf = (node: Node): boolean => node.inputs.length === 0 || countedSizes(node) !== undefined;

/** What recurrences say of the values of a graph. */
interface OfSteps {
  /** Values that get an equation. */
  readonly named: readonly Node[];
  /** Values that change from step to step: papers write tanh(c_t) into the equation that uses it. */
  readonly varying: { has(node: Node): boolean };
}

/** A number such as sqrt(64), which is written wherever it is used. */
const isNumber = (node: Node): boolean =>
  node.type.shape.length === 0 && isConstant(node) && reachable([node]).length <= longestNumber;

/** Operations and constants of a number. */
const longestNumber = 4;

/** Columns that there are for an equation, or for the page, and the notation. */
export interface Manner {
  readonly width: number;
  readonly notation: Profile;
}

/** Decides from the operands up; `words` needs only to give names of the usual length. */
export function linesOf(
  graph: Graph,
  words: Vocabulary,
  manner: Manner,
  { named, varying }: OfSteps = { named: [], varying: new Set() },
): Lines {
  const users = usersOf(graph);
  const ofSeveral = graph.nodes.filter(isOneOfSeveral);
  const kept = new Set([
    ...graph.outputs.map((output) => output.node),
    ...graph.labels.keys(),
    ...named,
    ...ofSeveral,
  ]);
  // The ones that are summed for a count are not written.
  const onlyCounted = new Set(graph.nodes.filter((node) => countedBy(users.get(node) ?? [])));
  const drafts = new Drafts(words, manner, varying);
  for (const node of graph.nodes) {
    if (isLeaf(node) || onlyCounted.has(node)) continue;
    const form = drafts.draft(node);
    const readers = users.get(node) ?? [];
    // Each time that it is written, a block is used anew, with parameters of its own.
    const isUsedTwice =
      drafts.holdsUse(node) &&
      readers.flatMap(({ inputs }) => inputs).filter((input) => input === node).length > 1;
    const isShort = isNumber(node) || (drafts.isCondition(node) && !isAngle(node, readers));
    const shared = isUsedTwice || (readers.length > 1 && !isShort);
    // The arguments of a convolution would stand far behind its name; what a layer is given is a value of its own.
    const isMain =
      (isActivation(node) && readers.some(isConvolution)) ||
      (isAdditive(node) && !isBiased(node) && !varying.has(node) && readers.some(isMatrixProduct));
    // Heads that are turned and copied on are q, k and v behind that.
    const isPassedOn = isOfHeads(node) && readers.every(isOfHeads);
    if (shared || kept.has(node) || isMain || (deservesName(node, form, manner) && !isPassedOn))
      drafts.name(node);
  }
  return drafts.lines(graph.nodes);
}

class Drafts {
  readonly #words: Vocabulary;
  readonly #manner: Manner;
  readonly #varying: OfSteps["varying"];
  readonly #named = new Set<Node>();
  readonly #forms = new Map<Node, Form>();

  constructor(words: Vocabulary, manner: Manner, varying: OfSteps["varying"]) {
    [this.#words, this.#manner, this.#varying] = [words, manner, varying];
  }

  name(node: Node): void {
    this.#named.add(node);
  }

  lines(nodes: readonly Node[]): Lines {
    if (this.#manner.notation !== "matrix") this.#settleAgain(nodes);
    const named = nodes.filter((node) => this.#named.has(node));
    return new Map(named.map((node) => [node, get(this.#forms, node)]));
  }

  /** What is a function of whole tensors may be one no longer where an operand has got a name since. */
  #settleAgain(nodes: readonly Node[]): void {
    for (let before = -1; before !== this.#named.size; ) {
      before = this.#named.size;
      for (const node of nodes) if (this.#named.has(node)) this.#forms.set(node, this.#settle(node).kind);
    }
  }

  /** A short function of positions, such as j <= i, which reads best where it is used. */
  isCondition(node: Node): boolean {
    const { family, rearranges } = definitionOf(node.op);
    // What is joined can't be said of one element.
    const isJoined = family === "structure" && rearranges !== true;
    return this.#depth(node) <= 2 && isPositional(node) && !isJoined;
  }

  /** Names operands until what is written of the node is shallow, sayable and short. */
  draft(node: Node): Form {
    if (definitionOf(node.op).wantsNames) this.#nameAll(this.#written(node));
    if (isActivation(node)) this.#nameAll(this.#layersIn(node));
    const most = this.#varying.has(node) ? deepestOfSteps : isPositional(node) ? deepestFormula : deepest;
    this.#nameAll(this.#written(node).filter((operand) => ownDepth(node) + this.#depth(operand) > most));
    let settled = this.#settle(node);
    while (!this.#fits(settled) && this.#written(node).length > 0) {
      this.name(this.#cut(node));
      settled = this.#settle(node);
    }
    this.#forms.set(node, settled.kind);
    return settled.kind;
  }

  #fits({ layout }: Settled): boolean {
    return toPlainText(layout).length <= this.#manner.width;
  }

  /** What to name of an equation that is too long: where papers divide it, if the rest fits then, else the deepest operand. */
  #cut(node: Node): Node {
    const written = this.#written(node);
    const usual = this.#divisions(node).find((part) => {
      this.#named.add(part);
      const rest = arrayForm(node, (other) => this.#named.has(other), this.#words);
      this.#named.delete(part);
      return rest !== undefined && !rest.clumsy && this.#fits({ kind: "array", layout: rest.layout });
    });
    const depths = written.map((operand) => this.#depth(operand));
    return usual ?? at(written, depths.indexOf(Math.max(...depths)));
  }

  /** Activations, weights of attention and what is normalised, the outermost first. */
  #divisions(node: Node): readonly Node[] {
    const written = this.#written(node);
    const own = written.filter((part) => isActivation(part) || isSoftmax(part) || isNormalised(node, part));
    return [...own, ...written.flatMap((part) => this.#divisions(part))];
  }

  /** Activations of earlier layers that are written out: each layer of a network is a line. */
  #layersIn(node: Node, isInside = false): readonly Node[] {
    return this.#written(node).flatMap((part) => {
      if (isInside && isActivation(part)) return [part];
      return this.#layersIn(part, isInside || isContraction(part));
    });
  }

  #nameAll(nodes: readonly Node[]): void {
    for (const node of nodes) this.name(node);
  }

  /** Operands that are written out. */
  #written(node: Node): readonly Node[] {
    return node.inputs.filter((input) => !isLeaf(input) && !this.#named.has(input));
  }

  #depth(node: Node): number {
    return ownDepth(node) + Math.max(0, ...this.#written(node).map((operand) => this.#depth(operand)));
  }

  /** Whether a use of a block is written out in what is written of a node. */
  holdsUse(node: Node): boolean {
    return isCall(node) || this.#written(node).some((part) => this.holdsUse(part));
  }

  /** Whether a product is written out in what is written of a node. */
  #hasProduct(node: Node): boolean {
    return this.#written(node).some((part) => isContraction(part) || this.#hasProduct(part));
  }

  /** In array notation if that is not clumsy, else in index notation, else with fewer operands written out. */
  #settle(node: Node): Settled {
    const isNamed: IsNamed = (other) => this.#named.has(other);
    if (this.#manner.notation !== "matrix") return this.#settleInIndices(node, isNamed);
    for (;;) {
      const array = arrayForm(node, isNamed, this.#words);
      if (array !== undefined && !array.clumsy) return { kind: "array", layout: array.layout };
      const element = elementForm(node, isNamed, this.#words);
      // Rows of a product say more than its sums do, also where axes are exchanged.
      if (array?.permutesOnly === true && element !== undefined && isSummed(element.layout))
        return { kind: "array", layout: array.layout };
      const layers = this.#written(node).filter((part) => isActivation(part) && this.#hasProduct(part));
      if (element !== undefined && layers.length === 0) return { kind: "index", layout: element.layout };
      if (element !== undefined) {
        this.#nameAll(layers);
        continue;
      }
      const operands = this.#written(node);
      // What is only rearranged may be sayable in indices where it is used.
      if (array !== undefined && (operands.length === 0 || definitionOf(node.op).rearranges))
        return { kind: "array", layout: array.layout };
      invariant(operands.length > 0, `${nodeText(node)} has a notation`);
      const values = operands.filter((operand) => !this.isCondition(operand) && !isNumber(operand));
      const nameable = values.length > 0 ? values : operands;
      const unsayable = nameable.filter((operand) => {
        const form = arrayForm(operand, isNamed, this.#words);
        return form === undefined || form.clumsy;
      });
      this.#nameAll(unsayable.length > 0 ? unsayable : nameable);
    }
  }

  /** In index notation, or as a function of whole tensors, else with fewer operands written out. */
  #settleInIndices(node: Node, isNamed: IsNamed): Settled {
    for (;;) {
      const { notation } = this.#manner;
      const whole =
        notation === "named" ? wholeForm(node, isNamed, this.#words, { ofElements: true }) : undefined;
      if (whole !== undefined) return { kind: "array", layout: whole };
      const element = elementForm(node, isNamed, this.#words, { whole: wholes[notation] });
      if (element !== undefined) return { kind: "index", layout: element.layout };
      const operands = this.#written(node);
      const array = operands.length === 0 ? arrayForm(node, isNamed, this.#words)?.layout : undefined;
      const layout = array ?? wholeForm(node, isNamed, this.#words);
      if (layout !== undefined) return { kind: "array", layout };
      invariant(operands.length > 0, `${nodeText(node)} has a notation`);
      const values = operands.filter((operand) => !isNumber(operand));
      this.#nameAll(values.length > 0 ? values : operands);
    }
  }
}

/** Where functions of whole tensors may stand in an equation of elements. */
export const wholes = { matrix: "never", index: "always", named: "parts" } as const;

const countedBy = (users: readonly Node[]): boolean =>
  users.length > 0 && users.every((user) => countedSizes(user) !== undefined);

/** A sum with a parameter, as in x W + b, which a reader takes for one operation. */
const isBiased = (node: Node): boolean => isAdditive(node) && node.inputs.some(isParameter);

/** A gain behind a normalisation, or a number as a factor, which a reader takes for a part of what it scales. */
function isScaled(node: Node): boolean {
  const [left, right] = node.inputs;
  if (left === undefined || right === undefined || definitionOf(node.op).family !== "arithmetic")
    return false;
  if (isPositional(node)) return false;
  const isGain = (gain: Node, value: Node): boolean =>
    isParameter(gain) && isElementwiseProduct(node) && normalisedAxes(value) !== undefined;
  return isNumber(left) || isNumber(right) || isGain(left, right) || isGain(right, left);
}

/** Operations that a reader counts: a transposition, a cast and an index are none, and a negation has its own sign. */
function ownDepth(node: Node): number {
  const { rearranges, wantsNames } = definitionOf(node.op);
  const isMoved = rearranges === true || wantsNames === true || node.op === "Cast";
  const isPart = isBiased(node) || isScaled(node) || hidesScores(node);
  return isMoved || isLogicalNot(node) || isNumber(node) || isPart ? 0 : 1;
}

/** Whether a node is theta, of which sines and cosines are taken. */
const isAngle = (node: Node, readers: readonly Node[]): boolean =>
  readers.some((reader) => anglesOf(reader).includes(node));

const isActivation = (node: Node): boolean => definitionOf(node.op).family === "activation";

const isContraction = (node: Node): boolean => definitionOf(node.op).family === "contraction";
const isMatrixProduct = (node: Node): boolean => contractionOf(node) !== undefined;
const isConvolution = (node: Node): boolean => isContraction(node) && !isMatrixProduct(node);

/** Whether a node normalises an operand. */
const isNormalised = (node: Node, operand: Node): boolean =>
  normalisedAxes(node) !== undefined && node.inputs[0] === operand;

/** Heads are q, k and v; a contraction that only indices can say stands alone. */
function deservesName(node: Node, form: Form, { notation }: Manner): boolean {
  const { family } = definitionOf(node.op);
  const isUnlikeOthers = form === "index" && notation === "matrix";
  return isOfHeads(node) || family === "opaque" || (family === "contraction" && isUnlikeOthers);
}

/** Whether a sum is written out. */
const isSummed = (layout: Layout): boolean => layout.kind === "big" || partsOf(layout).some(isSummed);

interface Settled {
  readonly kind: Form;
  readonly layout: Layout;
}
