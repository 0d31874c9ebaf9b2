/** @file A program of jax-js as nodes of a graph. */
import { assertNever, at, get, zip } from "../../base/assert.ts";
import { recognise } from "../../base/rational.ts";
import { type Place, Unsupported } from "../../diag/diagnostic.ts";
import type { Node, Origin } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import type { Maker } from "../common/maker.ts";
import { dtypeOf } from "./dtypes.ts";
import type { Frame } from "./lines.ts";
import { literalNode } from "./literals.ts";
import type { Var } from "./module.ts";
import { rules } from "./primitives.ts";
import type { Atom, AttributeRecord, Called, Equation, Program, Variable } from "./program.ts";

/** Where the model's code is, for messages and origins. */
export interface Sources {
  /** The user's line in which a value was made. */
  readonly lines: ReadonlyMap<Var, readonly Frame[]>;
  /** Frames, innermost first, as a place in the user's terms. */
  origin(frames: readonly Frame[]): Origin;
}

/** The outputs of a program whose inputs are `args`. Throws Unsupported on a primitive without a meaning. */
export const translate = (
  make: Maker,
  program: Program,
  args: readonly Node[],
  sources: Sources,
): readonly Node[] => new Translator(make, sources).run(program, args, {});

class Translator {
  readonly #maker: Maker;
  readonly #sources: Sources;
  readonly #values = new Map<Variable, Node>();

  constructor(make: Maker, sources: Sources) {
    this.#maker = make;
    this.#sources = sources;
  }

  /** `outer` is the origin of the call, for values of which jax-js kept a trace from an earlier call. */
  run(program: Program, args: readonly Node[], outer: Origin): Node[] {
    for (const [variable, node] of zip(program.inputs, args)) this.#values.set(variable, node);
    for (const equation of program.equations) {
      const origin = this.#origin(equation, outer);
      const results = this.#maker.build.at(origin, () => this.#equation(equation, origin));
      for (const [variable, node] of zip(equation.outputs, results)) this.#values.set(variable, node);
    }
    return program.outputs.map((atom) => this.#atom(atom, outer));
  }

  #origin(equation: Equation, outer: Origin): Origin {
    const frames = this.#sources.lines.get(at(equation.outputs, 0).origin);
    const operator = `jax.${equation.called?.name ?? equation.primitive}`;
    return { ...outer, ...(frames && this.#sources.origin(frames)), operator };
  }

  #equation(equation: Equation, origin: Origin): readonly Node[] {
    const integer = integerOperand(equation);
    const inputs = equation.inputs.map((atom) => this.#atom(atom, origin, integer));
    if (equation.called !== undefined) return this.#call(equation.called, equation, inputs, origin);
    const rule = Object.hasOwn(rules, equation.primitive) ? rules[equation.primitive] : undefined;
    const results = rule?.(this.#maker, inputs, equation);
    const exact = results?.every((node, i) => keepsKind(node, at(equation.outputs, i)));
    return results !== undefined && exact === true ? results : this.#unknown(equation, inputs, origin);
  }

  #call(called: Called, equation: Equation, inputs: readonly Node[], origin: Origin): readonly Node[] {
    const known = this.#known(called, equation, inputs);
    if (known !== undefined) return [known];
    const name = called.name === "closure" ? [] : [called.name];
    const module = [origin.module, ...name].filter((part) => part !== undefined).join(".");
    return this.run(called.program, inputs, module === "" ? origin : { ...origin, module });
  }

  #known({ operator }: Called, equation: Equation, inputs: readonly Node[]): Node | undefined {
    const x = inputs.slice(0, 1);
    switch (operator) {
      case undefined:
        return undefined;
      case "Gelu":
        return this.#maker.apply("Gelu", x, { approximate: "none" });
      case "GeluTanh":
        return this.#maker.apply("Gelu", x, { approximate: "tanh" });
      case "Power": {
        const exponent = at(equation.inputs, 1);
        if (exponent.kind !== "number" || !Number.isFinite(exponent.value)) return undefined;
        return this.#maker.apply("Power", x, { exponent: recognise(exponent.value, "float32") });
      }
      case "Tanh":
      case "Silu":
        return this.#maker.apply(operator, x, {});
      default:
        return assertNever(operator);
    }
  }

  /** Functions of which only the name is known. They give real numbers: integers must be known exactly. */
  #unknown(equation: Equation, inputs: readonly Node[], origin: Origin): readonly Node[] {
    const results = equation.outputs.map(({ dtype, shape }) => ({ dtype: dtypeOf(dtype), shape }));
    if (equation.primitive === "random_bits" || results.some(({ dtype }) => !isReal(dtype))) {
      throw new Unsupported({
        code: "A5200",
        place: place(origin),
        got: equation.primitive,
        want: "arithmetic, comparisons, reductions, products, indexing, or a function of real numbers",
      });
    }
    this.#maker.note(`jax-js's ${equation.primitive} is kept as an unknown function`);
    return results.map((type, index) =>
      this.#maker.apply("Opaque", inputs, {
        name: results.length === 1 ? `jax.${equation.primitive}` : `jax.${equation.primitive}.${index}`,
        attributes: attributesText(equation.attributes),
        ...type,
      }),
    );
  }

  /** `integer` is the dtype that a literal takes beside integers. */
  #atom(atom: Atom, origin: Origin, integer?: Dtype): Node {
    if (atom.kind === "variable") return get(this.#values, atom);
    return literalNode(this.#maker, atom, integer ?? dtypeOf(atom.dtype), place(origin));
  }
}

/**
 * The dtype of an equation's integer operands, if none of its variables is real. A bare number beside integers is an
 * integer in jax-js ("weak types"), although it is written down as float32.
 */
function integerOperand(equation: Equation): Dtype | undefined {
  if (equation.called !== undefined) return undefined;
  const own = equation.inputs.flatMap((atom) => (atom.kind === "variable" ? [dtypeOf(atom.dtype)] : []));
  return own.some(isReal) ? undefined : own.find((dtype) => dtype !== "bool");
}

/** Whether a result is of the declared kind, real or discrete: weak types can differ from the graph's promotion. */
const keepsKind = (node: Node, { dtype }: Variable): boolean =>
  isReal(node.type.dtype) === isReal(dtypeOf(dtype));

const place = ({ file, line, module }: Origin): Place => ({
  ...(file === undefined ? {} : { file }),
  ...(line === undefined ? {} : { line }),
  ...(module === undefined ? {} : { part: module }),
});

const attributesText = (attributes: AttributeRecord): string =>
  JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === "object" && value !== null && "terms" in value && "key" in value ? value.key : value,
  );
