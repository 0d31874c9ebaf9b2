/** @file Where a value comes from, out of the metadata that torch.export keeps for each node. */
import type { Origin } from "../../ir/graph.ts";
import type { ProgramNode } from "./schema.ts";

const frame = /File "([^"]+)", line (\d+), in .*(?:\n\s+(.*))?/g;
const insideTorch =
  /(?:^|[/\\])(?:site|dist)-packages[/\\]torch[/\\]|[/\\]torch[/\\](?:nn|_\w+|functional\.py)/;

/** Absolute paths tell about the machine that exported: only the base name is kept. */
const portable = (path: string): string =>
  /^(?:[/\\]|[A-Za-z]:)/.test(path) ? (path.split(/[/\\]/).at(-1) ?? path) : path;

/** The innermost frame of the user's own code. */
function userFrame(trace: string): Pick<Origin, "file" | "line" | "code"> {
  const frames = [...trace.matchAll(frame)].filter(([, path = ""]) => !insideTorch.test(path));
  const last = frames.at(-1);
  if (last === undefined) return {};
  const [, path = "", line = "", code] = last;
  return { file: portable(path), line: Number(line), ...(code === undefined ? {} : { code: code.trim() }) };
}

/**
 * Path of the innermost module, `encoder.layers.0`. The stack is `key,path,type;key,path,type`; a type may hold commas
 * itself (PyTorch issue 126063), so only the first two separate.
 */
function modulePath(stack: string): string | undefined {
  const [, path] = stack.split(";").at(-1)?.split(",", 2) ?? [];
  return path === "" ? undefined : path;
}

/** `torch.ops.aten.linear.default` is `aten.linear`. */
export const operatorName = (target: string): string =>
  target.replace(/^torch\.ops\./, "").replace(/\.default$/, "");

export function originOf(node: ProgramNode): Origin {
  const module = modulePath(node.metadata["nn_module_stack"] ?? "");
  return {
    ...userFrame(node.metadata["stack_trace"] ?? ""),
    ...(module === undefined ? {} : { module }),
    operator: operatorName(node.target),
  };
}
