import { expect, test } from "vitest";
import { inOrder } from "../../../../../src/features/kernel-source/libraries/candidates.ts";

test("what is called SQLite first, then the program, then addons, then the others as they are mapped", () => {
  const paths = ["/usr/bin/node", "/lib/libc.so.6", "/app/a.node", "/lib/libsqlite3.so.0", "/lib/libm.so.6"];
  const mappings = paths.map((path, index) => ({
    range: `${index}-${index}`,
    device: "1:1",
    inode: BigInt(index),
    path,
  }));
  expect(inOrder(mappings).map(({ path }) => path)).toEqual([
    "/lib/libsqlite3.so.0",
    "/usr/bin/node",
    "/app/a.node",
    "/lib/libc.so.6",
    "/lib/libm.so.6",
  ]);
});
