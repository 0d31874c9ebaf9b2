/** @file Several things at once, but not more than the machine has room for. */

/** Runs `action` on all items, at most `width` at a time, in order. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const runner = async (): Promise<void> => {
    for (const item of queue) await action(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, width) }, runner));
}
