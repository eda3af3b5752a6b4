// What is sent, before it is put on the wire: a session is one conversation with the server, a
// turn one request of it.

/** Texts of one kind within a turn, such as the passages of a ranking request. */
export interface TextGroup {
  readonly name: string;
  readonly contents: readonly string[];
}

export interface Turn {
  readonly role: string;
  readonly texts: readonly TextGroup[];
  readonly model: string;
  /** Most tokens that the reply may have; undefined sends no limit. */
  readonly maxTokens: number | undefined;
  /** Tokens of this turn's own texts by the client's tokenizer; undefined when it counted none. */
  readonly inputTokens: number | undefined;
  /** Pause before this turn, after the reply to the turn before it. */
  readonly delayNs: number;
  /** When a schedule wants this turn, after the schedule's zero; undefined without a schedule. */
  readonly timestampNs: number | undefined;
}

export interface Session {
  readonly id: string;
  readonly systemText: string | undefined;
  readonly userContextText: string | undefined;
  readonly turns: readonly Turn[];
}
