/** @file The weights of a .keras file: a tree of groups that follows the model's objects, with variables by number. */
import { quoted } from "../../diag/diagnostic.ts";
import { Malformed } from "../common/keras/problem.ts";
import { snakeCase } from "../common/keras/table.ts";
import type { Inner, Member, Variable, Variables } from "../common/keras/variables.ts";
import { bytesOf, numbersOf } from "../common/stored.ts";
import type { Dataset, Hdf5Object } from "./hdf5.ts";
import { Hdf5Problem } from "./hdf5-bytes.ts";

/** All stored tensors of a model together, in bytes. */
export const valuesLimit: number = 16 * 2 ** 20;

/** The bytes of every tensor that is read, or nothing where all together are too many. */
export type Contents = ReadonlyMap<Hdf5Object, Uint8Array> | undefined;

/** A tensor in a group, as what a layer calls it. */
function variableOf(object: Hdf5Object, dataset: Dataset, name: string, contents: Contents): Variable {
  const bytes = contents?.get(object);
  const { shape, dtype } = dataset;
  return { name, shape, dtype, ...(bytes === undefined ? {} : { values: () => numbersOf(bytes, dtype) }) };
}

/** Every tensor below an object that can be read; states of random generators can't, and need not. */
export function* tensorsIn(object: Hdf5Object): Generator<readonly [Hdf5Object, Dataset]> {
  const dataset = readable(object);
  if (dataset !== undefined) yield [object, dataset];
  for (const member of object.members.values()) yield* tensorsIn(member);
}

function readable(object: Hdf5Object): Dataset | undefined {
  try {
    return object.dataset();
  } catch (error) {
    if (error instanceof Hdf5Problem && error.kind === "unsupported") return undefined;
    throw error;
  }
}

/** Reads all tensors where they are few. */
export async function contentsOf(
  tensors: Iterable<readonly [Hdf5Object, Dataset]>,
  limit: number,
): Promise<Contents> {
  const all = [...tensors];
  const total = all.reduce(
    (sum, [, { shape, dtype }]) => sum + shape.reduce((n, size) => n * size, bytesOf(dtype)),
    0,
  );
  if (!(total <= limit)) return undefined;
  const contents = new Map<Hdf5Object, Uint8Array>();
  for (const [object, dataset] of all) contents.set(object, await dataset.read());
  return contents;
}

/** Classes that Keras exports under another name than their own. */
const ownNames: Readonly<Record<string, string>> = { GroupQueryAttention: "GroupedQueryAttention" };

/** The variables of one object; `known` keeps each tensor one variable, however many layers share it. */
export class StoredVariables implements Variables {
  readonly #group: Hdf5Object | undefined;
  /** What Keras calls the layer, for the names of its variables. */
  readonly #path: string;
  readonly #contents: Contents;
  readonly #known: Map<Hdf5Object, Variable>;

  constructor(
    group: Hdf5Object | undefined,
    path: string,
    contents: Contents,
    known: Map<Hdf5Object, Variable> = new Map(),
  ) {
    this.#group = group;
    this.#path = path;
    this.#contents = contents;
    this.#known = known;
  }

  variable(index: number, name: string): Variable {
    const object = this.#group?.members.get("vars")?.members.get(String(index));
    const dataset = object?.dataset();
    if (object === undefined || dataset === undefined) {
      throw new Malformed(
        this.#path,
        `no stored ${quoted(name)} (number ${index})`,
        "one stored tensor for each variable",
      );
    }
    const made =
      this.#known.get(object) ?? variableOf(object, dataset, `${this.#path}/${name}`, this.#contents);
    this.#known.set(object, made);
    return made;
  }
  inner({ attribute, name }: Inner): Variables {
    // Keras goes by the names of attributes, which may be private.
    const members = this.#group?.members;
    return this.#at(members?.get(attribute) ?? members?.get(`_${attribute}`), name);
  }
  members(attribute: string, members: readonly Member[]): readonly Variables[] {
    const list = this.#group?.members.get(attribute);
    const used = new Map<string, number>();
    return members.map(({ className, name }) => {
      const plain = snakeCase(ownNames[className] ?? className);
      const number = used.get(plain);
      used.set(plain, (number ?? -1) + 1);
      return this.#at(list?.members.get(number === undefined ? plain : `${plain}_${number + 1}`), name);
    });
  }
  all(): readonly Variable[] {
    const members = [...(this.#group?.members ?? [])];
    return members.flatMap(([name, member]) => {
      if (name !== "vars") return this.#at(member, name).all();
      return [...member.members.keys()].map((key) => this.variable(Number(key), key));
    });
  }
  #at(group: Hdf5Object | undefined, name: string): StoredVariables {
    const path = this.#path === "" ? name : `${this.#path}/${name}`;
    return new StoredVariables(group, path, this.#contents, this.#known);
  }
}
