import { expect, test } from "vitest";
import {
  callOf,
  definitionsOf,
  eventsInGroups,
  type Probe,
  SQLITE_FUNCTIONS,
} from "../../../src/trace/probe-definition.ts";

const PROBE: Omit<Probe, "sqlOffset"> = {
  ...{ library: 2, file: "/usr/lib/libsqlite3.so.0", offset: 255, stateOffset: null },
  function: "sqlite3_step",
};

test("entry and return of a call", () => {
  const texts = (sqlOffset: number | null) => definitionsOf("g", { ...PROBE, sqlOffset })?.map(({ text }) => text);
  expect(texts(248)).toEqual([
    "p:g/step_2 /usr/lib/libsqlite3.so.0:0xff sp=%sp:x64 st=%di:x64 db=+0(%di):x64 " + "sql=+0(+248(%di)):x64[4]",
    "r:g/step_2_r /usr/lib/libsqlite3.so.0:0xff rc=%ax:s32",
  ]);
  expect(texts(null)?.[0]).not.toContain("sql=");
  expect(definitionsOf("g", { ...PROBE, sqlOffset: null, stateOffset: 199 })?.[0].text).toMatch(
    / state=\+199\(%di\):u8$/,
  );
});

test("prepare has its text as an argument, and its length", () => {
  const probe = { ...PROBE, function: "sqlite3_prepare_v3", sqlOffset: null, stateOffset: null } as const;
  expect(definitionsOf("g", probe)?.[0].text.split(" ").slice(2)).toEqual([
    "sp=%sp:x64",
    "db=%di:x64",
    "text=%si:x64",
    "sql=+0(%si):x64[32]",
    "bytes=%dx:s32",
  ]);
});

test("every function has a call, and no definition takes a string of unknown length", () => {
  for (const name of SQLITE_FUNCTIONS) {
    expect(callOf(name)).toMatch(/^(open|close|prepare|step|reset|finalize|exec|checkpoint|backup)$/);
    const definitions = definitionsOf("g", { ...PROBE, function: name, sqlOffset: 248, stateOffset: null });
    for (const { text } of definitions ?? []) expect(text).not.toContain("string");
  }
});

test.each(["/tmp/a b/lib.so", "/tmp/a\tb", "/tmp/a:b", "/tmp/a#b", "/tmp/a\nb", "lib.so"])(
  "no definition for the path %j",
  (file) => {
    expect(definitionsOf("g", { ...PROBE, file, sqlOffset: null, stateOffset: null })).toBeNull();
  },
);

test("the events of a group, among others'", () => {
  const text = `p:mine/step_0 /lib/a.so:0x10 st=%di
r:mine/step_0_r /lib/a.so:0x10 rc=%ax:s32
p:others/mine /lib/a.so:0x10
r8:mine/x /lib/a.so:0x10
p:mine2/step_0 /lib/mine/a.so:0x10
`;
  expect(eventsInGroups(text, (group) => group === "mine")).toEqual(["mine/step_0", "mine/step_0_r", "mine/x"]);
});
