import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { codeIn, releaseCode } from "../../src/ffi/pages.ts";

const MAPS = `00200000-01a39000 r--p 00000000 fe:00 4711        /usr/bin/a program
01a40000-06849000 r-xp 01838000 fe:00 4711        /usr/bin/a program
0684a000-0685f000 rw-p 06641000 fe:00 4711        /usr/bin/a program
0685f000-06867000 r--p 06656000 fe:00 4711        /usr/bin/a program
06867000-07c5c000 rw-p 0665e000 fe:00 4711        /usr/bin/a program
18a2d000-18a4e000 rw-p 00000000 00:00 0           [heap]
7f1b50000000-7f1b90000000 rwxp 00000000 00:00 0
7f1b92a7c000-7f1b92aa2000 r--p 00000000 fe:00 815 /usr/lib/libc.so.6
7f1b92aa2000-7f1b92bf8000 r-xp 00026000 fe:00 815 /usr/lib/libc.so.6
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
`;

test("code and constants are taken, and nothing that may have been written to", () => {
  expect(codeIn(MAPS, "/usr/bin/a program")).toEqual([
    { start: 0x200000n, bytes: 0x1839000n },
    { start: 0x1a40000n, bytes: 0x4e09000n },
  ]);
  expect(codeIn(MAPS, "/usr/bin/a")).toEqual([]);
  expect(codeIn("", "/usr/bin/a program")).toEqual([]);
});

test.if(process.platform === "linux")("memory that was given back is the system's again", () => {
  const before = codeKb();
  releaseCode();
  const after = codeKb();
  expect(before).toBeGreaterThan(0);
  expect(after).toBeLessThan(before);
  // And it is there when it is wanted.
  expect(JSON.parse(JSON.stringify({ still: ["here"] }))).toEqual({ still: ["here"] });
});

/** Resident memory of what runs out of this program's file. */
function codeKb(): number {
  const blocks = readFileSync("/proc/self/smaps", "utf8").split(/^(?=[0-9a-f]+-)/m);
  const code = blocks.find((block) => block.includes("r-xp") && block.includes(process.execPath));
  return Number(code?.match(/^Rss: +(\d+) kB$/m)?.[1]);
}
