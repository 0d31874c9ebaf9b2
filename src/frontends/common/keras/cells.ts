/** @file One step of Keras's recurrent layers, as LSTMCell, GRUCell and SimpleRNNCell define it. */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import { activated } from "./activations.ts";
import { Config, isObject, type Json, type JsonObject } from "./config.ts";
import type { Layer } from "./layer.ts";
import { Malformed, NotCovered } from "./problem.ts";

/** A layer inside a layer, as its configuration has it. */
export interface Nested {
  readonly name: string;
  readonly className: string;
  readonly config: JsonObject;
}
export function nested(part: string, value: Json): Nested {
  if (isObject(value) && typeof value["class_name"] === "string" && isObject(value["config"])) {
    const { class_name: className, config } = value;
    const name = typeof config["name"] === "string" ? config["name"] : className;
    return { className, config, name };
  }
  throw new Malformed(part, "no layer", "class_name and config");
}

/** The states that a step leaves, of which the first is what it shows. */
type Step = (c: Layer, states: readonly Node[], x: Node) => Node[];

interface Cell {
  /** How many vectors of `units` numbers are carried. */
  readonly states: number;
  readonly step: Step;
}

/** v Wₛ of columns of a matrix, plus b. */
function affine(c: Layer, x: Node, weight: Node, bias: Node | undefined): Node {
  const product = c.product(x, weight);
  return bias === undefined ? product : c.add(product, bias);
}
const units = (c: Layer): number => c.config.size("units");
function gates(c: Layer, x: Node, count: number): Node[] {
  return range(count).map((gate) =>
    c.slice(x, x.type.shape.length - 1, gate * units(c), (gate + 1) * units(c)),
  );
}
function labelled(c: Layer, nodes: Readonly<Record<string, Node>>): void {
  for (const [name, node] of Object.entries(nodes)) c.build.label(node, name);
}
const recurrent = (c: Layer, x: Node): Node =>
  activated(c, x, c.config.get("recurrent_activation") ?? (c.isOld ? "hard_sigmoid" : "sigmoid"));
const own = (c: Layer, x: Node): Node =>
  activated(c, x, "activation" in c.config.values ? c.config.get("activation") : "tanh");

const biasOf = (c: Layer, shape?: readonly number[]): Node | undefined =>
  c.config.bool("use_bias", true) ? c.weight(2, "bias", shape) : undefined;

const simple: Step = (c, [h], x) => {
  const size = units(c);
  const fromInput = affine(c, x, c.weight(0, "kernel"), biasOf(c, [size]));
  return [own(c, c.add(fromInput, c.product(h as Node, c.weight(1, "recurrent_kernel", [size, size]))))];
};

/** Gates in the order input, forget, cell, output. */
const lstm: Step = (c, [h, before], x) => {
  const size = units(c);
  const fromInput = affine(c, x, c.weight(0, "kernel"), biasOf(c, [4 * size]));
  const all = c.add(fromInput, c.product(h as Node, c.weight(1, "recurrent_kernel", [size, 4 * size])));
  const [input, forget, cell, output] = gates(c, all, 4) as [Node, Node, Node, Node];
  const [i, f, g, o] = [
    recurrent(c, input),
    recurrent(c, forget),
    own(c, cell),
    recurrent(c, output),
  ] as const;
  labelled(c, { i, f, g, o });
  const next = c.add(c.mul(f, before as Node), c.mul(i, g));
  return [c.mul(o, own(c, next)), next];
};

