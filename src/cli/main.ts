#!/usr/bin/env node
/** @file The `assay` command: joins the process's streams to `run`. */
import { run } from "./run.ts";
import { processTerminal } from "./terminal.ts";

// A reader that closes the pipe early, such as `head`, ends the command as it ends any other Unix program: 128 + SIGPIPE.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? 141 : 70);
});

const code = await run(process.argv.slice(2), processTerminal);
// A user's module may keep the process alive (timers, devices); what was written is flushed first.
process.stdout.write("", (error) => {
  if (!error) process.exit(code);
});
