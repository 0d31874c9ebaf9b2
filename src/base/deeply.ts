/** @file Recursion without the stack, for functions that follow a graph, which may be as deep as it is large. */

/** Answers a question; it yields each other question whose answer it needs, and is given that. */
export type Answering<Q, A> = Generator<Q, A, A>;

/** Answers a question with those that it leads to, each once; questions of equal keys are one. They must not come back to themselves. */
export function deeply<Q, A>(
  answer: (question: Q) => Answering<Q, A>,
  keyOf: (question: Q) => unknown = (question) => question,
): (question: Q) => A {
  const known = new Map<unknown, { readonly answer: A }>();
  return (asked) => {
    const open = [{ key: keyOf(asked), work: answer(asked) }];
    let given: A | undefined;
    for (let last = open.at(-1); last !== undefined; last = open.at(-1)) {
      // The first step of a generator is given nothing, and every other one an answer.
      const step = last.work.next(given as A);
      if (step.done === true) {
        known.set(last.key, { answer: step.value });
        given = step.value;
        open.pop();
        continue;
      }
      const key = keyOf(step.value);
      const found = known.get(key);
      if (found === undefined) open.push({ key, work: answer(step.value) });
      else given = found.answer;
    }
    return given as A;
  };
}
