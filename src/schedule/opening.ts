// A session that is to begin: which conversation, from when, and how much of it.

export interface Opening {
  readonly conversation: number;
  /** After the phase's start. */
  readonly dueNs: number;
  /** Turns to send, from the first one. */
  readonly turns: number;
}

/** What a schedule needs to know of the conversations. */
export interface Conversations {
  readonly count: number;
  turnsOf(conversation: number): number;
  /** The time of a conversation's first turn after the schedule's zero; NaN without one. */
  firstNs(conversation: number): number;
}
