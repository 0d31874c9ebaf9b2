/** @file The loss of a sequence of labels over all its alignments to frames. */
import { at, range } from "../../../base/assert.ts";
import { indices, reals } from "../../tensor.ts";
import { numbersIn, rowsIn, scalar } from "../given.ts";
import { closed } from "../meanings.ts";
import type { Definition, FunctionProblem, Meaning } from "../problem.ts";
import { bug, fractions, logSoftmax, logSumExp, type Row, type Rows } from "./parts.ts";

/** What alignments there are, and what becomes of their log-probabilities. */
interface Rules {
  /** The class of blanks. */
  readonly blank: (classes: number) => number;
  /** Whether a place of the labels with blanks between may be reached from itself, and over a blank. */
  readonly stays: (isLabel: boolean) => boolean;
  readonly skips: (label: number, before: number) => boolean;
  /** Whether alignments may begin, and end, with a blank and with a label. */
  readonly begins: { readonly blank: boolean; readonly label: boolean };
  readonly ends: { readonly blank: boolean; readonly label: boolean };
  /** Of all ways into a place, and of all ends. */
  readonly together: (logs: Row) => number;
  readonly frames: (logs: Rows) => Rows;
  /** The loss, from the logarithm of the probability of all alignments. */
  readonly loss: (log: number, labels: number, frames: number) => number;
}

const either = { blank: true, label: true };

const right: Rules = {
  blank: () => 0,
  stays: () => true,
  skips: (label, before) => label !== before,
  begins: either,
  ends: either,
  together: logSumExp,
  frames: (logs) => logs,
  loss: (log) => -log,
};

/** Graves et al. 2006, equations 6 to 8: forward over the labels with blanks before, between and after. */
const by =
  (changes: Partial<Rules>): Definition =>
  (given) => {
    const rules = { ...right, ...changes };
    const [all, labels] = [rowsIn(given, "logProbabilities"), numbersIn(given, "labels")];
    const logs = rules.frames(all);
    const blank = rules.blank(at(all, 0).length);
    const places = [blank, ...labels.flatMap((label) => [label, blank])];
    const isLabel = (place: number): boolean => place % 2 === 1;
    const allowed = ({ blank: blanks, label }: Rules["begins"], place: number): boolean =>
      isLabel(place) ? label : blanks;
    const waysInto = (before: Row, place: number): number[] => [
      ...(rules.stays(isLabel(place)) ? [at(before, place)] : []),
      ...(place >= 1 ? [at(before, place - 1)] : []),
      ...(place >= 2 && isLabel(place) && rules.skips(at(places, place), at(places, place - 2))
        ? [at(before, place - 2)]
        : []),
    ];
    const first = places.map((label, place) =>
      place < 2 && allowed(rules.begins, place) ? at(at(logs, 0), label) : -Infinity,
    );
    const last = logs
      .slice(1)
      .reduce<Row>(
        (before, frame) =>
          places.map((label, place) => at(frame, label) + together(rules, waysInto(before, place))),
        first,
      );
    const ends = [last.length - 2, last.length - 1].filter((place) => allowed(rules.ends, place));
    const log = together(
      rules,
      ends.map((place) => at(last, place)),
    );
    return scalar(rules.loss(log, labels.length, logs.length));
  };

/** Of nothing, and of what is impossible, the logarithm of 0. */
const together = (rules: Rules, logs: Row): number => {
  const possible = logs.filter((log) => log > -Infinity);
  return possible.length === 0 ? -Infinity : rules.together(possible);
};

