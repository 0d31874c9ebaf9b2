/** @file What all regions of a model share. */
import type { ParameterTable } from "../../common/keras/layer.ts";
import type { StoredTensor } from "../weights.ts";
import type { Nodes } from "./nodes.ts";
import type { FunctionDef } from "./schema.ts";

export interface FunctionParts {
  readonly nodes: Nodes;
  readonly definition: FunctionDef;
}

export interface Program {
  readonly file: string;
  readonly functions: ReadonlyMap<string, FunctionParts>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Parameters, which are nodes of the whole graph. */
  readonly parameters: ParameterTable;
  /** How many operations were read. */
  readonly count: { operations: number };
}
