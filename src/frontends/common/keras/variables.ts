/** @file The stored weights of a model, and where each layer finds its own. */
import type { Dtype } from "../../../ir/type.ts";
import { Malformed } from "./problem.ts";

export interface Variable {
  /** As Keras shows it: layer and variable. */
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Reads the stored values, row-major; absent where they are too many to be read. */
  readonly values?: () => Float64Array;
}

/** A layer inside a layer: the attribute that holds it, and the name that it gives to its variables. */
export interface Inner {
  readonly attribute: string;
  readonly name: string;
}

/** A layer as the file's containers know it. */
export interface Member {
  readonly className: string;
  readonly name: string;
  readonly isModel?: boolean;
}

/** The variables of one layer or model. */
export interface Variables {
  /** The variable that the layer made as number `index`, from 0, under this name. Throws Malformed where there is none. */
  variable(index: number, name: string): Variable;
  inner(inner: Inner): Variables;
  /** Layers in a list that an attribute holds, in its order. */
  members(attribute: string, members: readonly Member[]): readonly Variables[];
  /** Everything that is stored of it. */
  all(): readonly Variable[];
}

/**
 * Keras 2 and TensorFlow.js: a flat list of variables whose names are paths, `lstm/lstm_cell/kernel:0`, in the order in which
 * the layers made them.
 */
export class NamedVariables implements Variables {
  readonly #part: string;
  readonly #all: readonly Variable[];

  constructor(part: string, all: readonly Variable[]) {
    this.#part = part;
    this.#all = all;
  }

  all(): readonly Variable[] {
    return this.#all;
  }
  variable(index: number, name: string): Variable {
    const named = this.#all.filter((variable) => lastSegment(variable.name) === name);
    const [found, ...others] = named;
    if (found !== undefined && others.length === 0) return found;
    const got = `${named.length} variables called ${name} (number ${index}) among ${this.#all.length}`;
    throw new Malformed(this.#part, got, "one stored tensor for each variable of a layer");
  }
  inner({ name }: Inner): Variables {
    // A wrapper that holds one layer gives its variables no name of its own.
    const own = this.#all.filter((variable) =>
      segments(variable.name)
        .slice(0, -1)
        .some((part) => isCalled(part, name)),
    );
    return new NamedVariables(`${this.#part}/${name}`, own.length === 0 ? this.#all : own);
  }
  members(_: string, members: readonly Member[]): readonly Variables[] {
    return members.map(({ name, isModel }, index) => {
      const under = (segment: string): Variable[] =>
        this.#all.filter((variable) => segments(variable.name).slice(0, -1).includes(segment));
      const named = under(name);
      // TensorFlow.js calls cells of one layer by their numbers.
      const own = named.length > 0 ? named : under(`RNNCell_${index}`);
      // Its models may add no name of their own to those of their layers.
      return new NamedVariables(name, own.length === 0 && isModel === true ? this.#all : own);
    });
  }
}

const segments = (name: string): string[] => name.replace(/:\d+$/, "").split("/");
const lastSegment = (name: string): string => segments(name).at(-1) ?? name;
/** `forward_` stands for `forward_lstm_3`. */
const isCalled = (segment: string, name: string): boolean =>
  segment === name || (name.endsWith("_") && segment.startsWith(name));
