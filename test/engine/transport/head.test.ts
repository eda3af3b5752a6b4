import { expect, test } from "bun:test";
import fc from "fast-check";
import { CORRELATION_ID, type HeaderRow, REQUEST_ID, targetOf } from "#endpoint";
import { HeadWriter, headTemplate } from "../../../src/engine/transport/head.ts";

const TARGET = targetOf("http://127.0.0.1:8000", "/v1/chat/completions");
const ROWS: readonly HeaderRow[] = [
  ["Content-Type", "application/json"],
  ["X-Request-ID", REQUEST_ID],
  ["X-Correlation-ID", CORRELATION_ID],
];

test("heads that are written one over the other are those of the template", () => {
  const name = fc.oneof(
    fc.constantFrom("", "same", "é", "x".repeat(3000)),
    fc.uuid(),
    fc.string({ unit: "grapheme", maxLength: 12 }),
  );
  const extra = fc.constantFrom<HeaderRow[]>([], [["X-City", "Zürich"]], [["Host", "there"]]);
  const heads = fc.array(fc.tuple(name, name, fc.oneof(fc.nat(), fc.nat(12))), { maxLength: 12 });
  fc.assert(
    fc.property(extra, heads, (more, all) => {
      const rows = [...ROWS, ...more];
      const template = headTemplate(TARGET, rows);
      const writer = new HeadWriter(TARGET, rows);
      for (const [requestId, correlationId, bodyBytes] of all) {
        const bytes = writer.write(requestId, correlationId, bodyBytes);
        expect(writer.bytes.toString("utf8", 0, bytes)).toBe(
          template(requestId, correlationId, bodyBytes),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("a head with nothing to fill in but its body's length", () => {
  const writer = new HeadWriter(TARGET, []);
  const bytes = writer.write("unused", "unused", 12);
  expect(writer.bytes.toString("utf8", 0, bytes)).toBe(
    "POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Length: 12\r\n\r\n",
  );
});
