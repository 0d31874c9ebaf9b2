/** @file What the PyTorch front end says about convolutions, pools and normalisations that it reads in part or in another mode. */
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { fixture } from "./support.ts";

const notesOf = async (name: string): Promise<readonly string[]> =>
  (await readTorchExport(fixture(name))).notes;

const training =
  "batch normalisation is in training mode: it uses the mean and variance of the batch; " +
  "its running statistics are updated, and what they become is not compared";
const update = (buffer: string): string =>
  `the program updates ${buffer}, and what it becomes is not compared`;

test("training mode is read, and says that the updates of buffers are not compared", async () => {
  const notes = await notesOf("statistics_of_a_batch");
  expect(notes).toEqual([update("images.num_batches_tracked"), training, update("rows.num_batches_tracked")]);
});

test("buffers that a functional program returns are named", async () => {
  const notes = await notesOf("statistics_of_a_batch_decomposed");
  expect(notes).toContain(training);
  const buffers = ["images", "rows"].flatMap((name) =>
    ["running_mean", "running_var", "num_batches_tracked"].map((kind) => `${name}.${kind}`),
  );
  expect(notes.filter((note) => note.startsWith("the program updates"))).toEqual(buffers.map(update));
});

test("evaluation mode says which statistics it uses", async () => {
  expect(await notesOf("statistics")).toContain(
    "batch normalisation is in evaluation mode: it uses the stored mean and variance",
  );
});
