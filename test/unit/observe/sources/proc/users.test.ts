import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePasswd } from "../../../../../src/observe/sources/proc/users.ts";
import { CODE_POINT } from "../../../../support/code-point.ts";

test("names by uid; the first line of a uid counts", () => {
  const names = parsePasswd(
    "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\nweb:x:1000:1000:Web,,,:/srv:/bin/false\n",
  );
  expect([...names]).toEqual([
    [0, "root"],
    [1000, "web"],
  ]);
});

test("what getent(1) prints is in the same form", () => {
  expect(parsePasswd("ldapuser:*:200001:200001:Some One:/home/s:/bin/bash\n").get(200001)).toBe("ldapuser");
});

test("lines of NIS, comments, and torn ones name nobody", () => {
  expect(parsePasswd("+::::::\n-@group\n# a comment\n\nweb:x:\nweb:x:abc:1\nweb").size).toBe(0);
});

test("property: no text makes it throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: CODE_POINT }), (text) => {
      for (const uid of parsePasswd(text).keys()) expect(uid).toBeGreaterThanOrEqual(0);
    }),
  );
});
