/**
 * @file Functions of JAX whose bodies protect floating point from overflow, and that have a plainer formula. They are known
 * by their bodies: whoever wrote the same equations meant the same function.
 */
import type { Node } from "../../../ir/graph.ts";
import type { Application } from "./application.ts";
import type { Atom, Program } from "./program.ts";

type Meaning = (use: Application) => Node;

/** max(x, y) + log(1 + exp(−|x − y|)), and x + y where that is not a number. */
export const logAddExp =
  "max(0,1);sub(0,1);ne(3,3);add(0,1);abs(3);neg(6);exp(7);log1p(8);add(2,9);select_n(4,10,5)->11";

const known: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  [logAddExp, (use) => use.unary("Log", use.add(exponential(use, use.x), exponential(use, use.y)))],
]);

const exponential = (use: Application, x: Node): Node =>
  x.op === "Constant" && x.attrs.value.numerator === 0n ? use.constant(1, x.type.dtype) : use.unary("Exp", x);

/** The value of a function that is known by its body. */
export const knownFunction = (use: Application, called: Program): Node | undefined =>
  known.get(bodyText(called))?.(use);

/** No known function has more equations. */
const longest = 16;

/** The equations with values numbered in order: first the inputs, then the results. Empty for long programs. */
export function bodyText(program: Program): string {
  if (program.equations.length > longest) return "";
  const numbers = new Map(program.inputs.map(({ id }, index) => [id, String(index)]));
  const text = (atom: Atom): string =>
    atom.kind === "variable"
      ? (numbers.get(atom.id) ?? "?")
      : atom.kind === "number"
        ? `=${atom.value}`
        : "?";
  const lines = program.equations.map(({ primitive, inputs, outputs }) => {
    const line = `${primitive}(${inputs.map(text).join(",")})`;
    for (const { id } of outputs) numbers.set(id, String(numbers.size));
    return line;
  });
  return `${lines.join(";")}->${program.outputs.map(text).join(",")}`;
}
