// From a plan to what is sent: sessions, their bodies packed for the workers, and the facts that
// the recorder needs of each.

import type { Plan } from "#config";
import { fail, type MediaFacts, type Pieces, pieceFiller, type Session, type Turn } from "#core";
import { type EndpointRow, encodeBody, endpointRow, type PastTurn } from "#endpoint";
import { type BodyStore, packBodies } from "#engine";
import type { SessionInputs } from "#export";
import type { EntryFacts } from "#records";
import { soundLengthS } from "./sound.ts";
import { type Templating, withTemplate } from "./templating.ts";

/** So much text is filled in before what became of it is collected. */
const COLLECT_BYTES = 64 * 2 ** 20;

export interface Prepared {
  readonly store: BodyStore;
  readonly entries: readonly EntryFacts[];
  /** Made one after the other, as they are asked for. */
  readonly inputs: Iterable<SessionInputs>;
}

/**
 * Renders what can be rendered before the run: every turn but those that repeat replies.
 * @param pieces what the marks in the sessions' texts stand for
 * @param row the endpoint as it was opened; the plain one when left out
 * @param templating how conversations are counted, where a template adds to their texts
 * @throws E_TURNS where the endpoint cannot carry on a conversation
 */
export function renderSessions(
  plan: Plan,
  sessions: readonly Session[],
  pieces?: Pieces,
  row: EndpointRow = endpointRow(plan.endpoint.kind),
  templating?: Templating,
): Prepared {
  const { files } = row;
  const isForm = plan.endpoint.contentType === "multipart/form-data";
  const rendered = sessions.map((session) => {
    const repeats = repeatsReplies(session);
    if (repeats && row.remember === undefined) {
      const what = `--endpoint-type ${row.kind} sends each request by itself, but ${session.id} has ${session.turns.length} turns`;
      fail("E_TURNS", what, "use --endpoint-type chat, or sessions of one turn");
    }
    const made = session.turns.map(
      (turn, index) =>
        turn.payload ??
        row.body({ plan: plan.endpoint, session, turn, history: givenHistory(session, index) }),
    );
    const encoded = made.map((body) =>
      isForm ? encodeBody(body, { files, isForm }) : JSON.stringify(body),
    );
    return { session, made, encoded, repeats };
  });
  const stored = rendered.map(({ session, encoded, repeats }) => ({
    session,
    bodies: encoded.map((body, turn) => (repeats && turn > 0 ? undefined : body)),
  }));
  return {
    store: packBodies(stored, pieces),
    entries: rendered.flatMap(({ session, repeats }) =>
      session.turns.map((turn, index) => {
        const facts = factsOf(session, turn, { index, repeats, isWhole: pieces === undefined });
        if (templating === undefined || pieces !== undefined) return facts;
        return withTemplate(facts, plan, session, turn, templating);
      }),
    ),
    inputs: inputsOf(rendered, pieces),
  };
}

/** Each session's bodies as they stand without what comes before a turn. */
function* inputsOf(
  rendered: readonly { readonly session: Session; readonly made: readonly unknown[] }[],
  pieces: Pieces | undefined,
): Generator<SessionInputs> {
  const fill = pieces === undefined ? undefined : pieceFiller(pieces);
  let filledBytes = 0;
  const whole = (body: unknown): unknown => {
    if (fill === undefined) return body;
    const filled = fill(Buffer.from(JSON.stringify(body)));
    filledBytes += filled.length;
    return JSON.parse(Buffer.from(filled).toString());
  };
  for (const { session, made } of rendered) {
    yield { id: session.id, payloads: made.map(whole) };
    if (filledBytes < COLLECT_BYTES) continue;
    // The collector takes shared memory for its own, and would wait for as much garbage.
    Bun.gc(true);
    filledBytes = 0;
  }
}

/** Whether later requests of the session carry the replies that really came. */
function repeatsReplies({ turns, context = "live-replies" }: Session): boolean {
  return turns.length > 1 && context === "live-replies";
}

/** The turns before one, where the data brought the replies to them. */
function givenHistory({ turns, context }: Session, index: number): readonly PastTurn[] {
  if (context !== "given-replies") return [];
  return turns.slice(0, index).map((turn) => ({ turn, reply: undefined }));
}

/** How many images the turn has, and how long its sound is; undefined without either. */
function mediaIn({ images = [], audios = [] }: Turn): MediaFacts | undefined {
  const count = images.reduce((sum, { contents }) => sum + contents.length, 0);
  const seconds = audios.flatMap(({ contents }) => contents).map(soundLengthS);
  if (count === 0 && seconds.length === 0) return undefined;
  const audioS = seconds.reduce((sum, length) => sum + length, 0);
  return {
    images: count === 0 ? undefined : count,
    audioS: audioS > 0 ? audioS : undefined,
  };
}

/** @param isWhole the texts are at hand, and no marks stand for some of them */
function factsOf(
  session: Session,
  turn: Turn,
  { index, repeats, isWhole }: { index: number; repeats: boolean; isWhole: boolean },
): EntryFacts {
  const lead = [session.systemText, session.userContextText].filter((text) => text !== undefined);
  const leadTokens = repeats && index > 0 ? 0 : (session.leadTokens ?? 0);
  const media = mediaIn(turn);
  const known = {
    conversationId: session.id,
    inputTokens: turn.inputTokens === undefined ? undefined : turn.inputTokens + leadTokens,
    requestedTokens: turn.maxTokens,
    ...(media === undefined ? {} : { media }),
  };
  // Texts are only counted together where more than one turn's own go into a request.
  if (!repeats && lead.length === 0) return known;
  const isText = turn.messages === undefined && turn.payload === undefined;
  const own = turn.texts.flatMap((group) => group.contents).filter((text) => text !== "");
  return { ...known, repeats, ...(isWhole && isText ? { texts: { lead, own } } : {}) };
}
