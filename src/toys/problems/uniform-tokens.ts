/** @file Tokens that nothing foretells: whoever is better than chance has seen them. */
import { range } from "../../base/assert.ts";
import { seesAhead } from "../causal-probes.ts";
import type { Problem } from "../problem.ts";
import { level } from "./parts.ts";
import { continued, noMask, peeks, says, sequenceOf, uniform } from "./sequences.ts";

const [length, kinds] = [16, 16];
const sequence = sequenceOf(length, kinds);
const law = (): ReturnType<typeof uniform> => uniform(kinds);
const chance = Math.log(kinds);

/** Where a mask that is off by one in one place shows: at a border between blocks, or at the end. */
const leaks = [length / 2 - 1, length - 2];

export const uniformTokens: Problem = continued(
  sequence,
  (random) => range(length + 1).map(() => random.below(kinds)),
  {
    name: "uniform-tokens",
    title: "tokens that nothing foretells",
    story: `${length + 1} independent uniform tokens of ${kinds} kinds. The model reads the first ${length} and says the next one at every position.
The loss is the cross-entropy. A model that has learned nothing is right: the problem is for models that do better, which they can't
without seeing what they have to say.`,
    source: "folklore",
    tags: ["classification", "sequence", "causal", "leak"],
    batch: 32,
    steps: 300,
    best: level(chance, `log ${kinds}: every token is independent of all before it`, says(sequence, law)),
    rungs: [
      noMask(sequence, chance, law),
      {
        ...level(
          (1 - 1 / length) * chance,
          "the middle or the last position that can sees its next token; the others are independent of what is seen",
          ...leaks.map((position) => peeks(sequence, [position], law)),
        ),
        name: "leak at one position",
        kind: "leak",
        bugs: ["the mask is off by one at a border between blocks of positions, or at the end"],
        probe: seesAhead(sequence.input),
      },
    ],
  },
);
