/** @file Where a value comes from, out of the names and the metadata that exporters give to nodes. */
import type { Origin } from "../../ir/graph.ts";
import type { NodeProto } from "./onnx_pb.ts";

/** `Conv`, or `com.microsoft.Gelu` for operators of other domains. */
export const operatorName = ({ domain, opType }: NodeProto): string =>
  domain === "" || domain === "ai.onnx" ? opType : `${domain}.${opType}`;

const insideTorch = /[/\\](?:site|dist)-packages[/\\]torch[/\\]|[/\\]torch[/\\](?:nn|_\w+|functional\.py)/;
const frame = /File "([^"]+)", line (\d+), in .*(?:\n\s+(.*))?/g;

/** The module's path in a node's name, as torch.onnx writes it: `/layers/layers.0/attention/MatMul_1`. */
function moduleOf(name: string): string | undefined {
  if (!name.startsWith("/")) return undefined;
  const parts = name.split("/").slice(1, -1);
  return parts.filter((part, index) => parts[index + 1]?.startsWith(`${part}.`) !== true).join(".");
}

const metadataOf = ({ metadataProps }: NodeProto): ReadonlyMap<string, string> =>
  new Map(metadataProps.map(({ key, value }) => [key, value]));
/** A list as Python prints it. */
const listed = (text: string | undefined): string[] =>
  [...(text ?? "").matchAll(/'([^']*)'/g)].map(([, item = ""]) => item);

/** What torch.onnx's newer exporter says: the innermost frame of the user's own code, and the path of the module. */
function exportedOrigin(node: NodeProto): Origin {
  const entries = metadataOf(node);
  const frames = [...(entries.get("pkg.torch.onnx.stack_trace") ?? "").matchAll(frame)];
  const [, path, line, code] = frames.findLast(([, own = ""]) => !insideTorch.test(own)) ?? [];
  // The last one is the operator's own.
  const paths = listed(entries.get("pkg.torch.onnx.name_scopes")).slice(0, -1);
  const classes = listed(entries.get("pkg.torch.onnx.class_hierarchy")).slice(0, -1);
  const module = paths.at(-1) ?? "";
  const known = paths.flatMap((path, depth) => {
    const name = classes[depth]?.split(".").at(-1);
    return path === "" || name === undefined ? [] : [[path, name] as const];
  });
  return {
    // Absolute paths tell about the machine that exported: only the base name is kept.
    ...(path === undefined ? {} : { file: path.split(/[/\\]/).at(-1) ?? path, line: Number(line) }),
    ...(code === undefined ? {} : { code: code.trim() }),
    ...(module === "" || module.startsWith("_") ? {} : { module }),
    ...(known.length === 0 ? {} : { classes: new Map(known) }),
  };
}

/** The class of the model, where the exporter says it. */
export function modelClass(nodes: readonly NodeProto[]): string | undefined {
  const classes = nodes.flatMap(
    (node) => listed(metadataOf(node).get("pkg.torch.onnx.class_hierarchy")).slice(0, -1)[0] ?? [],
  );
  return classes
    .find((name) => !name.startsWith("_"))
    ?.split(".")
    .at(-1);
}

/** Whether an exporter says nothing of where a node comes from, as of one that it made of several. */
export const isSilent = (node: NodeProto): boolean =>
  !node.name.startsWith("/") && !metadataOf(node).has("pkg.torch.onnx.name_scopes");

export function originOf(node: NodeProto): Origin {
  const module = moduleOf(node.name);
  return {
    ...(module === undefined || module === "" ? {} : { module }),
    ...exportedOrigin(node),
    operator: operatorName(node),
  };
}
