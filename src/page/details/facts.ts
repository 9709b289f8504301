/** What each sort of event has of its own. */
import {
  ENDED_BY,
  LEFT_OPEN_BY,
  LOCK_AT_LEAST,
  REFUSAL_LIKELY,
  TRANSACTION_ALONE,
  TRANSACTION_SHARED_LOCKS,
  WAIT_LIKELY,
  WAIT_PERHAPS_SEVERAL,
  WAIT_WHILE_READING,
  WAIT_WITHIN_PROCESS,
} from "../../render/page/data.ts";
import { exactLength } from "../../render/page/length-text.ts";
import { escapeText } from "../../text/escape.ts";
import { count, grouped } from "../../text/list.ts";
import { textAt } from "../event-text.ts";
import type { EventRef, Model } from "../model.ts";
import type { Facts } from "./fact-list.ts";

export const FACTS: Readonly<Record<EventRef["kind"], (model: Model, id: number) => Facts>> = {
  lock: ({ data }, id) => {
    const flags = data.locks.flags[id] as number;
    const shared = flags >> 2;
    return [
      ...(shared > 1 ? [["Shared by", count(shared, "connection")] as [string, string]] : []),
      ...((flags & LOCK_AT_LEAST) === 0
        ? []
        : [["Lower bound", "it was held before, or maybe after"] as [string, string]]),
    ];
  },
  wait: (model, id) => {
    const { waits } = model.data;
    const flags = waits.flags[id] as number;
    const overslept = waits.overslept[id] as number;
    const result = textAt(model, waits.result[id] as number);
    const notes: Facts = [
      ["Attempts", grouped(waits.attempts[id] as number)],
      ...(result === null ? [] : [["Result", escapeText(result)] as [string, string]]),
      ...(overslept < 1_000 ? [] : [["Free before it looked", exactLength(overslept / 1_000)] as [string, string]]),
    ];
    const add = (flag: number, text: string) => {
      if ((flags & flag) !== 0) notes.push(["Note", text]);
    };
    add(WAIT_PERHAPS_SEVERAL, "perhaps several calls: the calls themselves were not seen");
    add(WAIT_WITHIN_PROCESS, "for another connection of its own process, inside SQLite (likely)");
    add(WAIT_WHILE_READING, "it had the database to read: SQLite does not wait then, it could be a deadlock");
    add(WAIT_LIKELY, "likely: the program tells that its call took so long; attempts were not seen");
    return notes;
  },
  transaction: (model, id) => {
    const { transactions, sites } = model.data;
    const known = (us: number) => (us < 0 ? null : exactLength(us / 1_000));
    const siteAt = (index: number) => textAt(model, sites[index]?.text ?? -1);
    const row = (name: string, text: string | null): Facts => (text === null ? [] : [[name, text]]);
    const flags = transactions.flags[id] as number;
    const pause = known(transactions.pause[id] as number);
    const before = siteAt(transactions.pauseBefore[id] as number);
    const after = siteAt(transactions.pauseAfter[id] as number);
    const endedBy = ENDED_BY[transactions.endedBy[id] as number];
    const leftOpenBy = LEFT_OPEN_BY[transactions.leftOpenBy[id] as number];
    return [
      ...row("In SQLite", known(transactions.inside[id] as number)),
      ...row("Outside SQLite", known(transactions.outside[id] as number)),
      ...row("Waiting for locks", known(transactions.waited[id] as number)),
      ...row("Write lock after", known(transactions.writeAfter[id] as number)),
      ...row("Ended at", siteAt(transactions.endedAt[id] as number)),
      ...row("Ended by", endedBy === undefined ? null : endedBy === "close" ? "close()" : "dropped without close()"),
      ...row("Left open by", leftOpenBy ?? null),
      ...row(
        "Longest pause",
        pause === null
          ? null
          : [pause, after === null ? "" : `after ${after}`, before === null ? "" : `before ${before}`].join(" ").trim(),
      ),
      ...row(
        "Note",
        (flags & TRANSACTION_SHARED_LOCKS) === 0
          ? null
          : "it read with locks that another connection of its process had (likely)",
      ),
      ...row("Note", (flags & TRANSACTION_ALONE) === 0 ? null : "as the program tells: no lock was seen for it"),
    ];
  },
  refusal: ({ data }, id) => {
    const waited = data.refusals.waited[id] as number;
    return [
      ...(waited <= 0 ? [] : [["Waited inside SQLite", `${exactLength(waited / 1_000)} (likely)`] as [string, string]]),
      ...(((data.refusals.flags[id] as number) & REFUSAL_LIKELY) === 0
        ? []
        : [["Note", "the reason is likely, not proved"] as [string, string]]),
    ];
  },
  counted: ({ data }, id) => {
    const longest = data.counted.longest[id] as number;
    return [
      ["Holds", grouped(data.counted.times[id] as number)],
      ["In all", exactLength((data.counted.total[id] as number) / 1_000)],
      ["Longest", longest < 0 ? "not known" : exactLength(longest / 1_000)],
      ["Note", "too short to be listed one by one"],
    ];
  },
};
