/** @file Reads a specification: text to graph. */
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, symbol } from "../ir/dim.ts";
import type { Graph } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { type Statement, statementsOf } from "./document.ts";
import { libraryOf } from "./library.ts";
import { type Context, Model } from "./model.ts";
import { Scope } from "./scope.ts";
import { Source } from "./source.ts";
import { Tensors } from "./tensors.ts";

export interface ReadOptions {
  /** The text is written for one example, and the model maps over a leading batch axis of every input. */
  readonly batch?: boolean;
}

const longestText = 2 ** 20;

/**
 * The graph of a specification: plain text or Markdown with math blocks. Every symbol that is declared but not defined
 * is a parameter; `file` is for messages only.
 * @throws Diagnostic for a text that has no meaning, Unsupported for one that is beyond the language as it is.
 */
export function readSpec(text: string, file: string, options: ReadOptions = {}): Graph {
  const source = new Source(file, text.slice(0, longestText));
  if (text.length > longestText) {
    const got = `a text of ${text.length} characters`;
    throw source.wrong("A3022", { line: 1, column: 1 }, got, `at most ${longestText}`);
  }
  const statements = statementsOf(source);
  const library = libraryOf(source, statements);
  const { signature, items } = library.main;
  const scope = new Scope(source, signature, items);
  const [free] = signature.numbers;
  if (free !== undefined) {
    const got = `\`${quoted(free.name)}\` of a model that no other uses`;
    throw source.wrong(
      "A3033",
      free.position,
      got,
      `its value in the where list, \`${quoted(free.name)} = 2\``,
    );
  }
  const hidden = new Map<string, Dim>();
  if (options.batch === true) {
    const name = unusedName(scope, statements);
    hidden.set(name, symbol(name));
  }
  const tensors = new Tensors(newBuilder(), source, hidden);
  const { build } = tensors;
  const context: Context = { tensors, build, library, parameters: [], notes: new Set(), open: [] };
  const model = new Model(library.main, scope, context, { path: "", turns: [], calls: [] });
  const inputs = model.inputs();
  model.define();
  const outputs = model.outputs();
  const { parameters, notes } = context;
  return build.graph({ name: signature.name, inputs, parameters, outputs, notes: [...notes] });
}

/** A name for the hidden batch axis that stands nowhere in the text. */
function unusedName(scope: Scope, statements: readonly Statement[]): string {
  const texts = statements.flatMap(({ tokens }) =>
    tokens.flatMap(({ text, subscript }) => [text, ...subscript]),
  );
  const parts = texts.flatMap((text) => [text, ...text.split("_")]);
  const taken = new Set([...parts, ...scope.sizeNames, ...scope.declarations.map(({ name }) => name)]);
  const candidates = ["B", "N", "batch"];
  for (let i = 1; candidates.every((name) => taken.has(name)); i++) candidates.push(`batch_${i}`);
  return candidates.find((name) => !taken.has(name)) ?? "B";
}
