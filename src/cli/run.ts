/**
 * @file The command line: what each command is called, takes and prints. Only what `--help` needs is loaded here; a
 * command's own code is imported when it runs.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { Diagnostic } from "../diag/diagnostic.ts";
import type { Context } from "./context.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { version } from "./package.ts";
import type { ReadOptions } from "./read.ts";
import { inkFor, Progress, type Terminal } from "./terminal.ts";
import type { ToysOptions } from "./toys/command.ts";

interface GlobalOptions {
  readonly json?: boolean;
  readonly seed: number;
  readonly color?: boolean;
}

/** Runs one command and returns its exit code; never throws. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let code: ExitCode = exitCodes.well;
  const progress = new Progress(terminal);
  const program = programOf(terminal, async (options, action) => {
    const ink = inkFor(terminal.prints.toPerson, options.color);
    const { json = false, seed } = options;
    code = await action({ terminal, progress, ink, json, seed, command: argv });
  });
  try {
    if (argv.length === 0) {
      terminal.warn(program.helpInformation());
      return exitCodes.wrongInput;
    }
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (error) {
    // `--help` and `--version` end by an exception too.
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.well;
    const { failureOf } = await import("./failure.ts");
    const options = program.opts<GlobalOptions>();
    const failure = failureOf(diagnosed(error), argv, inkFor(terminal.warns.toPerson, options.color));
    progress.done();
    if (argv.includes("--json")) terminal.print(`${JSON.stringify(failure.result, null, 2)}\n`);
    terminal.warn(`${failure.text}\n`);
    return failure.code;
  } finally {
    progress.done();
  }
}

type Action = (context: Context) => Promise<ExitCode>;
type Start = (options: GlobalOptions, action: Action) => Promise<void>;

function programOf(terminal: Terminal, start: Start): Command {
  const program = new Command("assay")
    .description(
      "Reads models out of code as equations and proves that they are the paper's, or shows where not.",
    )
    .version(version)
    .option("--json", "print the result file to standard output, and nothing else there")
    .option("--seed <integer>", "makes every random choice repeatable", seedOf, 0)
    .option("--color", "colour the output although it is not a terminal")
    .option("--no-color", "never colour the output (nor where NO_COLOR is set)")
    .helpCommand(false)
    .showSuggestionAfterError(true)
    .configureOutput({ writeOut: (text) => terminal.print(text), writeErr: () => undefined })
    .configureHelp({ showGlobalOptions: true, helpWidth: 100 })
    .exitOverride()
    .addHelpText("after", epilogue);
  // Neither flag given means that the stream decides.
  program.setOptionValue("color", undefined);

  program
    .command("read")
    .summary("the equations of a model")
    .description("Prints a model as equations: a specification that `assay check` accepts and proves.")
    .argument("<model>", modelHelp)
    .addOption(
      new Option("--as <form>", "how they are written")
        .choices(["text", "latex", "html", "json"])
        .default("text"),
    )
    .addOption(
      new Option("--notation <profile>", "whole tensors, indices, or axes by their names")
        .choices(["matrix", "index", "named"])
        .default("matrix"),
    )
    .option("--source", "the line of code in the margin of each equation, instead of its shape")
    .option("--width <columns>", "longest line of the text (default: the terminal's, else 100)", widthOf)
    .option("-o, --out <file>", "the file to write, instead of standard output")
    .option("--at <module>", "one module alone, by its path in the code: encoder.layers.0")
    .option(
      "--expand <names>",
      "blocks to write out where they are used, with commas between, or all",
      namesOf,
    )
    .option("--rules", "lists the rules that made the equations out of the code's operators")
    .option("--depth <levels>", "how deep blocks inside blocks are defined: 0 is an overview", depthOf)
    .action((model: string, options: Omit<ReadOptions, "model">) =>
      start(program.opts(), async (context) => {
        const { read } = await import("./read.ts");
        return await read(context, { model, ...options });
      }),
    );

  program
    .command("check")
    .summary("is it the paper's model?")
    .description(
      "Proves that a model computes what a specification says, or shows where and how they differ.",
    )
    .argument("<model>", modelHelp)
    .requiredOption(
      "--spec <spec>",
      "a Markdown, .txt or .tex file, or the name of a specification that Assay ships",
    )
    .action((model: string, { spec }: { readonly spec: string }) =>
      start(program.opts(), async (context) => {
        const { checkModel } = await import("./check.ts");
        return await checkModel(context, { model, spec });
      }),
    );

  program
    .command("diff")
    .summary("are these two models the same function?")
    .description(
      "Proves that two models are the same family of functions, or shows where and how they differ.",
    )
    .argument("<first>", modelHelp)
    .argument("<second>", "another")
    .action((first: string, second: string) =>
      start(program.opts(), async (context) => {
        const { diff } = await import("./diff.ts");
        return await diff(context, { first, second });
      }),
    );

  program
    .command("bakeoff")
    .summary("which of several implementations agree")
    .description("Sorts implementations of one model into classes that are proved to compute the same.")
    .argument("<models...>", modelHelp)
    .option("--spec <spec>", "says which class is right")
    .action((models: string[], { spec }: { readonly spec?: string }) =>
      start(program.opts(), async (context) => {
        const { bakeoff } = await import("./bakeoff.ts");
        return await bakeoff(context, { models, ...(spec === undefined ? {} : { spec }) });
      }),
    );

  program
    .command("toys")
    .summary("toy problems against their bounds")
    .description(
      "Trains your code on problems whose lowest loss is known, and names the bug from where the loss stops.",
    )
    .argument("<entry>", "code as FILE:NAME (net.py:make_model, net.ts:model)")
    .option("--only <problems...>", "their names (default: all that the model fits)")
    .option("--jobs <count>", "trainings at once (default: one for every core)", countOf)
    .option("--limit <seconds>", "the longest time of one training", countOf, 600)
    .option("-o, --out <file>", "the result file; an interrupted run is continued from it")
    .action((entry: string, options: Omit<ToysOptions, "entry" | "only"> & { readonly only?: string[] }) =>
      start(program.opts(), async (context) => {
        const { toys } = await import("./toys/command.ts");
        return await toys(context, { ...options, entry, only: options.only ?? [] });
      }),
    );

  program
    .command("demo")
    .summary("a forgotten activation, found three ways")
    .description(
      "Trains two networks that differ in one forgotten activation and tells them apart by equations, proof and bound.",
    )
    .action(() =>
      start(program.opts(), async (context) => {
        const { demo } = await import("./demo.ts");
        return await demo(context);
      }),
    );

  program
    .command("doctor")
    .summary("what is installed, what is missing, how to get it")
    .description(
      "Says what Assay finds on this machine, what is missing for which kind of model, and how to get it.",
    )
    .action(() =>
      start(program.opts(), async (context) => {
        const { doctor } = await import("./doctor.ts");
        return await doctor(context);
      }),
    );

  return program;
}

const modelHelp = "net.pt2, net.onnx, net.mlir, or code as FILE:NAME (net.py:make_model, net.ts:model)";

const epilogue = `
Exit codes: 0 all is well, 1 a negative verdict, 2 the input is wrong, 3 not supported yet, 70 a defect of Assay.`;

function seedOf(text: string): number {
  const seed = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed))
    throw new InvalidArgumentError("a seed is 0, 1, 2, …");
  return seed;
}

function countOf(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > 1_000_000)
    throw new InvalidArgumentError("a count is 1, 2, 3, …");
  return count;
}

function widthOf(text: string): number {
  const width = Number(text);
  if (!/^\d+$/.test(text) || width < 20 || width > 10_000)
    throw new InvalidArgumentError("20 to 10000 columns.");
  return width;
}

/** `Block,Attention`, behind what is given already. */
function namesOf(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("names of blocks with commas between, or all.");
  return [...before, ...names];
}

function depthOf(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError("a number of levels, from 0 on.");
  return Number(text);
}

/** Commander's complaints as a message of our own kind; anything else stays as it is. */
function diagnosed(error: unknown): unknown {
  if (!(error instanceof CommanderError)) return error;
  // "error: unknown option '--sped'\n(Did you mean --spec?)"
  const [complaint = "", suggestion] = error.message.split("\n");
  const meant = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(suggestion ?? "")?.[1];
  return new Diagnostic({
    code: "A1002",
    place: { part: "command line" },
    got: complaint.replace(/^error: /, ""),
    want: "what `assay --help` lists",
    ...(meant === undefined ? {} : { action: `did you mean ${meant}?` }),
  });
}
