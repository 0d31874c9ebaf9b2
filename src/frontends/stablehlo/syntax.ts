/** @file The parts of a text of MLIR (https://mlir.llvm.org/docs/LangRef): operations, regions, types, attributes, locations. */

/** A size, or `?` for one that is not known before the program runs. */
export type Size = number | "?";

/** A tensor; any other type by its text, which no operation of numbers takes. */
export type Type =
  | { readonly kind: "tensor"; readonly shape: readonly Size[]; readonly element: string }
  | { readonly kind: "other"; readonly text: string };

/** `dense<…> : type`: numbers as they are written, in row-major order, or all bytes in hexadecimal digits. */
export interface Dense {
  readonly kind: "dense";
  readonly type: Type;
  readonly numbers: readonly string[];
  /** Whether one number stands for all of them. */
  readonly isSplat: boolean;
  readonly bytes?: string;
}

/** Words, strings and names of functions are strings; what is not understood is its text. */
export type Attribute =
  | number
  | string
  | boolean
  | Dense
  | { readonly kind: "type"; readonly type: Type }
  | { readonly kind: "text"; readonly text: string }
  | readonly Attribute[]
  | Attributes;
export interface Attributes {
  readonly kind: "record";
  readonly entries: ReadonlyMap<string, Attribute>;
}

/** Where an operation comes from. */
export type Location =
  | { readonly kind: "unknown" }
  | { readonly kind: "alias"; readonly name: string }
  | { readonly kind: "file"; readonly file: string; readonly line: number }
  | { readonly kind: "named"; readonly name: string; readonly inner?: Location }
  | { readonly kind: "call"; readonly callee: Location; readonly caller: Location }
  | { readonly kind: "fused"; readonly parts: readonly Location[] };

export interface Argument {
  readonly name: string;
  readonly type: Type;
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly location: Location;
}
/** A region of one block. */
export interface Region {
  readonly inputs: readonly Argument[];
  readonly operations: readonly Operation[];
}
export interface Operation {
  readonly name: string;
  /** Names of the values that it defines; `%a:2` defines `%a#0` and `%a#1`. */
  readonly results: readonly string[];
  readonly operands: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly regions: readonly Region[];
  /** Of the results. */
  readonly types: readonly Type[];
  readonly location: Location;
  /** In the text. */
  readonly line: number;
}
interface Result {
  readonly type: Type;
  readonly attributes: ReadonlyMap<string, Attribute>;
}
export interface Function {
  readonly name: string;
  readonly isPublic: boolean;
  readonly inputs: readonly Argument[];
  readonly results: readonly Result[];
  readonly body: Region;
}
export interface Module {
  readonly name: string;
  readonly functions: ReadonlyMap<string, Function>;
  readonly locations: ReadonlyMap<string, Location>;
  /** Bytes in hexadecimal digits that attributes name, `dense_resource<NAME>`. */
  readonly resources: ReadonlyMap<string, string>;
}
