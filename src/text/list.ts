/** Numbers, and lists of things, in sentences. Pure. */

/** `3,021`. Not by toLocaleString: loading its tables takes longer than the whole look. */
export function grouped(number: number): string {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `1 frame`, `3,021 frames`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${grouped(number)} ${number === 1 ? noun : plural}`;
}

/** More than a sentence can hold; the table and the document have all of them. */
const MAX_ITEMS = 8;

/** `4242`, `4242 and 4243`, `4242, 4243 and 4244`; of many the first ones, and how many more. */
export function list(items: readonly (string | number)[]): string {
  if (items.length > MAX_ITEMS)
    return `${items.slice(0, MAX_ITEMS - 1).join(", ")} and ${grouped(items.length - MAX_ITEMS + 1)} more`;
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** `-wal, -shm or -journal`. All of them, however many. */
export function alternatives(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
