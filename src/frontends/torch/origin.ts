/** @file Where a value comes from, out of the metadata that torch.export keeps for each node. */
import type { Origin } from "../../ir/graph.ts";
import type { ProgramNode } from "./schema.ts";

const frame = /File "([^"]+)", line (\d+), in .*(?:\n\s+(.*))?/g;
const insideTorch =
  /(?:^|[/\\])(?:site|dist)-packages[/\\]torch[/\\]|[/\\]torch[/\\](?:nn|_\w+|functional\.py)/;

/** Absolute paths tell about the machine that exported: only the base name is kept. */
const portable = (path: string): string =>
  /^(?:[/\\]|[A-Za-z]:)/.test(path) ? (path.split(/[/\\]/).at(-1) ?? path) : path;

interface Frame {
  readonly place: Pick<Origin, "file" | "line" | "code">;
  readonly isUsers: boolean;
}

/** The frames of a stack trace, from the outermost inwards, without code that torch itself wrote for branches and loops. */
const framesOf = (trace: string): Frame[] =>
  [...trace.matchAll(frame)]
    .filter(([, path = ""]) => !path.startsWith("<eval_with_key>"))
    .map(([, path = "", line = "", code]) => ({
      place: {
        file: portable(path),
        line: Number(line),
        ...(code === undefined ? {} : { code: code.trim() }),
      },
      isUsers: !insideTorch.test(path),
    }));

interface Module {
  readonly path: string;
  /** The name of its class, such as `Block`. */
  readonly kind: string | undefined;
}

/**
 * The modules, from the outermost inwards. The stack is `key,path,type;key,path,type`; a type may hold commas
 * itself (PyTorch issue 126063), so only the first two separate.
 */
const modulesOf = (stack: string): Module[] =>
  stack.split(";").map((entry) => {
    const [, path = "", ...type] = entry.split(",");
    return { path, kind: /(\w+)$/.exec(type.join(","))?.[1] };
  });

/** The innermost frame of the user's own code, and those of the modules around it. */
function userFrames(
  frames: readonly Frame[],
  modules: readonly Module[],
): Omit<Origin, "module" | "operator"> {
  const last = frames.findLastIndex(({ isUsers }) => isUsers);
  const [own, ...outer] = frames.slice(0, last + 1).reverse();
  if (own === undefined) return {};
  const calls = outer.reverse().map(({ place }, level) => ({
    ...place,
    module: modules[level]?.path ?? "",
    into: modules[level + 1]?.path ?? "",
  }));
  return { ...own.place, ...(frames.length === modules.length ? { calls } : {}) };
}

/** `torch.ops.aten.linear.default` is `aten.linear`. */
export const operatorName = (target: string): string =>
  target.replace(/^torch\.ops\./, "").replace(/\.default$/, "");

/** Modules of torch itself that only hold others have no class that says anything. */
function classesOf(modules: readonly Module[]): Pick<Origin, "classes"> {
  const known = modules.flatMap(({ path, kind }) =>
    path === "" || kind === undefined || kind === "Sequential" ? [] : [[path, kind] as const],
  );
  return known.length === 0 ? {} : { classes: new Map(known) };
}

export function originOf(node: ProgramNode): Origin {
  const modules = modulesOf(node.metadata["nn_module_stack"] ?? "");
  const module = modules.at(-1)?.path ?? "";
  return {
    ...userFrames(framesOf(node.metadata["stack_trace"] ?? ""), modules),
    ...(module === "" ? {} : { module }),
    ...classesOf(modules),
    operator: operatorName(node.target),
  };
}
