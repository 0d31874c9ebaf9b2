/** @file Says of modules of one class which of them is unlike the others, where it differs in one thing: often that is a bug. */
import { at } from "../base/assert.ts";
import { toText } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { shapeText } from "../ir/dim.ts";
import { attributeText, type Graph, type Node, type Origin } from "../ir/graph.ts";

/** A module and what it computes. */
export interface Computed {
  readonly path: string;
  readonly block: Graph;
}

/** Fewer modules that are alike are no rule that another one breaks. */
const leastAlike = 3;

/** A note for each module that is the only one of its kind; `groups` have one class and are alike in themselves. */
export function oddOnes(groups: readonly (readonly Computed[])[]): string[] {
  const [usual = []] = groups.toSorted((a, b) => b.length - a.length);
  if (usual.length < leastAlike) return [];
  return groups.flatMap((group) => {
    const [odd, ...more] = group;
    const like = odd && usual.find(({ block }) => leavesOf(block) === leavesOf(odd.block));
    const found = more.length === 0 && odd && like && onlyDifference(odd.block, like.block);
    if (!found) return [];
    const [got, want] = found;
    const { name } = odd.block;
    return [
      `${quoted(odd.path)} differs from ${usual.length} others of ${name}${placeOf(odd.block.origins.get(got))}: ${textOf(got)} instead of ${textOf(want)}`,
    ];
  });
}

/** Shapes of arguments and parameters. */
const leavesOf = ({ inputs, parameters }: Graph): string =>
  [...inputs, ...parameters.map(({ node }) => node)].map(({ type }) => shapeText(type.shape)).join();

/** The two nodes in which graphs differ that are alike in all others. */
function onlyDifference(odd: Graph, usual: Graph): readonly [got: Node, want: Node] | undefined {
  if (odd.nodes.length !== usual.nodes.length) return undefined;
  const [places, others] = [odd, usual].map(
    ({ nodes }) => new Map(nodes.map((node, place) => [node, place])),
  );
  const operands = (node: Node, own: ReadonlyMap<Node, number> | undefined): string =>
    node.inputs.map((input) => own?.get(input)).join();
  const different = odd.nodes.flatMap((node, place) => {
    const other = at(usual.nodes, place);
    if (operands(node, places) !== operands(other, others)) return [undefined];
    const isSame = node.op === other.op && attributeText(node.attrs) === attributeText(other.attrs);
    return isSame ? [] : [[node, other] as const];
  });
  return different.length === 1 ? different[0] : undefined;
}

const placeOf = (origin: Origin | undefined): string =>
  origin?.file === undefined
    ? ""
    : ` (${quoted(origin.file)}${origin.line === undefined ? "" : `:${origin.line}`})`;

/** A number, or an operator with what makes it special. */
function textOf(node: Node): string {
  if (node.op === "Constant") return toText(node.attrs.value);
  const attributes = Object.entries(node.attrs).map(
    ([name, value]: [string, unknown]) => `${name} ${valueText(value)}`,
  );
  return [node.op, ...attributes].join(" ");
}

function valueText(value: unknown): string {
  const isRational =
    typeof value === "object" && value !== null && "numerator" in value && "denominator" in value;
  const { numerator, denominator } = isRational ? value : {};
  return typeof numerator === "bigint" && typeof denominator === "bigint"
    ? toText({ numerator, denominator })
    : JSON.stringify(value);
}
