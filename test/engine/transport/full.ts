// A port that neither accepts nor refuses: its queue is full, so the system answers nobody.

import { dlopen, ptr } from "bun:ffi";
import { assert } from "#core";
import { sockaddrOf } from "../../../src/engine/transport/address.ts";
import { LIBC_NAMES } from "../../../src/ffi/libc.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;

/** As many connections as the queue takes, and more. */
const CALLERS = 4;

export class FullListener {
  readonly port: number;
  readonly #fds: readonly number[];
  readonly #libc = open();

  constructor() {
    const libc = this.#libc;
    const address = sockaddrOf("127.0.0.1", 0)!;
    const listener = libc.socket(AF_INET, SOCK_STREAM, 0);
    assert(libc.bind(listener, ptr(address), address.length) === 0, "a free port");
    assert(libc.listen(listener, 0) === 0, "a listener");
    const length = new Int32Array([address.length]);
    assert(libc.getsockname(listener, ptr(address), ptr(length)) === 0, "the port has a name");
    this.port = Buffer.from(address).readUInt16BE(2);
    const callers = Array.from({ length: CALLERS }, () => {
      const caller = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
      libc.connect(caller, ptr(address), address.length);
      return caller;
    });
    this.#fds = [listener, ...callers];
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#fds) this.#libc.close(fd);
  }
}

function open() {
  return dlopen(LIBC_NAMES[0]!, {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    listen: { args: ["i32", "i32"], returns: "i32" },
    getsockname: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
  }).symbols;
}
