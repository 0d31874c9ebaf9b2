/** @file ONNX models for tests, written as messages. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { ModelFolder } from "../../src/frontends/common/source.ts";
import {
  AttributeProtoSchema,
  type GraphProtoSchema,
  ModelProtoSchema,
  type NodeProtoSchema,
  type TensorProtoSchema,
  type ValueInfoProtoSchema,
} from "../../src/frontends/onnx/onnx_pb.ts";

type Init<S extends Parameters<typeof create>[0]> = MessageInitShape<S>;
type NodeInit = Exclude<Init<typeof NodeProtoSchema>, { readonly $typeName: string }>;
type TensorInit = Exclude<Init<typeof TensorProtoSchema>, { readonly $typeName: string }>;
type GraphInit = Exclude<Init<typeof GraphProtoSchema>, { readonly $typeName: string }>;
type ValueInit = Init<typeof ValueInfoProtoSchema>;
type AttributeInit = Init<typeof AttributeProtoSchema>;

const float = 1;

/** A value of real numbers; sizes are numbers or names. */
export const value = (
  name: string,
  sizes: readonly (number | string)[],
  elemType: number = float,
): ValueInit => ({
  name,
  type: {
    value: {
      case: "tensorType",
      value: {
        elemType,
        shape: {
          dim: sizes.map((size) => ({
            value:
              typeof size === "number"
                ? { case: "dimValue" as const, value: BigInt(size) }
                : { case: "dimParam" as const, value: size },
          })),
        },
      },
    },
  },
});

export const floats = (name: string, dims: readonly number[], values: readonly number[]): TensorInit => ({
  name,
  dims: dims.map(BigInt),
  dataType: float,
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});
type Attributes = Readonly<Record<string, AttributeInit>>;
export const node = (
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Attributes = {},
  more: NodeInit = {},
): NodeInit => ({
  opType,
  input: [...input],
  output: [...output],
  attribute: Object.entries(attributes).map(([name, attribute]) =>
    create(AttributeProtoSchema, { name, ...attribute }),
  ),
  ...more,
});

/** The bytes of a model in one operator set, with functions perhaps. */
export const modelOf = (
  graph: GraphInit,
  version: number = 21,
  functions: Init<typeof ModelProtoSchema>["functions"] = [],
): Uint8Array =>
  toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 10n,
      opsetImport: [{ version: BigInt(version) }, { domain: "custom", version: 1n }],
      graph,
      functions,
    }),
  );

/** No files beside the model. */
export const emptyFolder: ModelFolder = {
  withFile: (name) => Promise.reject(new RangeError(`no file ${name}`)),
};

/** y = x W + b, [B, 2] to [B, 3]. */
export const affine: GraphInit = {
  name: "affine",
  input: [value("x", ["B", 2])],
  output: [value("y", ["B", 3])],
  initializer: [floats("W", [2, 3], [1, 2, 3, 4, 5, 6.5]), floats("b", [3], [0.1, 0.2, 0.3])],
  node: [node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "b"], ["y"])],
};
