/** @file The bounds of sequence problems, from all their inputs: what a class of models sees of each, and what is right. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import type { Problem } from "../../../src/toys/problem.ts";
import { aBeforeB } from "../../../src/toys/problems/a-before-b.ts";
import { addPosition } from "../../../src/toys/problems/add-position.ts";
import { associativeRecall } from "../../../src/toys/problems/associative-recall.ts";
import { copyMemory } from "../../../src/toys/problems/copy-memory.ts";
import { firstToken } from "../../../src/toys/problems/first-token.ts";
import { uncertaintyOfOneOf } from "../../../src/toys/problems/questions.ts";
import { reverse } from "../../../src/toys/problems/reverse.ts";
import { sort } from "../../../src/toys/problems/sort.ts";
import { rungOf } from "./laws.ts";
import { bag, type Case, lowestLoss, sequences } from "./order.ts";

/** Up to a million terms below 1. */
const digits = 9;
const noise = 0.1;

/** What models of each rung see of an input, and of an item of it. */
type Views<Input> = Readonly<Record<string, (input: Input, item: number) => string>>;

interface Written<Input> {
  readonly problem: Problem;
  readonly classes: number;
  readonly inputs: () => Iterable<Input>;
  readonly items?: number;
  right(input: Input, item: number): number;
  readonly views: Views<Input>;
}

/** Every rung has the entropy of the right class given what is seen, and so has the lowest loss where all is seen. */
function expectLevels<Input>(written: Written<Input>): void {
  const { problem, classes, inputs, items = 1, right, views } = written;
  const all = [...inputs()];
  const lossOf = (seen: (input: Input, item: number) => string): number => {
    function* cases(): Generator<Case> {
      for (const input of all)
        for (const item of range(items))
          yield {
            chance: 1 / (all.length * items),
            seen: seen(input, item),
            right: right(input, item),
          };
    }
    return lowestLoss(cases(), classes, noise);
  };
  expect(problem.best.loss, "best").toBeCloseTo(
    lossOf((input, item) => String(right(input, item))),
    digits,
  );
  expect(Object.keys(views).toSorted()).toEqual(problem.rungs.map(({ name }) => name).toSorted());
  for (const [name, seen] of Object.entries(views))
    expect(rungOf(problem, name).loss, name).toBeCloseTo(lossOf(seen), digits);
}

const nothing = (): string => "";

describe("the levels are entropies given what is seen", () => {
  test("of A before B", () => {
    const length = 6;
    const places = range(length);
    expectLevels({
      problem: aBeforeB,
      classes: 2,
      *inputs() {
        for (const a of places)
          for (const b of places)
            if (a !== b)
              for (const fillers of sequences(length - 2, 4)) {
                const left = [...fillers];
                yield places.map((place) => (place === a ? "A" : place === b ? "B" : String(left.pop())));
              }
      },
      right: (own) => Number(own.indexOf("A") < own.indexOf("B")),
      views: {
        "input not read": nothing,
        "order-blind": (own) => own.toSorted().join(),
        "marks alike": (own) => own.join().replaceAll("B", "A"),
        "last token only": (own) => at(own, length - 1),
        "first token only": (own) => at(own, 0),
      },
    });
  });

  test("of the first token", () => {
    expectLevels({
      problem: firstToken,
      classes: 4,
      inputs: () => sequences(6, 4),
      right: (own) => at(own, 0),
      views: {
        "input not read": nothing,
        "first token not seen": (own) => own.slice(1).join(),
        "order-blind": bag,
        "neighbours averaged": (own) => `${bag(own.slice(0, 2))} ${own.slice(2).join()}`,
      },
    });
  });

  test("of adding the position", () => {
    // All but the own token is independent of an answer; another one is kept to show it.
    expectLevels({
      problem: addPosition,
      classes: 4,
      inputs: () => sequences(2, 4),
      items: 8,
      right: (own, item) => (at(own, 0) + item) % 4,
      views: {
        "input not read": (_, item) => String(item),
        "position-blind": (own) => own.join(),
        "positions clipped": (own, item) => `${Math.min(item, 3)} ${own.join()}`,
      },
    });
  });

  test("of associative recall", () => {
    // Keys stand in ascending order: renaming them changes nothing.
    const pairs = range(4);
    expectLevels({
      problem: associativeRecall,
      classes: 8,
      *inputs() {
        for (const values of sequences(pairs.length, 8)) for (const query of pairs) yield { values, query };
      },
      right: ({ values, query }) => at(values, query),
      views: {
        "no context": ({ query }) => String(query),
        "binding lost": ({ values, query }) => `${bag(values)} ${query}`,
        "queries not read": ({ values }) => values.join(),
        "last 2 pairs only": ({ values, query }) => `${values.slice(2).join()} ${query}`,
      },
    });
  });

  test("of copying", () => {
    expectLevels({
      problem: copyMemory,
      classes: 4,
      inputs: () => sequences(4, 4),
      items: 4,
      right: (own, item) => at(own, item),
      views: {
        memoryless: (_, item) => String(item),
        "order lost": (own, item) => `${bag(own)} ${item}`,
        "every second symbol": (own, item) => `${own.filter((_, i) => i % 2 === 0).join()} ${item}`,
      },
    });
  });

  test("of reversing", () => {
    expectLevels({
      problem: reverse,
      classes: 6,
      inputs: () => sequences(5, 6),
      items: 5,
      right: (own, item) => at(own, 4 - item),
      views: {
        "input not read": (_, item) => String(item),
        "order lost": (own, item) => `${bag(own)} ${item}`,
        "positions missing": (own, item) => `${bag(own)} ${own[item]}`,
        "own token only": (own, item) => `${item} ${own[item]}`,
        causal: (own, item) => `${item} ${own.slice(0, item + 1).join()}`,
        "within 2 places": (own, item) => `${item} ${own.slice(Math.max(0, item - 2), item + 3).join()}`,
      },
    });
  });

  test("of sorting", () => {
    expectLevels({
      problem: sort,
      classes: 6,
      inputs: () => sequences(5, 6),
      items: 5,
      right: (own, item) =>
        at(
          own.toSorted((x, y) => x - y),
          item,
        ),
      views: {
        "the same everywhere": nothing,
        "source not read": (_, item) => String(item),
        "positions missing": (own, item) => `${bag(own)} ${own[item]}`,
        "own token only": (own, item) => `${item} ${own[item]}`,
        causal: (own, item) => `${item} ${own.slice(0, item + 1).join()}`,
      },
    });
  });
});

test("the entropy of shares has the published values", () => {
  // Of first tokens among 8 of 4, 16 of 8 and 2 of 2 classes, and of 8 values among 32, with replacement.
  for (const [count, classes, value] of [
    [8, 4, 1.1654],
    [16, 8, 1.826],
    [2, 2, 0.3466],
    [8, 32, 1.9335],
  ] as const) {
    // 0 log 0 would be no number, so that the noise is small instead of none.
    expect(uncertaintyOfOneOf(count, classes, 1e-9)).toBeCloseTo(value, 4);
  }
});
