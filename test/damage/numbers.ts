/** Numbers 1 to `n` as `i`, in an insert that reads them from NUMBERS. */
export function each(n: number, insert: string): string {
  return insert.replace(
    "from NUMBERS",
    `from (with recursive n(i) as (select 1 union all select i + 1 from n where i < ${n}) select i from n)`,
  );
}
