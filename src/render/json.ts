/** A report as its JSON document: bigint as decimal strings, dates in ISO 8601. */
export function renderJson(report: unknown): string {
  return `${JSON.stringify(report, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value), 2)}\n`;
}
