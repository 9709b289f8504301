import { expect, test } from "vitest";
import { type Candidates, usersToTry } from "../../../../../src/features/explain/access/users.ts";

const ROOT: Candidates = { asked: null, caller: 0, mayBecomeOthers: true, sudo: null, owner: null, holders: [] };

test.each<[string, Partial<Candidates>, string[]]>([
  ["--as before all", { asked: 33, sudo: 1000, owner: 5, holders: [{ pid: 7, uid: 34 }] }, ["33 asked"]],
  [
    "one of those who have it open",
    {
      caller: 1000,
      mayBecomeOthers: false,
      holders: [
        { pid: 7, uid: 33 },
        { pid: 8, uid: 1000 },
      ],
    },
    ["1000 caller"],
  ],
  [
    "only others have it open: the message may be theirs",
    { caller: 1000, mayBecomeOthers: false, holders: [{ pid: 7, uid: 33 }] },
    ["1000 onlooker"],
  ],
  ["who is not root tries as itself", { caller: 1000, mayBecomeOthers: false, owner: 5 }, ["1000 caller"]],
  [
    "root: as those who have it open, each user once",
    {
      sudo: 1000,
      owner: 5,
      holders: [
        { pid: 7, uid: 33 },
        { pid: 8, uid: 34 },
        { pid: 9, uid: 33 },
      ],
    },
    ["33 holder 7 9", "34 holder 8"],
  ],
  ["root itself has it open", { owner: 5, holders: [{ pid: 7, uid: 0 }] }, ["0 holder 7"]],
  ["nobody has it open", { sudo: 1000, owner: 5 }, ["1000 sudo", "5 owner"]],
  ["who called sudo is the owner", { sudo: 5, owner: 5 }, ["5 sudo"]],
  ["all is root's", { owner: 0 }, ["0 caller"]],
  ["a hidden process has no user", { owner: 0, holders: [{ pid: 7, uid: null }] }, ["0 caller"]],
  [
    "not more than five",
    { holders: Array.from({ length: 9 }, (_, i) => ({ pid: i, uid: 100 + i })) },
    Array.from({ length: 5 }, (_, i) => `${100 + i} holder ${i}`),
  ],
])("%s", (_, change, expected) => {
  const users = usersToTry({ ...ROOT, ...change });
  expect(users.map(({ uid, because, pids }) => [uid, because, ...pids].join(" "))).toEqual(expected);
});
