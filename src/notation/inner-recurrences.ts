/** @file Recurrences in the steps of others, as blocks that a step uses: an equation has one index of steps. */
import { at } from "../base/assert.ts";
import { languageWords } from "../base/language-words.ts";
import { bodyGraph, nest } from "../ir/body.ts";
import {
  type Graph,
  type Node,
  type NodeOf,
  type Origin,
  type Parameter,
  rebuild,
  transform,
  usersOf,
} from "../ir/graph.ts";
import type { Body } from "../ir/operators.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall, isClosed, isScan } from "../ops/traits.ts";
import { inOneWord } from "../rewrite/block-names.ts";
import {
  type BlockNames,
  blockOf,
  boundaryOf,
  type Part,
  recordsOf,
  type Use,
  withUses,
} from "../rewrite/blocks.ts";
import { blockNames } from "../rewrite/tidy.ts";
import { isGenerated } from "./generated.ts";
import { isWord } from "./steps.ts";

type Scan = NodeOf<"Scan"> & Node;

/** The graph, in which no body of a recurrence has another recurrence. */
export const withInnerBlocks = (graph: Graph): Graph =>
  new Outliner([...languageWords, graph.name, ...blockNames(graph)]).outlined(graph, recordsOf(graph));

/** What is known of nodes that stand for parameters alone. */
type Records = ReadonlyMap<Node, Parameter>;

class Outliner {
  readonly #taken: Set<string>;
  readonly #blocks = new Map<string, Body>();

  constructor(taken: readonly string[]) {
    this.#taken = new Set(taken);
  }

  outlined(graph: Graph, records: Records): Graph {
    if (!graph.nodes.some((node) => isScan(node) || isCall(node))) return graph;
    const builder = newBuilder();
    const users = usersOf(graph);
    const steps = new Map<string, Body>();
    return transform(graph, builder, (node, inputs) => {
      if (isCall(node)) {
        const { body } = node.attrs;
        const block = bodyGraph(body);
        const own = this.#blocks.get(body.key) ?? nest(this.outlined(block, recordsOf(block)));
        this.#blocks.set(body.key, own);
        return builder.node("Call", inputs, { ...node.attrs, body: own }) as Node;
      }
      if (!isScan(node)) return rebuild(builder, node, inputs);
      const key = scanKey(node);
      const module = graph.origins.get(node)?.module;
      const body = steps.get(key) ?? this.#stepBody(node, givenAlone(node, users, records), module);
      steps.set(key, body);
      return builder.node("Scan", inputs, { ...node.attrs, body }) as Node;
    }).graph;
  }

  /** The body of a recurrence, with uses of blocks for those inside it. */
  #stepBody({ attrs, inputs }: Scan, records: Records, module: string | undefined): Body {
    const body = bodyGraph(attrs.body);
    const scans = body.nodes.filter(isScan);
    if (scans.length === 0) return attrs.body;
    const first = attrs.carries + attrs.sequences;
    const given = new Map(
      inputs.slice(first).flatMap((node, place) => {
        const isNamed = node.op === "Input" || node.op === "Parameter";
        return isNamed ? [[at(body.inputs, first + place) as Node, node.attrs.name] as const] : [];
      }),
    );
    const groups = [...Map.groupBy(scans, scanKey).values()];
    // A record is that of a parameter; here it is told of the input that stands for it.
    const parameters = [...records].map(([node, record]) => ({
      ...record,
      node: node as unknown as Parameter["node"],
    }));
    const stored = { ...body, parameters };
    const uses = groups.map((group): Use => {
      const part = partOf(body, group, records);
      const origin = body.origins.get(at(group, 0)) ?? {};
      const name = this.#free(
        (origin.module === module ? undefined : className(origin)) ?? stepName(at(group, 0)),
      );
      const block = blockOf(stored, part, {
        block: name,
        ...namesInside(body, part, at(group, 0), records, given),
      });
      return { part, body: nest(this.outlined(block, recordsOf(block))), instance: 0, given: [], origin };
    });
    return nest({ ...withUses(stored, uses), parameters: [] });
  }

  #free(wish: string): string {
    let name = wish;
    for (let number = 2; this.#taken.has(name); number++) name = `${wish}${number}`;
    this.#taken.add(name);
    return name;
  }
}

