// The mock server: a listening socket with the service behind it. Everything runs on the thread
// that calls startMock; several servers may live in one process.

import { readFileSync } from "node:fs";
import type { Socket, SocketHandler, TCPSocketListener } from "bun";
import { type Clock, type Epoch, fail, messageOf } from "#core";
import { type Connection, connection } from "./connection.ts";
import { NO_JOURNAL, openJournal } from "./journal.ts";
import { completeMockOptions, type MockOptions } from "./options.ts";
import { type ServiceStats, service } from "./service.ts";
import { type Nap, napInKernel } from "./timetable.ts";

export interface MockDeps {
  /** Monotonic nanoseconds; {@link Bun.nanoseconds} unless given. */
  readonly now?: Clock;
  readonly nap?: Nap;
}

export interface MockStats extends ServiceStats {
  /** Accepted so far. */
  readonly connections: number;
  /** Writes that a slow client held up; they do not count as late. */
  readonly stalls: number;
}

export interface MockServer {
  readonly port: number;
  readonly url: string;
  readonly stats: () => MockStats;
  /** Closes every connection and the log; answers the final counts. May be called again. */
  readonly stop: () => Promise<MockStats>;
}

/**
 * Starts a server.
 * @param given options by their keys; those left out have their flag's default, `port` 0
 * @throws E_MOCK_FLAG, E_MOCK_LOG, E_MOCK_TLS, E_MOCK_LISTEN
 */
export async function startMock(
  given: Partial<MockOptions> = {},
  deps: MockDeps = {},
): Promise<MockServer> {
  const options = completeMockOptions({ port: 0, ...given });
  const now = deps.now ?? Bun.nanoseconds;
  const journal = options.log === undefined ? NO_JOURNAL : openJournal(options.log, epochOf(now));
  const serving = service(options, { now, nap: deps.nap ?? napInKernel, journal });
  const open = new Set<Connection>();
  let connections = 0;
  let stallsOfClosed = 0;
  let stopped = false;

  const leave = ({ data }: Socket<Connection>): void => {
    if (!open.delete(data)) return;
    stallsOfClosed += data.stalls();
    serving.ended(data, "left");
  };

  const listener = listen(options, {
    open(socket) {
      socket.setNoDelay(true);
      socket.data = connection(socket, connections++);
      open.add(socket.data);
    },
    data: (socket, bytes) => serving.arrived(socket.data, bytes),
    drain: (socket) => serving.drained(socket.data),
    end: leave,
    close: leave,
    error(socket, error) {
      // Bun brings what a handler throws here too: that is a defect of ours, and must be seen.
      if (!("syscall" in error)) throw error;
      leave(socket);
    },
  });

  const stats = (): MockStats => {
    let stalls = stallsOfClosed;
    for (const connection of open) stalls += connection.stalls();
    return { ...serving.stats(), connections, stalls };
  };

  const stop = async (): Promise<MockStats> => {
    if (stopped) return stats();
    stopped = true;
    for (const connection of open) serving.ended(connection, "stopped");
    serving.stop();
    listener.stop(true);
    journal.close();
    return stats();
  };

  const scheme = options.tlsCert === undefined ? "http" : "https";
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  return { port: listener.port, url: `${scheme}://${host}:${listener.port}`, stats, stop };
}

function listen(
  options: MockOptions,
  socket: SocketHandler<Connection>,
): TCPSocketListener<Connection> {
  const { host: hostname, port, tlsCert, tlsKey } = options;
  const tls = tlsCert === undefined || tlsKey === undefined ? undefined : readTls(tlsCert, tlsKey);
  try {
    return Bun.listen<Connection>({
      hostname,
      port,
      socket,
      ...(tls === undefined ? {} : { tls }),
    });
  } catch (error) {
    return fail(
      "E_MOCK_LISTEN",
      `${hostname} port ${port} cannot be listened on: ${messageOf(error)}`,
      "give another --port (0 for any free one) or --host",
    );
  }
}

function readTls(certPath: string, keyPath: string): { cert: string; key: string } {
  try {
    return { cert: readFileSync(certPath, "utf8"), key: readFileSync(keyPath, "utf8") };
  } catch (error) {
    return fail("E_MOCK_TLS", `TLS files: ${messageOf(error)}`, "check --tls-cert and --tls-key");
  }
}

/** Both clocks at one moment. `performance` tells wall-clock time to about a microsecond. */
function epochOf(now: Clock): Epoch {
  const monotonicNs = now();
  const originUs = Math.round(performance.timeOrigin * 1e3);
  return {
    monotonicNs,
    wallNs: BigInt(originUs) * 1000n + BigInt(Math.round(performance.now() * 1e6)),
  };
}
