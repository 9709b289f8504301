/** Does `work` on each item, at most `max` at a time; the results are in the order of the items. */
export async function inParallel<T, U>(
  items: readonly T[],
  max: number,
  work: (item: T, i: number) => Promise<U>,
): Promise<U[]> {
  const results: U[] = [];
  let next = 0;
  const runner = async () => {
    for (let i = next++; i < items.length; i = next++) {
      const item = items[i] as T;
      results[i] = await work(item, i);
    }
  };
  await Promise.all(Array.from({ length: Math.min(max, items.length) }, runner));
  return results;
}
