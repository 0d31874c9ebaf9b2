/** @file Whole models: the graph that each gives, and the same graph from LaTeX. */
import { describe, expect, test } from "vitest";
import { pairs } from "./models.ts";
import { graphText, read } from "./support.ts";

describe.each(pairs)("$name", ({ name, plain, latex }) => {
  test("gives this graph", async () => {
    await expect(graphText(read(plain))).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("gives the same graph in LaTeX", () => {
    expect(graphText(read(latex))).toBe(graphText(read(plain)));
  });

  test("gives the same graph inside Markdown", () => {
    const document = `# Prose\n\n\`\`\`python\nx = [(\n\`\`\`\n\n\`\`\`math\n${plain}\`\`\`\n\nMore prose (open\n`;
    expect(graphText(read(document))).toBe(graphText(read(plain)));
  });
});
