/** @file Where a value comes from, out of the names and the metadata that exporters give to nodes. */
import type { Origin } from "../../ir/graph.ts";
import type { NodeProto } from "./onnx_pb.ts";

/** `Conv`, or `com.microsoft.Gelu` for operators of other domains. */
export const operatorName = ({ domain, opType }: NodeProto): string =>
  domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`;

const frame = /File "([^"]+)", line (\d+), in .*(?:\n\s+(.*))?/g;

/** The module's path in a node's name, as torch.onnx writes it: `/layers/layers.0/attention/MatMul_1`. */
function moduleOf(name: string): string | undefined {
  if (!name.startsWith("/")) return undefined;
  const parts = name.split("/").slice(1, -1);
  return parts.filter((part, index) => parts[index + 1]?.startsWith(`${part}.`) !== true).join(".");
}

/** What torch.onnx's newer exporter says: the innermost frame of the stack, and the path of the module. */
function metadataOf(node: NodeProto): Origin {
  const entries = new Map(node.metadataProps.map(({ key, value }) => [key, value]));
  const frames = [...(entries.get("pkg.torch.onnx.stack_trace") ?? "").matchAll(frame)];
  const [, path, line, code] = frames.at(-1) ?? [];
  const scopes = /'([^']*)'[^']*\]?$/.exec(entries.get("pkg.torch.onnx.name_scopes") ?? "");
  const scope = /\['(.*)'\]/.exec(entries.get("pkg.torch.onnx.name_scopes") ?? "")?.[1]?.split("', '");
  const module = scope?.at(-2) ?? scopes?.[1];
  return {
    ...(path === undefined ? {} : { file: path.split(/[/\\]/).at(-1) ?? path, line: Number(line) }),
    ...(code === undefined ? {} : { code: code.trim() }),
    ...(module === undefined || module === "" ? {} : { module }),
  };
}

export function originOf(node: NodeProto): Origin {
  const module = moduleOf(node.name);
  return {
    ...(module === undefined || module === "" ? {} : { module }),
    ...metadataOf(node),
    operator: operatorName(node),
  };
}
