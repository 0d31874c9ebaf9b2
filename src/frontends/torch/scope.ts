/** @file Names of an exported program: values, sizes, and the types that the file declares. */
import { quoted, Unsupported } from "../../diag/diagnostic.ts";
import type { Dim } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { TensorType } from "../../ir/type.ts";
import type { KnownIntegers } from "../../ops/known.ts";
import { Contradiction } from "../common/contradiction.ts";
import type { Scope } from "./call.ts";
import { NotPolynomial, parseDim } from "./dims.ts";
import { type ProgramGraph, type SymbolicInteger, type TensorMeta, tensorNames } from "./schema.ts";
import { dtypeOf } from "./tensors.ts";

export class ProgramScope implements Scope {
  readonly #file: string;
  readonly #metas: ReadonlyMap<string, TensorMeta>;
  readonly #sizes: ReadonlyMap<string, SymbolicInteger>;
  readonly #values = new Map<string, Node>();
  readonly #withoutMeaning = new Map<string, string>();
  readonly #stored = new Map<string, string>();
  readonly #readers = new Map<string, string[]>();

  readonly known: KnownIntegers;

  /** `outputs` are the names of the values that the graph gives. */
  constructor(file: string, graph: ProgramGraph, outputs: readonly string[], known: KnownIntegers) {
    this.#file = file;
    this.known = known;
    for (const { target, inputs } of graph.nodes) {
      for (const name of inputs.flatMap(({ arg }) => tensorNames(arg))) this.#read(name, target);
    }
    for (const name of outputs) this.#read(name, "output");
    this.#metas = new Map(Object.entries(graph.tensor_values));
    this.#sizes = new Map(Object.entries(graph.sym_int_values));
  }

  #read(name: string, reader: string): void {
    const known = this.#readers.get(name);
    if (known === undefined) this.#readers.set(name, [reader]);
    else known.push(reader);
  }

  readers(name: string): readonly string[] {
    return this.#readers.get(name) ?? [];
  }

  define(name: string, node: Node): void {
    this.#values.set(name, node);
  }
  /** A further result of an operator, of which only the first has a meaning; `operator` is for the message. */
  defineUnknown(name: string, operator: string): void {
    this.#withoutMeaning.set(name, operator);
  }

  /** What a stored tensor is called in the model. */
  store(name: string, called: string): void {
    this.#stored.set(name, called);
  }
  stored(name: string): string | undefined {
    return this.#stored.get(name);
  }

  tensor(name: string): Node {
    const node = this.#values.get(name);
    if (node !== undefined) return node;
    const operator = this.#withoutMeaning.get(name);
    if (operator === undefined)
      throw new Contradiction(name, "a value that nothing computes", "a computed value");
    throw new Unsupported({
      code: "A5103",
      place: { file: this.#file, part: quoted(operator) },
      got: `its further result ${quoted(name)} is used`,
      want: "only its first result used",
    });
  }

  size(name: string): Dim {
    const size = this.#sizes.get(name);
    if (size === undefined) throw new Contradiction(name, "a size that nothing computes", "a computed size");
    return this.#dim(size, name);
  }

  meta(name: string): TensorMeta {
    const meta = this.#metas.get(name);
    if (meta === undefined)
      throw new Contradiction(name, "no entry in tensor_values", "a type for every tensor");
    return meta;
  }

  type(name: string): TensorType {
    const meta = this.meta(name);
    const dtype = dtypeOf(meta.dtype);
    if (dtype === undefined) {
      throw new Unsupported({
        code: "A5104",
        place: { file: this.#file, part: quoted(name) },
        got: `a tensor of ScalarType ${meta.dtype}`,
        want: "float16, bfloat16, float32, float64, bool or integers",
      });
    }
    return { dtype, shape: meta.sizes.map((size) => this.#dim(size, name)) };
  }

  #dim(size: SymbolicInteger, part: string): Dim {
    try {
      return parseDim(size);
    } catch (error) {
      if (!(error instanceof NotPolynomial)) throw error;
      throw new Unsupported({
        code: "A5102",
        place: { file: this.#file, part: quoted(part) },
        got: quoted("as_expr" in size ? size.as_expr.expr_str : String(size.as_int)),
        want: "sums and products of sizes and integers",
        action: "export with this size fixed, that is without dynamic_shapes for it",
      });
    }
  }
}
