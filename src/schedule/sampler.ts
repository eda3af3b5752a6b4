// Which conversation a session replays.

/** Sequential sampling: the dataset in its order, from the start again when it runs out. */
export function conversationOf(session: number, conversations: number): number {
  return session % conversations;
}
