/**
 * @file Functions of JAX that its programs call by name and whose bodies protect floating point from overflow. A name is
 * trusted only where the body is the library's own, so that a user's function of that name is read as it is.
 */
import type { Node } from "../../ir/graph.ts";
import type { Application } from "./application.ts";
import type { Atom, Program } from "./program.ts";

interface Known {
  readonly body: string;
  readonly meaning: (use: Application) => Node;
}

const known: Readonly<Record<string, Known>> = {
  // max(x, y) + log(1 + exp(−|x − y|)), and x + y where that is not a number.
  logaddexp: {
    body: "max(0,1);sub(0,1);ne(3,3);add(0,1);abs(3);neg(6);exp(7);log1p(8);add(2,9);select_n(4,10,5)->11",
    meaning: (use) => use.unary("Log", use.add(exponential(use, use.x), exponential(use, use.y))),
  },
};

const exponential = (use: Application, x: Node): Node =>
  x.op === "Constant" && x.attrs.value.numerator === 0n ? use.constant(1, x.type.dtype) : use.unary("Exp", x);

/** The value of a function that is known by its name and its body. */
export function knownFunction(use: Application, called: Program): Node | undefined {
  const { params } = use.equation;
  const name = params.has("name") ? params.text("name") : "";
  const own = Object.hasOwn(known, name) ? known[name] : undefined;
  return own !== undefined && bodyText(called) === own.body ? own.meaning(use) : undefined;
}

/** The equations with values numbered in order: first the inputs, then the results. */
function bodyText(program: Program): string {
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
