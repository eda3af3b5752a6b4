import { expect, test } from "bun:test";
import fc from "fast-check";
import { sockaddrOf } from "../../../src/engine/transport/address.ts";

/** Family in the machine's own order, port in the network's. */
function hexOf(host: string, port = 8000): string | undefined {
  const bytes = sockaddrOf(host, port);
  return bytes && Buffer.from(bytes).toString("hex");
}

const INET = "02001f40";
/** Family, port and flow. */
const INET6 = "0a001f4000000000";
const SCOPE = "00000000";

const ADDRESSES: [host: string, bytes: string][] = [
  ["127.0.0.1", `${INET}7f000001${"0".repeat(16)}`],
  ["255.254.1.0", `${INET}fffe0100${"0".repeat(16)}`],
  ["::", `${INET6}${"0".repeat(32)}${SCOPE}`],
  ["::1", `${INET6}${"0".repeat(31)}1${SCOPE}`],
  ["1::", `${INET6}0001${"0".repeat(28)}${SCOPE}`],
  ["fe80::1:2", `${INET6}fe80${"0".repeat(20)}00010002${SCOPE}`],
  ["2001:db8:0:1:2:3:4:5", `${INET6}20010db8000000010002000300040005${SCOPE}`],
  ["2001:DB8::ABCD:5", `${INET6}20010db80000000000000000abcd0005${SCOPE}`],
  ["1:2:3:4:5:6:7::", `${INET6}00010002000300040005000600070000${SCOPE}`],
  ["::ffff:1.2.3.4", `${INET6}${"0".repeat(20)}ffff01020304${SCOPE}`],
  ["64:ff9b::192.0.2.33", `${INET6}0064ff9b${"0".repeat(16)}c0000221${SCOPE}`],
  ["1:2:3:4:5:6:1.2.3.4", `${INET6}00010002000300040005000601020304${SCOPE}`],
];
test.each(ADDRESSES)("%s", (host, bytes) => expect(hexOf(host)).toBe(bytes));

test.each([
  "localhost",
  "",
  "1.2.3",
  "1.2.3.4.5",
  "1.2.3.256",
  "[::1]",
  "::1::",
  "1:2:3:4:5:6:7",
  "fe80::1%eth0",
  "127.0.0.1%lo",
  "server.example",
])("%j is no address that needs nothing but itself", (host) =>
  expect(sockaddrOf(host, 1)).toBeUndefined(),
);

test("any eight groups, however they are shortened", () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), fc.nat(65535), (groups, port) => {
      const full = groups.map((value) => value.toString(16)).join(":");
      const longest = groups.findIndex((value, i) => value === 0 && groups[i + 1] === 0);
      const short =
        longest === -1
          ? full
          : `${groups
              .slice(0, longest)
              .map((value) => value.toString(16))
              .join(":")}::${groups
              .slice(longest + 2)
              .map((value) => value.toString(16))
              .join(":")}`;
      const want = Buffer.alloc(28);
      want.writeUInt16LE(10, 0);
      want.writeUInt16BE(port, 2);
      for (const [i, value] of groups.entries()) want.writeUInt16BE(value, 8 + 2 * i);
      expect(hexOf(full, port)).toBe(want.toString("hex"));
      expect(hexOf(short, port)).toBe(want.toString("hex"));
    }),
  );
});
