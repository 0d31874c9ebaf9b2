/** @file Which values of a graph get an equation of their own, and which are written out where they are used. */
import { at, get, invariant } from "../base/assert.ts";
import type { Layout } from "../base/layout.ts";
import { type Graph, type Node, nodeText, reachable, usersOf } from "../ir/graph.ts";
import { countedSizes } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import {
  isAdditive,
  isCall,
  isConstant,
  isLogicalNot,
  isOfHeads,
  isParameter,
  isPositional,
} from "../ops/traits.ts";
import type { Profile } from "./document.ts";
import { arrayForm, elementForm, type IsNamed, type Vocabulary, wholeForm } from "./forms.ts";
import { toPlainText } from "./plain.ts";

const deepest = 3;
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
  const kept = new Set([...graph.outputs.map((output) => output.node), ...graph.labels.keys(), ...named]);
  // The ones that are summed for a count are not written.
  const onlyCounted = new Set(graph.nodes.filter((node) => countedBy(users.get(node) ?? [])));
  const drafts = new Drafts(words, manner, varying);
  for (const node of graph.nodes) {
    if (isLeaf(node) || onlyCounted.has(node)) continue;
    const form = drafts.draft(node);
    const readers = users.get(node) ?? [];
    // Each time that it is written, a block is used anew, with parameters of its own.
    const isUsedTwice =
      isCall(node) && readers.flatMap(({ inputs }) => inputs).filter((input) => input === node).length > 1;
    const shared = isUsedTwice || (readers.length > 1 && !drafts.isCondition(node) && !isNumber(node));
    const isMain = !varying.has(node) && isActivation(node);
    if (shared || kept.has(node) || isMain || deservesName(node, form, manner)) drafts.name(node);
  }
  return drafts.lines(graph.nodes);
}

class Drafts {
  readonly #words: Vocabulary;
  readonly #manner: Manner;
  readonly #varying: OfSteps["varying"];
  readonly #named = new Set<Node>();
  readonly #depths = new Map<Node, number>();
  readonly #forms = new Map<Node, Form>();

  constructor(words: Vocabulary, manner: Manner, varying: OfSteps["varying"]) {
    [this.#words, this.#manner, this.#varying] = [words, manner, varying];
  }

  name(node: Node): void {
    this.#named.add(node);
  }

  lines(nodes: readonly Node[]): Lines {
    const named = nodes.filter((node) => this.#named.has(node));
    return new Map(named.map((node) => [node, get(this.#forms, node)]));
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
    const most = this.#varying.has(node) ? deepestOfSteps : isPositional(node) ? deepestFormula : deepest;
    this.#nameAll(this.#written(node).filter((operand) => ownDepth(node) + this.#depth(operand) > most));
    let settled = this.#settle(node);
    while (toPlainText(settled.layout).length > this.#manner.width && this.#written(node).length > 0) {
      const depths = this.#written(node).map((operand) => this.#depth(operand));
      this.name(at(this.#written(node), depths.indexOf(Math.max(...depths))));
      settled = this.#settle(node);
    }
    this.#forms.set(node, settled.kind);
    const inner = this.#written(node).map((operand) => this.#depth(operand));
    this.#depths.set(node, ownDepth(node) + Math.max(0, ...inner));
    return settled.kind;
  }

  #nameAll(nodes: readonly Node[]): void {
    for (const node of nodes) this.name(node);
  }

  /** Operands that are written out. */
  #written(node: Node): readonly Node[] {
    return node.inputs.filter((input) => !isLeaf(input) && !this.#named.has(input));
  }

  #depth(node: Node): number {
    return get(this.#depths, node);
  }

  /** In array notation if that is not clumsy, else in index notation, else with fewer operands written out. */
  #settle(node: Node): Settled {
    const isNamed: IsNamed = (other) => this.#named.has(other);
    if (this.#manner.notation !== "matrix") return this.#settleInIndices(node, isNamed);
    for (;;) {
      const array = arrayForm(node, isNamed, this.#words);
      if (array !== undefined && !array.clumsy) return { kind: "array", layout: array.layout };
      const element = elementForm(node, isNamed, this.#words);
      if (element !== undefined) return { kind: "index", layout: element.layout };
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

/** Operations that a reader counts: a transposition, a cast and an index are none, and a negation has its own sign. */
function ownDepth(node: Node): number {
  const { rearranges, wantsNames } = definitionOf(node.op);
  const isMoved = rearranges === true || wantsNames === true || node.op === "Cast";
  return isMoved || isLogicalNot(node) || isNumber(node) || isBiased(node) ? 0 : 1;
}

/** The result of an activation is what papers call h. */
const isActivation = (node: Node): boolean => definitionOf(node.op).family === "activation";

/** Heads are q, k and v; a contraction that only indices can say stands alone. */
function deservesName(node: Node, form: Form, { notation }: Manner): boolean {
  const { family } = definitionOf(node.op);
  const isUnlikeOthers = form === "index" && notation === "matrix";
  return isOfHeads(node) || family === "opaque" || (family === "contraction" && isUnlikeOthers);
}

interface Settled {
  readonly kind: Form;
  readonly layout: Layout;
}