/** Gates in the order update, reset, new; the reset gate acts on the state or, by `reset_after`, on its product. */
const gru: Step = (c, [state], x) => {
  const h = state as Node;
  const size = units(c);
  const isAfter = c.config.bool("reset_after", !c.isOld);
  const bias = biasOf(c, isAfter ? [2, 3 * size] : [3 * size]);
  const row = (index: number): Node | undefined => bias && c.without(c.slice(bias, 0, index, index + 1), 0);
  const [inputBias, stateBias] = isAfter ? [row(0), row(1)] : [bias, undefined];
  const fromInput = gates(c, affine(c, x, c.weight(0, "kernel"), inputBias), 3);
  const kernel = c.weight(1, "recurrent_kernel", [size, 3 * size]);
  const columns = (from: number, to: number): Node => c.slice(kernel, 1, from * size, to * size);
  const fromState = isAfter
    ? gates(c, affine(c, h, kernel, stateBias), 3)
    : gates(c, c.product(h, columns(0, 2)), 2);
  const z = recurrent(c, c.add(at(fromInput, 0), at(fromState, 0)));
  const r = recurrent(c, c.add(at(fromInput, 1), at(fromState, 1)));
  const reset = isAfter ? c.mul(r, at(fromState, 2)) : c.product(c.mul(r, h), columns(2, 3));
  const n = own(c, c.add(at(fromInput, 2), reset));
  labelled(c, { r, z, n });
  return [c.add(c.mul(z, h), c.mul(c.sub(c.integer(1, z), z), n))];
};

const cells: Readonly<Record<string, Cell>> = {
  LSTM: { states: 2, step: lstm },
  GRU: { states: 1, step: gru },
  SimpleRNN: { states: 1, step: simple },
};

/** One cell of a recurrent layer, or several that lie on top of each other. */
export interface Stack {
  /** Widths of the carried vectors. */
  readonly sizes: readonly number[];
  /** The output of the step, and the next states. */
  readonly step: (
    c: Layer,
    states: readonly Node[],
    x: Node,
  ) => { readonly output: Node; readonly states: Node[] };
}

/** The cell of a layer such as LSTM, whose options are the cell's too, or the one in the options of RNN. */
export function cellOf(c: Layer): Stack {
  if (c.className !== "RNN") {
    return oneCell(nestedLike(c), (inner) =>
      inner.within(nestedLike(c), { attribute: "cell", name: cellName(c) }, []),
    );
  }
  // TensorFlow.js has the list of stacked cells in the place of one cell.
  const { cells: several, name } = c.config.values;
  const cell = Array.isArray(several)
    ? { className: "StackedRNNCells", name: String(name), config: { cells: several as readonly Json[] } }
    : nested(c.name, c.config.get("cell"));
  if (cell.className !== "StackedRNNCells") {
    return oneCell(cell, (inner) => inner.within(cell, { attribute: "cell", name: cell.name }, []));
  }
  const list = cell.config["cells"];
  if (!Array.isArray(list) || list.length === 0) throw new Malformed(c.name, "no cells", "a list of cells");
  const members = list.map((one: unknown) => nested(c.name, one));
  const stacks = members.map((member, index) =>
    oneCell(member, (inner) => {
      const outer = inner.variables.inner({ attribute: "cell", name: cell.name });
      return inner.with(member, at(outer.members("cells", members), index));
    }),
  );
  return stacked(stacks);
}

const nestedLike = (c: Layer): Nested => ({
  name: cellName(c),
  className: c.className,
  config: c.config.values,
});
const cellName = (c: Layer): string =>
  `${c.className
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()}_cell`;

function oneCell({ className, name, config }: Nested, place: (c: Layer) => Layer): Stack {
  const cell = cells[className.replace(/Cell$/, "")];
  if (cell === undefined) throw new NotCovered(`a cell of class ${className}`);
  const size = new Config(name, config).size("units");
  return {
    sizes: range(cell.states).map(() => size),
    step: (c, states, x) => {
      const next = cell.step(place(c), states, x);
      return { output: at(next, 0), states: next };
    },
  };
}

/** The output of each cell is the input of the next. */
const stacked = (stacks: readonly Stack[]): Stack => ({
  sizes: stacks.flatMap(({ sizes }) => sizes),
  step: (c, states, x) => {
    let [output, first] = [x, 0];
    const all: Node[] = [];
    for (const stack of stacks) {
      const next = stack.step(c, states.slice(first, first + stack.sizes.length), output);
      first += stack.sizes.length;
      output = next.output;
      all.push(...next.states);
    }
    return { output, states: all };
  },
});
