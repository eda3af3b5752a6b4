// What a recorder writes of each request while the run goes: a line of its figures, and where it was
// asked for the exchange as it was and the generated text. A file that can no longer be written is
// given up, and the run goes on without it.

import type { EndpointPlan } from "#config";
import {
  isSecretName,
  messageOf,
  REDACTED,
  type RequestRecord,
  redactJson,
  redactText,
} from "#core";
import { CORRELATION_ID, type HeaderRow, headerRows, REQUEST_ID } from "#endpoint";
import {
  type ByteText,
  type LineFile,
  type LineOptions,
  lineWriter,
  metadataMaker,
  openLineFile,
  outputMaker,
  type RawExchange,
  rawLine,
  traceMaker,
} from "#export";
import type { RecordValues } from "#metrics";
import type { Chunk, Kept, Said } from "#records";

/** The files that a run writes while it goes; undefined ones are not written. */
export interface RecordFiles {
  readonly lines: string | undefined;
  readonly raw: string | undefined;
  readonly outputs: string | undefined;
  /** What the socket saw of a request goes into its line. */
  readonly httpTrace: boolean;
}

/** Everything that is known of a request that has ended. */
export interface Ended {
  readonly record: RequestRecord;
  readonly values: RecordValues;
  readonly said: Said;
  readonly kept: Kept | undefined;
  readonly chunks: readonly Chunk[] | undefined;
}

export interface RecordWriters {
  /** True when the request's line was taken in. */
  write(ended: Ended): boolean;
  flush(): void;
  close(): void;
}

/** Opens the files; `onTrouble` is called once for each that fails. */
export function recordWriters(
  files: RecordFiles,
  options: LineOptions,
  endpoint: EndpointPlan,
  onTrouble: (message: string) => void,
): RecordWriters {
  const open = (path: string | undefined) => guardedFile(path, onTrouble);
  const lines = open(files.lines);
  const raw = open(files.raw);
  const outputs = open(files.outputs);
  const all = [lines, raw, outputs].filter((file) => file !== undefined);
  const writeLine = lineWriter(options);
  const makeTrace = files.httpTrace ? traceMaker(options) : undefined;
  const makeOutput = outputMaker(options.epoch);
  const metadataOf = metadataMaker(options);
  const headersOf = headersMaker(endpoint);

  return {
    write({ record, values, said, kept, chunks = [] }) {
      if (raw !== undefined && kept !== undefined) {
        const exchange = exchangeOf(headersOf(record), said, kept, endpoint);
        raw.write(rawLine(record, metadataOf(record), exchange));
      }
      if (outputs !== undefined && record.error === undefined && record.phase === "profiling")
        outputs.write(makeOutput(record, values, said.text));
      const room = lines?.open;
      if (room === undefined) return false;
      const trace = makeTrace?.(record, {
        headers: headersOf(record),
        reason: said.reason,
        responseHeaders: parsedHeaders(said.headers),
        chunks,
      });
      writeLine(room, record, values, trace);
      return lines?.end() ?? false;
    },
    flush() {
      for (const file of all) file.flush();
    },
    close() {
      for (const file of all) file.close();
    },
  };
}

interface GuardedFile {
  write(line: string): boolean;
  /** Where a line may be put; undefined once the file was given up. */
  readonly open: ByteText | undefined;
  end(): boolean;
  flush(): void;
  close(): void;
}

function guardedFile(
  path: string | undefined,
  onTrouble: (message: string) => void,
): GuardedFile | undefined {
  if (path === undefined) return undefined;
  let file: LineFile | undefined = openLineFile(path);
  const guarded = (act: (file: LineFile) => void): boolean => {
    if (file === undefined) return false;
    try {
      act(file);
      return true;
    } catch (error) {
      file = undefined;
      onTrouble(messageOf(error));
      return false;
    }
  };
  return {
    write: (line) => guarded((open) => open.write(line)),
    get open() {
      return file?.open;
    },
    end: () => guarded(end),
    flush: () => void guarded((open) => open.flush()),
    close: () => void guarded((open) => open.close()),
  };
}

const end = (file: LineFile): void => file.end();

type Headers = { readonly [name: string]: string };

/** Makes the headers of a request as they went out, without what is secret. */
function headersMaker(endpoint: EndpointPlan): (record: RequestRecord) => Headers {
  const rows = headerRows(endpoint).map(([name, value]): HeaderRow => {
    if (typeof value !== "string") return [name, value];
    return [name, isSecretName(name) ? REDACTED : redactText(value)];
  });
  return ({ requestId, correlationId }) =>
    Object.fromEntries(
      rows.map(([name, value]) => {
        if (value === REQUEST_ID) return [name, requestId];
        return [name, value === CORRELATION_ID ? correlationId : value];
      }),
    );
}

/** Lines of headers by their names, without what is secret; one that is repeated is a list. */
function parsedHeaders(lines: string): Headers {
  const headers: Record<string, string> = {};
  for (const line of lines.split("\n")) {
    const colon = line.indexOf(":");
    if (colon === -1) continue;
    const name = line.slice(0, colon).trim();
    const value = isSecretName(name) ? REDACTED : redactText(line.slice(colon + 1).trim());
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
  }
  return headers;
}

function exchangeOf(
  headers: Headers,
  { contentType }: Said,
  { body, responses }: Kept,
  endpoint: EndpointPlan,
): RawExchange {
  return {
    headers,
    responses: responses.map((response) => ({ ...response, contentType })),
    payload: body === undefined ? undefined : payloadOf(body, endpoint),
  };
}

/** The body as JSON, without what the user's extra inputs keep secret; a form is one text. */
function payloadOf(body: string, { extraInputs }: EndpointPlan): string {
  const isJson = /^[[{]/.test(body) && !body.includes("\n");
  if (!isJson) return JSON.stringify(redactText(body));
  const hasSecrets = Object.keys(extraInputs).some(isSecretName);
  return hasSecrets ? JSON.stringify(redactJson(JSON.parse(body))) : body;
}
