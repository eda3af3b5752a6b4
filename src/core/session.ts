// What is sent, before it is put on the wire: a session is one conversation with the server, a
// turn one request of it.

/** A JSON value, as data files and extra inputs bring it. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** Contents of one kind within a turn: texts, or URLs of images, sounds and films. */
export interface ContentGroup {
  /** Such as `text`, `query`, `passages`, `image_url`. */
  readonly name: string;
  readonly contents: readonly string[];
  /** What a server that keeps images calls each; an empty content is one that it has already. */
  readonly uuids?: readonly (string | undefined)[] | undefined;
}

export interface Turn {
  readonly role: string;
  readonly texts: readonly ContentGroup[];
  /** `data:` or `http(s):` URLs. */
  readonly images?: readonly ContentGroup[];
  /** `wav,<base64>` or `mp3,<base64>`. */
  readonly audios?: readonly ContentGroup[];
  readonly videos?: readonly ContentGroup[];
  readonly model: string;
  /** Most tokens that the reply may have; undefined sends no limit. */
  readonly maxTokens: number | undefined;
  /** Tokens of this turn's own texts by the client's tokenizer; undefined when it counted none. */
  readonly inputTokens: number | undefined;
  /** Pause before this turn, after the reply to the turn before it. */
  readonly delayNs: number;
  /** When a schedule wants this turn, after the schedule's zero; undefined without a schedule. */
  readonly timestampNs: number | undefined;
  /** Messages as the data gave them; they stand for role, texts and media. */
  readonly messages?: readonly Json[];
  /** A whole request body as the data gave it; it is sent as it is. */
  readonly payload?: Json;
  readonly tools?: readonly Json[];
  /** Fields that this turn adds to its body. */
  readonly extra?: { readonly [key: string]: Json };
}

/**
 * What a request carries of the turns before it: the replies that really came, replies that the
 * data brought, or nothing because each turn is whole by itself.
 */
export type ContextMode = "live-replies" | "given-replies" | "none";

export interface Session {
  readonly id: string;
  readonly systemText: string | undefined;
  readonly userContextText: string | undefined;
  /** Tokens of these two, where they were counted; they are part of every turn's input. */
  readonly leadTokens?: number;
  /** Without it, `live-replies`. */
  readonly context?: ContextMode;
  readonly turns: readonly Turn[];
}