/** The class of the module that a value is computed in. */
const className = ({ module, classes }: Origin): string | undefined =>
  module === undefined ? undefined : inOneWord(classes?.get(module) ?? "");

/** What the code calls the function of a step. */
function stepName({ attrs }: Scan): string {
  const { name } = bodyGraph(attrs.body);
  // A letter says too little.
  return (name === "step" || name.length < 3 ? undefined : inOneWord(name)) ?? "Inner";
}

function namesInside(
  body: Graph,
  part: Part,
  scan: Scan,
  records: Records,
  given: ReadonlyMap<Node, string>,
): Omit<BlockNames, "block"> {
  const inside = bodyGraph(scan.attrs.body).inputs;
  const taken = new Set<string>();
  const args = part.args.map((node) => {
    const place = scan.inputs.findIndex((operand) => operand === node || operand.inputs.includes(node));
    const own = node.op === "Input" ? node.attrs.name : body.labels.get(node);
    const isGood = (name = ""): boolean => isWord(name) && !isGenerated(name) && !taken.has(name);
    const { carries, sequences } = scan.attrs;
    const letters = place < carries ? "hcs" : place < carries + sequences ? "xuvew" : "zWUVR";
    const wishes = [given.get(node), own, inside[place]?.attrs.name, ...letters];
    const name = wishes.find(isGood) ?? `a_${taken.size}`;
    taken.add(name);
    return name;
  });
  const parameters = part.parameters.map((node) => records.get(node)?.names ?? []);
  return { args, parameters, labels: body.labels };
}

/** A recurrence is known by everything but which of its values is meant. */
const scanKey = ({ attrs: { body, carries, sequences, reverse }, inputs }: Scan): string =>
  [body.key, inputs.map(({ id }) => id).join(), carries, sequences, reverse].join(" ");

/** The inputs of a recurrence's body that stand for parameters which nothing else reads. */
function givenAlone(scan: Scan, users: ReadonlyMap<Node, readonly Node[]>, records: Records): Records {
  const { body, carries, sequences } = scan.attrs;
  const isAlone = (node: Node): boolean =>
    (users.get(node) ?? []).every((user) => isScan(user) && scanKey(user) === scanKey(scan));
  return new Map(
    bodyGraph(body).inputs.flatMap((input, place) => {
      const operand = at(scan.inputs, place);
      const record = place < carries + sequences ? undefined : records.get(operand);
      const isOnce = scan.inputs.filter((other) => other === operand).length === 1;
      return record !== undefined && isOnce && isAlone(operand) ? [[input, record] as const] : [];
    }),
  );
}

/** A recurrence with what only rearranges its results, and the axes of what it is given. */
function partOf(body: Graph, scans: readonly Scan[], records: Records): Part {
  const users = usersOf(body);
  const inside = new Set<Node>(scans);
  const outputs = new Set(body.outputs.map(({ node }) => node));
  for (const node of body.nodes)
    if (arranges(node) && node.inputs.every((input) => inside.has(input))) inside.add(node);
  const isInner = (node: Node): boolean =>
    !outputs.has(node) && (users.get(node) ?? []).every((user) => inside.has(user));
  for (const operand of at(scans, 0).inputs) if (arranges(operand) && isInner(operand)) inside.add(operand);
  const results = [...inside].filter((node) => !isInner(node));
  const boundary = boundaryOf(results, (node) => inside.has(node) || isClosed(node));
  const isOwn = (node: Node): boolean => records.has(node) && isInner(node);
  return { results, args: boundary.filter((node) => !isOwn(node)), parameters: boundary.filter(isOwn) };
}

const arranges = ({ op }: Node): boolean => op === "Slice" || op === "Reshape" || op === "Transpose";