const changed: readonly (readonly [
  name: string,
  derivation: string,
  changes: Partial<Rules>,
  bug: string,
])[] = [
  [
    "equal labels without a blank",
    "a label may follow an equal one directly",
    { skips: () => true },
    "the blank between equal labels may be skipped, though frames with one label are one label",
  ],
  [
    "blanks can't be skipped",
    "between any two labels there is a blank",
    { skips: () => false },
    "the transition over a blank is missing",
  ],
  [
    "labels can't last",
    "every label has one frame",
    { stays: (isLabel) => !isLabel },
    "the transition from a label to itself is missing",
  ],
  [
    "begins with a blank",
    "the first frame is a blank",
    { begins: { blank: true, label: false } },
    "only the first place is filled at the start, not the first two",
  ],
  [
    "begins with a label",
    "the first frame is the first label",
    { begins: { blank: false, label: true } },
    "there is no blank before the first label",
  ],
  [
    "ends with a blank",
    "the last frame is a blank",
    { ends: { blank: true, label: false } },
    "only the last place is read at the end, not the last two",
  ],
  [
    "ends with a label",
    "the last frame is the last label",
    { ends: { blank: false, label: true } },
    "only the place of the last label is read at the end",
  ],
  [
    "best alignment",
    "−log of the likeliest alignment's probability",
    { together: (logs) => Math.max(...logs) },
    "a maximum in the place of the sum over alignments",
  ],
  [
    "last frame left out",
    "alignments to all frames but the last",
    { frames: (logs) => logs.slice(0, -1) },
    "the number of frames is one too small, or the loop ends too early",
  ],
  [
    "first frame left out",
    "alignments to all frames but the first",
    { frames: (logs) => logs.slice(1) },
    "the loop begins too late",
  ],
];

/** One of the choices that make a meaning. */
interface Choice {
  readonly name: string;
  readonly derivation: string;
  readonly usual: boolean;
  readonly rules: Partial<Rules>;
}

const blanks: readonly Choice[] = [
  { name: "class 0 is the blank", derivation: "the blank is the first class", usual: true, rules: {} },
  {
    name: "last class is the blank",
    derivation: "the blank is the last class, not the first",
    usual: false,
    rules: { blank: (count) => count - 1 },
  },
];

const divisions: readonly Choice[] = [
  { name: "", derivation: "the loss itself", usual: true, rules: {} },
  {
    name: "divided by labels",
    derivation: 'the loss over the number of labels, as `reduction="mean"` of PyTorch makes it',
    usual: true,
    rules: { loss: (log, labels) => -log / labels },
  },
  {
    name: "divided by frames",
    derivation: "the loss over the number of frames",
    usual: false,
    rules: { loss: (log, _, count) => -log / count },
  },
];

function meaning(...choices: readonly Choice[]): Meaning {
  const rules = choices.reduce<Partial<Rules>>((all, choice) => ({ ...all, ...choice.rules }), {});
  const loss = rules.loss ?? right.loss;
  return {
    name: choices
      .map(({ name }) => name)
      .filter((name) => name !== "")
      .join(", "),
    derivation: choices.map(({ derivation }) => derivation).join("; "),
    usual: choices.every(({ usual }) => usual),
    answer: by(rules),
    variants: [
      ...changed.map(([variant, says, changes, how]) =>
        bug(variant, says, by({ ...rules, ...changes }), how),
      ),
      bug(
        "sign",
        "log p",
        by({ ...rules, loss: (...given) => -loss(...given) }),
        "− is missing: descent makes the labels less likely",
      ),
      bug(
        "probability",
        "−p",
        by({ ...rules, loss: (log, ...sizes) => loss(Math.exp(log), ...sizes) }),
        "the logarithm is left out",
      ),
    ],
  };
}

const classes = 4;

function frames(label: string, count: number): ReturnType<typeof reals> {
  const logits = Array.from(fractions(label, count, classes).data);
  const rows = range(count).map((t) => logSoftmax(logits.slice(t * classes, (t + 1) * classes)));
  return reals([count, classes], rows.flat());
}

export const ctc: FunctionProblem = closed({
  name: "ctc",
  slot: "ctc",
  signature: "ctc(logProbabilities [T, C], labels [L]) → one number",
  title: "the loss of connectionist temporal classification",
  story: `Frame t gives log-probabilities of C classes, of which class 0 is the blank. An alignment names a class for every frame; it spells the labels that
are left when equal neighbours are joined and blanks taken out. Wanted is −log of the probability of all alignments that spell the given labels.`,
  source: "Graves, Fernández, Gomez and Schmidhuber 2006, Connectionist temporal classification",
  operations: 60,
  asked: [
    {
      name: "two equal labels",
      given: { logProbabilities: frames("equal labels", 6), labels: indices([3], [2, 1, 1]) },
    },
    {
      name: "two labels",
      given: { logProbabilities: frames("two labels", 4), labels: indices([2], [1, 2]) },
    },
  ],
  meanings: blanks.flatMap((blank) => divisions.map((division) => meaning(blank, division))),
});
