// Tasks of transport.test.ts that need a process of their own: its environment, its many sockets,
// or its end. Prints one line of JSON and leaves without being told to.

import { fetchTransport, socketTransport, type Transport } from "#engine";
import { TestExchange } from "./exchange.ts";
import { wireBench } from "./framed.ts";
import { type Peer, TestServer, withLength } from "./server.ts";

const KINDS = { socket: socketTransport, fetch: fetchTransport, wire: wireBench } as const;
const [kind, task] = process.argv.slice(2) as [keyof typeof KINDS, string];
const transport: Transport = KINDS[kind]({
  now: () => Bun.nanoseconds(),
  headers: [],
  insecure: task === "leave",
  freshConnections: false,
});

/** One request answered, one never answered, one still connecting: then the transport closes. */
async function leave(): Promise<object> {
  const waiting: Peer[] = [];
  using server = new TestServer((peer, { connection }) => {
    if (connection === 0) peer.say(withLength("a"));
    else waiting.push(peer);
  });
  const first = new TestExchange(server.url());
  transport.start(first);
  await first.over;
  const second = new TestExchange(first.target);
  const third = new TestExchange(first.target);
  transport.start(second);
  transport.start(third);
  transport.start(new TestExchange(server.url().replace("http:", "https:")));
  while (waiting.length === 0) await Bun.sleep(1);
  transport.cancel(second);
  transport.close();
  return { answered: first.text === "a" ? 1 : 0 };
}

/** `count` requests, of which none is answered before all have come. */
async function many(count: number): Promise<object> {
  const peers: Peer[] = [];
  let atOnce = 0;
  using server = new TestServer((peer) => {
    atOnce = Math.max(atOnce, peers.push(peer));
    if (peers.length === count) for (const waiting of peers) waiting.say(withLength("a"));
  });
  const exchanges = Array.from({ length: count }, () => new TestExchange(server.url()));
  const target = exchanges[0]!.target;
  const all = [exchanges[0]!, ...exchanges.slice(1).map(() => new TestExchange(target))];
  for (const exchange of all) transport.start(exchange);
  await Promise.all(all.map((exchange) => exchange.over));
  transport.close();
  return { atOnce, answered: all.filter((exchange) => exchange.text === "a").length };
}

/** The certificate is trusted here, and it is localhost's. */
async function names(): Promise<object> {
  using server = new TestServer((peer) => peer.say(withLength("a")), { tls: true });
  const said: Record<string, string> = {};
  for (const host of ["localhost", "127.0.0.1"]) {
    const exchange = new TestExchange(server.url(host));
    transport.start(exchange);
    await exchange.over;
    said[host] = exchange.failure?.type ?? "answered";
  }
  transport.close();
  return said;
}

/** More requests than there are file descriptors; the limit is set by who starts this process. */
async function full(): Promise<object> {
  using server = new TestServer(() => {});
  const first = new TestExchange(server.url());
  const all = [first, ...Array.from({ length: 99 }, () => new TestExchange(first.target))];
  for (const exchange of all) transport.start(exchange);
  const one = await Promise.race(all.map((exchange) => exchange.over));
  transport.close();
  return { failure: one.failure?.type };
}

const TASKS: Record<string, () => Promise<object>> = { leave, names, full };
const run = TASKS[task] ?? (() => many(Number(task)));
console.log(JSON.stringify(await run()));
