// Servers that misbehave, told byte by byte: each connection gets a script of what to write and
// when to hang up, and the requests that came are kept.

import type { Socket } from "bun";

export interface WireServer extends Disposable {
  readonly authority: string;
  /** Everything that clients sent, connection by connection. */
  readonly received: readonly string[];
}

/** The server's end of one connection. */
export interface Wire {
  write(text: string): void;
  writeBytes(bytes: Uint8Array): void;
  /** Ends the connection as one should. */
  end(): void;
  /** Ends it with a reset. */
  reset(): void;
}

/** Listens on a free port; `reply` is called with the wire each time a whole request has come. */
export function serve(reply: (wire: Wire) => void): WireServer {
  const received: string[] = [];
  const listener = Bun.listen<{ index: number; awaited: string }>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { index: received.push("") - 1, awaited: "" };
      },
      data(socket, bytes) {
        const text = bytes.toString();
        received[socket.data.index] += text;
        socket.data.awaited += text;
        if (!isWhole(socket.data.awaited)) return;
        socket.data.awaited = "";
        reply(wireOf(socket));
      },
    },
  });
  return {
    authority: `127.0.0.1:${listener.port}`,
    received,
    [Symbol.dispose]: () => listener.stop(true),
  };
}

function wireOf(socket: Socket<unknown>): Wire {
  return {
    write: (text) => void socket.write(text),
    writeBytes: (bytes) => void socket.write(bytes),
    end: () => void socket.end(),
    reset: () => void socket.terminate(),
  };
}

function isWhole(request: string): boolean {
  const headEnd = request.indexOf("\r\n\r\n");
  if (headEnd === -1) return false;
  const length = Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0);
  return Buffer.byteLength(request.slice(headEnd + 4)) >= length;
}

/** A complete reply with this body. */
export function whole(status: string, contentType: string, body: string): string {
  const length = Buffer.byteLength(body);
  return `HTTP/1.1 ${status}\r\nContent-Type: ${contentType}\r\nContent-Length: ${length}\r\n\r\n${body}`;
}

/** A complete event stream of these data lines. */
export function stream(...data: readonly string[]): string {
  return whole("200 OK", "text/event-stream", data.map((line) => `data: ${line}\n\n`).join(""));
}

/** A chunk of a chat with this delta. */
export function delta(fields: { readonly [name: string]: string }): string {
  return JSON.stringify({ choices: [{ index: 0, delta: fields }] });
}
