/** @file Makes the nodes of a graph, with the dtypes of jax-js. */
import { at, only } from "../../base/assert.ts";
import { isInteger, rational } from "../../base/rational.ts";
import type { Shape } from "../../ir/dim.ts";
import { type Builder, type Node, rebuild } from "../../ir/graph.ts";
import type { OpAttrs, OpName } from "../../ir/operators.ts";
import { type Dtype, isReal } from "../../ir/type.ts";

/** Shorthand for making nodes. */
export class Maker {
  readonly build: Builder;
  /** What is worth saying about the nodes that were made. */
  readonly notes: Set<string> = new Set<string>();

  constructor(build: Builder) {
    this.build = build;
  }

  apply<N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node {
    return this.build.node(op, inputs, attrs) as unknown as Node;
  }
  integer(value: number, dtype: Dtype): Node {
    return this.apply("Constant", [], { value: rational(value), dtype });
  }
  not(x: Node): Node {
    return this.apply("Not", [x], {});
  }
  or(x: Node, y: Node): Node {
    return this.not(this.apply("And", [this.not(x), this.not(y)], {}));
  }
  reshape(x: Node, shape: Shape): Node {
    return this.apply("Reshape", [x], { shape });
  }
  slice(x: Node, axis: number, start: number, stop: number): Node {
    return this.apply("Slice", [x], { axis, start, stop, step: 1 });
  }
  concat(parts: readonly Node[], axis: number): Node {
    return parts.length === 1 ? only(parts) : this.apply("Concat", parts, { axis });
  }
  cast(x: Node, dtype: Dtype): Node {
    return x.type.dtype === dtype ? x : this.apply("Cast", [x], { dtype });
  }
  /** A cast that may go from reals to integers where x is a bare number, reshaped or repeated. */
  weakCast(x: Node, dtype: Dtype): Node | undefined {
    if (isReal(dtype) || !isReal(x.type.dtype)) return this.cast(x, dtype);
    if (x.op === "Constant" && isInteger(x.attrs.value)) {
      return this.apply("Constant", [], { value: x.attrs.value, dtype });
    }
    const source =
      x.op === "Reshape" || x.op === "Broadcast" ? this.weakCast(at(x.inputs, 0), dtype) : undefined;
    return source && rebuild(this.build, x, [source]);
  }
}

/** The graph's dtypes by jax-js's names. */
export const dtypes: Readonly<Record<string, Dtype>> = {
  float64: "float64",
  float32: "float32",
  float16: "float16",
  int32: "int32",
  // Wide enough for every value; wrapping around is outside the graph's arithmetic.
  uint32: "int64",
  bool: "bool",
};

/** The graph's dtype for one of jax-js. */
export function dtypeOf(name: string): Dtype {
  const dtype = dtypes[name];
  if (dtype === undefined) throw new RangeError(`jax-js has a dtype ${name}`);
  return dtype;
}
