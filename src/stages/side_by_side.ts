// Works items side by side and gives their results in the order of the items. Where one fails, none is begun after it.

/** @param width items worked at once. Rejects with the first failure, once nothing is at work any more. */
export async function* inOrder<T, R>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const begun: Promise<R>[] = [];
  const begin = (item: T): void => {
    const result = work(item);
    // Awaited in its turn; until then a failure is not unheard.
    result.catch(() => undefined);
    begun.push(result);
  };
  try {
    for (const item of items) {
      if (begun.length >= width) {
        yield await begun[0]!;
        begun.shift();
      }
      begin(item);
    }
    while (begun.length > 0) {
      yield await begun[0]!;
      begun.shift();
    }
  } finally {
    await Promise.allSettled(begun);
  }
}
