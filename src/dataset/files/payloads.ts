// Whole request bodies, which are sent as they are.

import { readdirSync, statSync } from "node:fs";
import { basename, join, parse } from "node:path";
import { z } from "zod";
import { fail, type Json, type Session, type Turn } from "#core";
import { checkRow, JSON_OBJECT, MESSAGES, parseRow, readLines, unpacked } from "#trace";
import { type LoaderContext, plainSession } from "./context.ts";

type Payload = { readonly [key: string]: Json };

/** A whole body for a chat. */
export const PAYLOAD = z.intersection(z.looseObject({ messages: MESSAGES }), JSON_OBJECT);

/** A turn that is a body. */
export function payloadTurn(payload: Payload, context: LoaderContext): Turn {
  const limit = payload.max_completion_tokens ?? payload.max_tokens;
  return {
    role: "user",
    texts: [],
    model: typeof payload.model === "string" ? payload.model : context.nextModel(),
    maxTokens: typeof limit === "number" ? limit : undefined,
    inputTokens: undefined,
    delayNs: 0,
    timestampNs: undefined,
    payload,
  };
}

/** Lines of bodies: each a session, or for a folder the turns of one session a file. */
export async function loadPayloads(path: string, context: LoaderContext): Promise<Session[]> {
  if (!statSync(path).isDirectory()) {
    const turns = await payloadsOf(path, context);
    return turns.map((turn) => plainSession(context.nextName(), [turn], "none"));
  }
  const sessions: Session[] = [];
  for (const name of readdirSync(path).sort()) {
    const file = join(path, name);
    if (statSync(file).isDirectory()) continue;
    const turns = await payloadsOf(file, context);
    if (turns.length > 0) sessions.push(plainSession(parse(name).name, turns, "none"));
  }
  return sessions;
}

async function payloadsOf(path: string, context: LoaderContext): Promise<Turn[]> {
  const turns: Turn[] = [];
  for await (const lines of readLines(path)) {
    for (const line of lines)
      turns.push(payloadTurn(parseRow(PAYLOAD, line, basename(path)), context));
  }
  return turns;
}

const INPUTS = z.looseObject({
  data: z.array(
    z.looseObject({
      session_id: z.string().min(1),
      payloads: z.array(JSON_OBJECT).min(1, "expected at least one payload"),
    }),
  ),
});

/** The inputs.json that a run wrote, or one like it. */
export async function loadInputsJson(path: string, context: LoaderContext): Promise<Session[]> {
  const file = basename(path);
  let value: unknown;
  try {
    const chunks = await Array.fromAsync(unpacked(path));
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    fail("E_DATA_JSON", `${file} is not valid JSON`, "it is one object as inputs.json has it");
  }
  return checkRow(INPUTS, value, 1, file).data.map(({ session_id, payloads }) => {
    const turns = payloads.map((payload) => payloadTurn(payload, context));
    return plainSession(session_id, turns, "none");
  });
}
