// A server for tests of transports: it reads whole requests and says exactly the bytes that a test
// wants, when the test wants.

import { readFileSync } from "node:fs";
import type { Socket, TCPSocketListener } from "bun";

const FOLDER = `${import.meta.dir}/../tls`;
export const CERTIFICATE_FILE = `${FOLDER}/cert.pem`;

export interface Request {
  readonly head: string;
  readonly bodyBytes: number;
  /** Number of its connection, from 0, and of the request on it. */
  readonly connection: number;
  readonly turn: number;
}

export interface Peer {
  say(text: string | Uint8Array): void;
  /** Says nothing more: FIN. */
  finish(): void;
  /** Breaks the connection: RST. */
  reset(): void;
  /** The address that the connection comes from. */
  readonly remoteAddress: string;
  /** Settles when the connection is gone. */
  readonly gone: Promise<void>;
}

export interface ServerOptions {
  readonly hostname?: string;
  readonly tls?: boolean;
  /** Called at each connection, before anything is read. */
  readonly greet?: (peer: Peer) => void;
  /** How long a connection reads nothing after it opened. */
  readonly deafMs?: number;
}

interface State extends Peer {
  readonly number: number;
  readonly leave: () => void;
  received: Buffer[];
  receivedBytes: number;
  unsent: Buffer;
  finishing: boolean;
  turn: number;
}

export class TestServer {
  readonly requests: Request[] = [];
  connections = 0;
  readonly #listener: TCPSocketListener<State>;
  readonly #options: ServerOptions;

  constructor(answer: (peer: Peer, request: Request) => void, options: ServerOptions = {}) {
    this.#options = options;
    this.#listener = Bun.listen<State>({
      hostname: options.hostname ?? "127.0.0.1",
      port: 0,
      ...(options.tls
        ? {
            tls: {
              key: readFileSync(`${FOLDER}/key.pem`, "utf8"),
              cert: readFileSync(CERTIFICATE_FILE, "utf8"),
            },
          }
        : {}),
      socket: {
        open: (socket) => {
          const state = peerOf(socket, this.connections++);
          socket.data = state;
          if (options.deafMs !== undefined) {
            socket.pause();
            setTimeout(() => socket.resume(), options.deafMs);
          }
          options.greet?.(state);
        },
        data: (socket, bytes) => {
          const state = socket.data;
          state.received.push(Buffer.from(bytes));
          state.receivedBytes += bytes.length;
          const request = wholeRequest(state);
          if (request === undefined) return;
          this.requests.push(request);
          answer(state, request);
        },
        drain: (socket) => flush(socket),
        close: (socket) => socket.data.leave(),
        error: () => {},
      },
    });
  }

  get port(): number {
    return this.#listener.port;
  }
  url(host = "127.0.0.1"): string {
    return `${this.#options.tls ? "https" : "http"}://${host}:${this.port}`;
  }
  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }
}

/** A port on which nothing listens. */
export function freePort(): number {
  using server = new TestServer(() => {});
  return server.port;
}

export const OK = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";

export function withLength(body: string): string {
  return `${OK}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

export function chunk(body: string): string {
  return `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n`;
}

export const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;

// --- internal ---

function peerOf(socket: Socket<State>, number: number): State {
  let leave = () => {};
  const gone = new Promise<void>((resolve) => {
    leave = resolve;
  });
  return {
    number,
    gone,
    leave,
    received: [],
    receivedBytes: 0,
    unsent: Buffer.alloc(0),
    finishing: false,
    turn: 0,
    remoteAddress: socket.remoteAddress,
    say(text) {
      this.unsent = Buffer.concat([this.unsent, Buffer.from(text as string)]);
      flush(socket);
    },
    finish() {
      this.finishing = true;
      flush(socket);
    },
    reset() {
      socket.terminate();
    },
  };
}

function flush(socket: Socket<State>): void {
  const state = socket.data;
  if (state.unsent.length > 0) {
    const written = socket.write(state.unsent);
    if (written > 0) state.unsent = state.unsent.subarray(written);
  }
  if (state.unsent.length === 0 && state.finishing) socket.end();
}

function wholeRequest(state: State): Request | undefined {
  const first = Buffer.concat(
    state.received.length > 8 ? state.received.slice(0, 8) : state.received,
  );
  const bodyAt = first.indexOf("\r\n\r\n") + 4;
  if (bodyAt === 3) return undefined;
  const head = first.toString("utf8", 0, bodyAt);
  const bodyBytes = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  if (state.receivedBytes < bodyAt + bodyBytes) return undefined;
  state.received = [];
  state.receivedBytes = 0;
  return { head, bodyBytes, connection: state.number, turn: state.turn++ };
}
