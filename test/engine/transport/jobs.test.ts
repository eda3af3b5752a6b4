// Jobs followed to their end: for the exchange behind them they are one request.

import { expect, test } from "bun:test";
import { endpointRow, looseObject, targetOf } from "#endpoint";
import type { Exchange, ReplyHead } from "#engine";
import { jobTransport } from "../../../src/engine/transport/jobs.ts";
import type { Transport } from "../../../src/engine/transport/transport.ts";

type Answer = readonly [status: number, body: string];

/** A transport that answers at once, from a list, and remembers what it was asked. */
function answering(answers: readonly Answer[]) {
  const asked: string[] = [];
  const cancelled: Exchange[] = [];
  const inner: Transport = {
    counts: { opened: 0, reused: 0, broken: 0 },
    start(exchange) {
      const [status, body] = answers[asked.length] ?? [200, "{}"];
      asked.push(
        exchange.lookup === undefined ? `POST ${exchange.body.length}` : `GET ${exchange.lookup}`,
      );
      if (status === 0) return;
      exchange.connected(1, 0, false);
      exchange.sent(2);
      exchange.segment(3, body.length);
      const head: ReplyHead = {
        status,
        reason: "R",
        contentType: "application/json",
        contentEncoding: "",
      };
      exchange.head(head);
      const bytes = Buffer.from(body);
      exchange.span(bytes, 0, bytes.length);
      exchange.segmentEnd();
      exchange.ended(4 + asked.length);
    },
    cancel: (exchange) => void cancelled.push(exchange),
    warm: async () => {},
    close() {},
  };
  return { inner, asked, cancelled };
}

/** An exchange that writes down what it is told. */
function listening() {
  const told: string[] = [];
  const { promise: over, resolve } = Promise.withResolvers<void>();
  const exchange: Exchange = {
    target: targetOf("http://x", "/v1/videos"),
    requestId: "r",
    correlationId: "c",
    body: new Uint8Array(7),
    endsSession: true,
    connected: () => void told.push("connected"),
    sent: () => void told.push("sent"),
    segment: () => {},
    head: ({ status }) => void told.push(`head ${status}`),
    span: (bytes, start, end) => void told.push(bytes.toString("utf8", start, end)),
    segmentEnd: () => {},
    ended(nowNs) {
      told.push(`ended ${nowNs}`);
      resolve();
    },
    failed(_nowNs, { type }) {
      told.push(`failed ${type}`);
      resolve();
    },
  };
  return { exchange, told, over };
}

const job = { ...endpointRow("video-generation").job!, pauseNs: 1e6 };
const QUEUED: Answer = [200, '{"id":"v1","status":"queued"}'];
const DONE: Answer = [200, '{"id":"v1","status":"completed"}'];

async function follow(answers: readonly Answer[], downloads = false) {
  const { inner, asked } = answering(answers);
  const { exchange, told, over } = listening();
  jobTransport(inner, { job, downloads }).start(exchange);
  await over;
  return { asked, told };
}

test("a job is asked about until it is done, and its last answer is the reply", async () => {
  const { asked, told } = await follow([QUEUED, QUEUED, DONE]);
  expect(asked).toEqual(["POST 7", "GET /v1", "GET /v1"]);
  expect(told).toEqual(["connected", "sent", "head 200", DONE[1], "ended 7"]);
});

test("what was made is fetched where that is wanted, and its bytes are not the reply's", async () => {
  const { asked, told } = await follow([QUEUED, DONE, [200, "film"]], true);
  expect(asked).toEqual(["POST 7", "GET /v1", "GET /v1/content"]);
  expect(told).toEqual(["connected", "sent", "head 200", DONE[1], "ended 7"]);
  const failed = await follow([QUEUED, DONE, [404, ""]], true);
  expect(failed.told.at(-1)).toBe("failed DownloadFailed");
});

test.each([
  ["a refusal", [500, "no"]],
  ["a failure", [200, '{"id":"v1","status":"failed"}']],
  ["what is no job", [200, "words"]],
  ["a name that would lead elsewhere", [200, '{"id":"../x","status":"queued"}']],
] as [string, Answer][])("%s is the reply", async (_what, answer) => {
  const { asked, told } = await follow([answer]);
  expect(asked).toHaveLength(1);
  expect(told.slice(2)).toEqual([`head ${answer[0]}`, answer[1], "ended 5"]);
});

test("one that is given up is asked about no more", async () => {
  const { inner, asked, cancelled } = answering([QUEUED, [0, ""]]);
  const { exchange, told } = listening();
  const transport = jobTransport(inner, { job, downloads: false });
  transport.start(exchange);
  transport.cancel(exchange);
  await Bun.sleep(5);
  expect(asked).toHaveLength(1);
  expect(cancelled).toHaveLength(1);
  expect(told).toEqual(["connected", "sent"]);
});

test("the states of films", () => {
  const state = (json: object) => job.stateOf(looseObject(json)).kind;
  expect(state({ id: "v", status: "in_progress" })).toBe("pending");
  expect(state({ id: "v", status: "completed" })).toBe("done");
  expect(state({ id: "v", status: "failed" })).toBe("over");
  expect(state({ id: "v" })).toBe("over");
  expect(state({ id: "a/b", status: "queued" })).toBe("over");
});
