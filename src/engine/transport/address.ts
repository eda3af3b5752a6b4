// Addresses as the kernel takes them: a struct sockaddr of Linux, made of an address in text.

import { isIP } from "node:net";
import { endianness } from "node:os";

const AF_INET = 2;
const AF_INET6 = 10;
const INET_BYTES = 16;
const INET6_BYTES = 28;

/**
 * The struct sockaddr_in or sockaddr_in6 of an address and a port.
 * @returns undefined for a name, and for an address that names its interface (`fe80::1%eth0`)
 */
export function sockaddrOf(host: string, port: number): Uint8Array | undefined {
  const version = host.includes("%") ? 0 : isIP(host);
  if (version === 0) return undefined;
  const address = Buffer.alloc(version === 4 ? INET_BYTES : INET6_BYTES);
  const family = version === 4 ? AF_INET : AF_INET6;
  if (endianness() === "LE") address.writeUInt16LE(family, 0);
  else address.writeUInt16BE(family, 0);
  address.writeUInt16BE(port, 2);
  if (version === 4) address.set(host.split(".").map(Number), 4);
  else for (const [i, group] of groupsOf(host).entries()) address.writeUInt16BE(group, 8 + 2 * i);
  return address;
}

/** The eight groups of a valid IPv6 address. Source: RFC 4291, 2.2. */
function groupsOf(host: string): readonly number[] {
  const [before = "", after] = host.split("::");
  const [front, back] = [partsOf(before), partsOf(after ?? "")];
  if (after === undefined) return front;
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

function partsOf(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = part.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
